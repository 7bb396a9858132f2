namespace FineTuneChat.Starter.Corpus.Skills;

/// <summary>A skill that its sheet describes completely.</summary>
internal sealed class SheetSkill(string name) : ISkill
{
    private readonly IReadOnlyList<SheetBlock> _blocks = Sheet.Read(name);

    public string Name => name;

    public IReadOnlyList<SheetBlock> Blocks => _blocks;

    public Sample Draw(CorpusRandom random, Language language)
    {
        var block = random.Pick(_blocks.Where(b => b.Language == language).Select(b => (b, b.Weight)).ToArray());
        var values = Bind(block.Bindings, random, language);
        var (question, mayBeHeldOut) = random.Pick(block.Questions);
        var user = Template.Fill(question, values);
        var key = !mayBeHeldOut ? null : block.Key is null ? user : $"{language.Code()} {Template.Fill(block.Key, values)}";
        return new Sample(key, user, Template.Fill(block.Answer, values));
    }

    /// <summary>All ways to ask one thing, in the sheet's order.</summary>
    public IReadOnlyList<string> DrawWordings(CorpusRandom random, Language language)
    {
        var block = random.Pick(_blocks.Where(b => b.Language == language).Select(b => (b, b.Weight)).ToArray());
        var values = Bind(block.Bindings, random, language);
        return [.. block.Questions.Select(q => Template.Fill(q.Text, values)).Distinct()];
    }

    private static Dictionary<string, string> Bind(IReadOnlyList<SheetBinding> bindings, CorpusRandom random, Language language)
    {
        var values = new Dictionary<string, string>();
        foreach (var binding in bindings)
        {
            switch (binding.Source)
            {
                case "row":
                    BindRow(binding, values, random);
                    break;
                case "pick":
                    values[binding.Slot] = random.Pick(binding.Arguments);
                    break;
                case "form":
                    values[binding.Slot] = Template.Fill(random.Pick(binding.Arguments), values);
                    break;
                case "number":
                    values[binding.Slot] = random.Between(int.Parse(binding.Arguments[0]), int.Parse(binding.Arguments[1])).ToString();
                    break;
                default:
                    values[binding.Slot] = Values.Draw(binding.Source, random, language);
                    break;
            }
        }
        return values;
    }

    // "row T": any row of T; "row T except s": one that differs from s in every column.
    private static void BindRow(SheetBinding binding, Dictionary<string, string> values, CorpusRandom random)
    {
        var table = Table.Get(binding.Arguments[0]);
        IReadOnlyDictionary<string, string> row;
        do row = random.Pick(table.Rows);
        while (binding.Arguments is [_, "except", var other] && row.Any(c => values[$"{other}.{c.Key}"] == c.Value));
        foreach (var (column, value) in row) values[$"{binding.Slot}.{column}"] = value;
    }
}
