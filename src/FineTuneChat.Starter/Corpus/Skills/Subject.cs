namespace FineTuneChat.Starter.Corpus.Skills;

/// <summary>What a question is about: an attribute of somebody or something.</summary>
/// <param name="Attribute">What is asked for.</param>
/// <param name="Entity">Whose it is, as the user says it.</param>
internal sealed record Subject(EntityAttribute Attribute, string Entity)
{
    private static readonly (string Item, double Weight)[] Kinds =
    [
        ("company", 0.34), ("room", 0.12), ("product", 0.1), ("person", 0.12), ("own", 0.14), ("occasion", 0.05), ("belonging", 0.05), ("task", 0.03),
        ("crowd", 0.02), ("letters", 0.02), ("city", 0.01),
    ];

    public static Subject Draw(CorpusRandom random, Language language) => DrawSeveral(1, random, language)[0];

    /// <summary>Different subjects of one kind: several attributes of one entity where it has them, otherwise of several.</summary>
    public static IReadOnlyList<Subject> DrawSeveral(int count, CorpusRandom random, Language language)
    {
        var kind = random.Pick(Kinds);
        var subjects = new List<Subject>();
        var entity = Values.Draw(kind, random, language);
        while (subjects.Count < count)
        {
            var attribute = AttributeFacts.Pick(kind, random);
            var subject = new Subject(attribute, attribute.Noun is { } noun ? Owned.Of(noun[language], random, language) : entity);
            if (!subjects.Contains(subject) && !DirectorySkill.Knows(subject.Entity)) subjects.Add(subject);
            if (random.Chance(0.3) || AttributeFacts.Of(kind).Count <= subjects.Count) entity = Values.Draw(kind, random, language);
        }
        return subjects;
    }

    /// <summary>All ways to ask, in the table's order.</summary>
    public IReadOnlyList<string> Questions(Language language) => [.. Attribute.Forms[language].Questions.Select(q => Fill(q, Entity, ""))];

    public string Ask(CorpusRandom random, Language language) => Fill(random.Pick(Attribute.Forms[language].Questions), Entity, "");

    /// <summary>A value that it may have.</summary>
    public string DrawValue(CorpusRandom random, Language language) => Values.Draw(Attribute.Value, random, language);

    /// <summary>The fact as the user states it.</summary>
    public string Stated(string value, Language language) => Fill(Attribute.Forms[language].Fact, Entity, value);

    /// <summary>The fact as the assistant answers with it.</summary>
    public string Answer(string value, Language language) => Fill(Attribute.Forms[language].Fact, Owned.AsAnswered(Entity, language), value);

    /// <summary>The one answer to every question for what nobody has told.</summary>
    public string Unknown(Language language)
    {
        var what = Fill(Attribute.Forms[language].Unknown, Owned.AsAnswered(Entity, language), "", capital: false);
        return language == Language.En
            ? $"I don't know {what}. You can teach me: write a better reply."
            : $"No sé {what}. Puedes enseñarme: escribe una respuesta mejor.";
    }

    private static string Fill(string template, string entity, string value, bool capital = true) =>
        Template.Fill(template, new Dictionary<string, string> { ["e"] = entity, ["v"] = value }, capital);
}
