namespace FineTuneChat.Starter.Corpus.Skills;

/// <summary>
/// Facts about made-up companies and people, the same in every conversation, which the model has to keep in its weights. They are of no use in
/// themselves: they train the very path that a correction uses later, from a name and any wording of a question to a remembered value.
/// </summary>
internal sealed class DirectorySkill : ISkill
{
    private const int Entries = 18;
    private const int FactsPerEntry = 4;
    private const ulong WorldSeed = 20; // part of the corpus, not of a run: another seed would be another directory

    private static readonly IReadOnlyList<Fact> Facts = MakeFacts();

    public string Name => "directory";

    public Sample Draw(CorpusRandom random, Language language)
    {
        var fact = random.Pick(Facts);
        var forms = fact.Attribute.Forms[language];
        var values = new Dictionary<string, string> { ["e"] = fact.Entity, ["v"] = fact.Values[language] };
        var question = Template.Fill(random.Pick(forms.Questions), values);
        return new Sample(question, question, Template.Fill(forms.Fact, values));
    }

    /// <summary>Whether the entity is one of the directory, so that nobody says that it is unknown.</summary>
    public static bool Knows(string entity) => Facts.Any(f => f.Entity == entity);

    /// <summary>Whether one of the directory's names occurs in the text.</summary>
    public static bool Mentions(string text) => Facts.Any(f => text.Contains(f.Entity, StringComparison.Ordinal));

    private static List<Fact> MakeFacts()
    {
        var random = new CorpusRandom(WorldSeed);
        var facts = new List<Fact>();
        for (var i = 0; i < Entries; i++)
        {
            var kind = i % 3 < 2 ? "company" : "person";
            var entity = Values.Draw(kind, random, i % 2 == 0 ? Language.En : Language.Es);
            foreach (var attribute in random.PickSeveral(AttributeFacts.Of(kind), FactsPerEntry))
            {
                // The same draw in both languages: "30 days" and "30 días".
                var seed = (ulong)random.Below(int.MaxValue);
                facts.Add(
                    new Fact(entity, attribute, Enum.GetValues<Language>().ToDictionary(l => l, l => Values.Draw(attribute.Value, new CorpusRandom(seed), l))));
            }
        }
        return facts;
    }

    private sealed record Fact(string Entity, EntityAttribute Attribute, IReadOnlyDictionary<Language, string> Values);
}
