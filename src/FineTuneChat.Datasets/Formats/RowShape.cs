namespace FineTuneChat.Datasets.Formats;

/// <summary>Which of a row's keys are what: pure, from their names alone.</summary>
internal sealed class RowShape
{
    // Names that belong together: where both are there, others that mean the same are something else (a rendered prompt, a second opinion).
    private static readonly (string Prompt, string Reply)[] Pairs =
    [
        ("instruction", "output"), ("instruction", "response"), ("prompt", "completion"), ("prompt", "response"), ("question", "answer"), ("user", "assistant"),
    ];

    private readonly Dictionary<Field, string> _columns = [];

    private RowShape(IReadOnlyList<string> names) => Names = names;

    public IReadOnlyList<string> Names { get; }

    /// <summary>Whether an example can be made of it.</summary>
    public bool IsSure => Has(Field.Messages) || (Has(Field.Chosen) && Has(Field.Rejected)) || (Has(Field.Prompt) && Has(Field.Reply));

    /// <summary>Fields whose column was found by elimination, not by its name.</summary>
    public IReadOnlyList<Field> Guessed { get; private set; } = [];

    /// <summary>Names of which nothing is made.</summary>
    public IReadOnlyList<string> Unused { get; private set; } = [];

    public bool Has(Field field) => _columns.ContainsKey(field);

    /// <summary>The key that holds a field; null where none does.</summary>
    public string? this[Field field] => _columns.GetValueOrDefault(field);

    public Field? UseOf(string name) => _columns.Where(c => c.Value == name).Select(c => (Field?)c.Key).FirstOrDefault();

    /// <exception cref="RowException">The map names a column that is not there.</exception>
    public static RowShape Of(IReadOnlyList<string> names, ColumnMap? map)
    {
        var shape = new RowShape(names);
        if (map is null)
            shape.Find();
        else
            shape.Take(map);
        HashSet<string> used = [.. shape.Used().Select(field => shape[field]).OfType<string>()];
        shape.Unused = [.. names.Where(name => !used.Contains(name))];
        return shape;
    }

    /// <summary>What it may be, where it is not sure.</summary>
    public (string? Prompt, string? Reply) Suggestion()
    {
        string[] free = [.. Names.Where(n => UseOf(n) is null)];
        string? prompt = this[Field.Prompt] ?? Array.Find(free, n => FieldNames.Of(n) == Field.Prompt) ?? Array.Find(free, FieldNames.MayBePrompt)
            ?? free.FirstOrDefault();
        free = [.. free.Where(n => n != prompt)];
        string? reply = this[Field.Reply] ?? Array.Find(free, n => FieldNames.Of(n) == Field.Reply) ?? Array.Find(free, FieldNames.MayBeReply)
            ?? free.LastOrDefault();
        return (prompt, reply);
    }

    /// <summary>Why it is not sure.</summary>
    public RowException Problem()
    {
        (string? prompt, string? reply) = Suggestion();
        if (Has(Field.Prompt) && reply is null)
            return new RowException($"\"{this[Field.Prompt]}\" has no reply beside it (completion, response, output, answer)");
        if (Has(Field.Reply) && prompt is null)
            return new RowException($"\"{this[Field.Reply]}\" has no question beside it (prompt, instruction, question)");
        return new UnclearColumnsException(this);
    }

    private IEnumerable<Field> Used() =>
        Has(Field.Chosen) && Has(Field.Rejected)
            ? [Field.System, Field.Prompt, Field.Input, Field.History, Field.Messages, Field.Tools, Field.Chosen, Field.Rejected] :
        Has(Field.Messages) && Has(Field.Label) ? [Field.System, Field.Messages, Field.Tools, Field.Reply] :
        Has(Field.Messages) ? [Field.System, Field.Messages, Field.Tools] :
        [Field.System, Field.Prompt, Field.Input, Field.History, Field.Tools, Field.Reply];

    private void Take(ColumnMap map)
    {
        foreach ((Field field, string column) in map.Columns)
            _columns[field] = Names.FirstOrDefault(n => n == column) ?? Names.FirstOrDefault(n => FieldNames.Normalise(n) == FieldNames.Normalise(column))
                ?? throw new RowException($"there is no column \"{column}\" ({ColumnMap.NameOf(field)} in the map); the columns are {Quoted(Names)}");
    }

    private void Find()
    {
        // 1. Names that are sure. Where two mean the same, the first wins if it belongs to a known pair or the field is a list.
        ILookup<Field, string> sure = Names.Where(n => FieldNames.Of(n) is not null).ToLookup(n => FieldNames.Of(n)!.Value);
        (string? prompt, string? reply) = KnownPair();
        foreach (IGrouping<Field, string> candidates in sure)
        {
            string? known = candidates.Key switch { Field.Prompt => prompt, Field.Reply => reply, _ => null };
            if (known is not null)
                _columns[candidates.Key] = known;
            else if (candidates.Count() == 1 || candidates.Key is not (Field.Prompt or Field.Reply or Field.Input))
                _columns[candidates.Key] = candidates.First();
        }
        if (!sure.Contains(Field.Prompt) && _columns.Remove(Field.Input, out string? input))
            _columns[Field.Prompt] = input;
        if (Names.FirstOrDefault(n => FieldNames.Normalise(n) == "label") is { } label && Has(Field.Reply) && (Has(Field.Prompt) || Has(Field.Messages)))
            _columns[Field.Label] = label;

        // 2. One that is missing, where a single name may be it.
        if (Has(Field.Messages) || Has(Field.Chosen) || Has(Field.Prompt) == Has(Field.Reply))
            return;
        Field missing = Has(Field.Prompt) ? Field.Reply : Field.Prompt;
        Func<string, bool> mayBe = missing == Field.Reply ? FieldNames.MayBeReply : FieldNames.MayBePrompt;
        if (!sure.Contains(missing) && Names.Where(n => UseOf(n) is null && mayBe(n)).ToArray() is [var only])
        {
            _columns[missing] = only;
            Guessed = [missing];
        }
    }

    private (string? Prompt, string? Reply) KnownPair()
    {
        foreach ((string prompt, string reply) in Pairs)
            if (Named(prompt) is { } first && Named(reply) is { } second)
                return (first, second);
        return default;

        string? Named(string name) => Names.FirstOrDefault(n => FieldNames.Normalise(n) == name);
    }

    public static string Quoted(IEnumerable<string> names)
    {
        string[] all = [.. names];
        string shown = string.Join(", ", all.Take(20).Select(n => $"\"{(n.Length <= 60 ? n : n[..60] + "…")}\""));
        return all.Length == 0 ? "none" : all.Length <= 20 ? shown : $"{shown} and {all.Length - 20} more";
    }
}
