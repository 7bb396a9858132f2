namespace FineTuneChat.Starter.Corpus.Skills;

/// <summary>How one language asks for an attribute, states it and says that it is unknown.</summary>
/// <param name="Questions">Templates with <c>{e}</c>, the entity.</param>
/// <param name="Fact">With <c>{e}</c> and <c>{v}</c>, the value; also the answer when the value is known.</param>
/// <param name="Unknown">What is not known: "when {e} opens".</param>
internal sealed record AttributeForms(IReadOnlyList<string> Questions, string Fact, string Unknown);

/// <summary>Something that a company, a product or a person has.</summary>
/// <param name="Name">Unique.</param>
/// <param name="Entity">The kind of <see cref="Values"/> that has it.</param>
/// <param name="Value">The kind of its value.</param>
/// <param name="Forms">Its sentences.</param>
internal sealed record EntityAttribute(string Name, string Entity, string Value, IReadOnlyDictionary<Language, AttributeForms> Forms)
{
    /// <summary>Where the entity is the thing itself, such as "our wifi password": its noun. Otherwise null.</summary>
    public IReadOnlyDictionary<Language, string>? Noun { get; init; }
}

/// <summary>Reads the attributes; the skills about unknown, stated and memorised facts share them, so that they share their questions and answers.</summary>
internal static class AttributeFacts
{
    /// <summary>Attributes with sentences of their own, such as opening hours.</summary>
    public static IReadOnlyList<EntityAttribute> All { get; } = ReadAttributes();

    /// <summary>Attributes of companies and rooms that any noun can name, such as "the door code of".</summary>
    private static IReadOnlyList<EntityAttribute> Nouns { get; } = ReadNouns();

    /// <summary>What one has oneself: "our wifi password".</summary>
    private static IReadOnlyList<EntityAttribute> Own { get; } = ReadOwn();

    /// <summary>All of a kind of entity; rooms have those of companies.</summary>
    public static IReadOnlyList<EntityAttribute> Of(string entity) => entity switch
    {
        "own" => Own,
        "room" => Of("company"),
        _ => [.. All.Where(a => a.Entity == entity)],
    };

    /// <summary>One of a kind of entity; three in ten of a company's are only nouns.</summary>
    public static EntityAttribute Pick(string entity, CorpusRandom random) =>
        random.Pick(entity is "company" or "room" && random.Chance(0.3) ? Nouns : Of(entity));

    private static List<EntityAttribute> ReadAttributes()
    {
        var all = new List<EntityAttribute>();
        var lines = Resources.Lines("Tables/attributes.txt");
        for (var i = 0; i < lines.Count; i++)
        {
            if (lines[i][0] != '[') continue;
            var parts = lines[i].Trim('[', ']').Split(' ');
            all.Add(new EntityAttribute(parts[0], parts[1], parts[2], ReadForms(lines.Skip(i + 1).TakeWhile(l => l[0] != '['))));
        }
        return all;
    }

    private static List<EntityAttribute> ReadNouns()
    {
        var forms = ReadForms(Resources.Lines("Tables/noun_forms.txt"));
        return [.. Table.Get("nouns").Rows.Select(row => new EntityAttribute(
            row["en"], "company", row["kind"], forms.ToDictionary(f => f.Key, f => About(f.Value, row[f.Key.Code()]))))];

        static AttributeForms About(AttributeForms forms, string noun) =>
            new([.. forms.Questions.Select(q => q.Replace("{a}", noun))], forms.Fact.Replace("{a}", noun), forms.Unknown.Replace("{a}", noun));
    }

    private static List<EntityAttribute> ReadOwn()
    {
        var forms = ReadForms(Resources.Lines("Tables/own_forms.txt"));
        return [.. Table.Get("nouns").Rows.Select(row => new EntityAttribute(row["en"], "own", row["kind"], forms)
        {
            Noun = Enum.GetValues<Language>().ToDictionary(l => l, l => row[l.Code()]),
        })];
    }

    private static Dictionary<Language, AttributeForms> ReadForms(IEnumerable<string> lines)
    {
        var forms = new Dictionary<Language, AttributeForms>();
        var language = Language.En;
        foreach (var line in lines)
        {
            if (line is "en" or "es")
            {
                language = LanguageCodes.Parse(line);
                forms[language] = new AttributeForms([], "", "");
                continue;
            }
            var (current, rest) = (forms[language], line[1..].Trim());
            forms[language] = line[0] switch
            {
                '?' => current with { Questions = [.. current.Questions, rest] },
                '=' => current with { Fact = rest },
                '-' => current with { Unknown = rest },
                _ => throw new InvalidDataException($"\"{line}\" begins with none of [, ?, = and -."),
            };
        }
        return forms;
    }
}
