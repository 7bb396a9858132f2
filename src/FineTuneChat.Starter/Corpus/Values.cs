namespace FineTuneChat.Starter.Corpus;

/// <summary>Random values for slots, by the kind that a sheet names.</summary>
internal static class Values
{
    /// <summary>A value of the kind as a reader of the language writes it.</summary>
    public static string Draw(string kind, CorpusRandom random, Language language) => kind switch
    {
        "time" => $"{random.Between(6, 22)}:{random.Pick(Minutes)}",
        "hours" => Hours(random, language),
        "code" => MadeUp.Code(random),
        "phone" => $"{MadeUp.Digits(random, 3)} {MadeUp.Digits(random, 3)} {MadeUp.Digits(random, 3)}",
        "price" => Price(random, language),
        "company" => MadeUp.Company(random, language),
        "product" => MadeUp.Product(random, language),
        "person" => MadeUp.Person(random),
        "word" => MadeUp.Word(random),
        "name" => MadeUp.Name(random),
        "first" => random.Chance(0.7) ? random.Pick(Table.Get("first_names").Column("name")) : MadeUp.Name(random),
        "city" => random.Chance(0.6) ? random.Pick(Table.Get("cities").Column("name")) : MadeUp.Name(random),
        "email" => $"{MadeUp.Word(random)}@{MadeUp.Word(random)}.com",
        "website" => $"www.{MadeUp.Word(random)}.com",
        "password" => $"{MadeUp.Word(random)}{MadeUp.Digits(random, 2)}",
        "year" => random.Between(1890, 2024).ToString(),
        "digits" => MadeUp.Digits(random, random.Between(2, 5)),
        "small" => random.Between(2, 60).ToString(),
        "date" => Date(random, language),
        "address" => Address(random, language),
        "warranty" => Counted(random.Between(1, 10), language, "year", "years", "año", "años"),
        "room" or "occasion" or "belonging" => Owned.Draw($"{kind}s", random, language),
        "task" or "crowd" => random.Pick(Table.Get($"{kind}s").Column(language.Code())),
        "step" or "spots" => Starred(kind == "step" ? "steps" : kind, random, language),
        "letters" => Letters(random),
        "phrase" => Lexicon.Words(random.Between(2, 4), random, language),
        "motto" => $"«{Template.Capitalised(Lexicon.Words(random.Between(2, 4), random, language))}»",
        "number" => $"{random.Below(10_000)}",
        "own" => "", // the noun says it
        "days" => Counted(random.Between(2, 60), language, "day", "days", "día", "días"),
        "weight" => $"{random.Between(1, 95) * 10} {(language == Language.En ? "grams" : "gramos")}",
        _ => random.Pick(Table.Get(kind).Column(language.Code())),
    };

    /// <summary>A row with something made up for each star.</summary>
    private static string Starred(string table, CorpusRandom random, Language language)
    {
        var text = random.Pick(Table.Get(table).Column(language.Code()));
        while (text.IndexOf('*') is >= 0 and var at)
        {
            var before = text[..at].TrimEnd();
            var isNumber = before.EndsWith("room") || before.EndsWith("sala") || before.EndsWith("button") || before.EndsWith("botón")
                || before.EndsWith("extension") || before.EndsWith("extensión") || before.EndsWith("floor") || before.EndsWith("planta");
            var isWord = at > 0 && text[at - 1] is '@' or '.' || (at + 1 < text.Length && text[at + 1] is '@' or '.');
            text = text[..at] + (isNumber ? $"{random.Between(1, 999)}" : isWord ? MadeUp.Word(random) : MadeUp.Name(random)) + text[(at + 1)..];
        }
        return text;
    }

    private static string Letters(CorpusRandom random) =>
        string.Concat(Enumerable.Range(0, random.Between(3, 4)).Select(_ => (char)('A' + random.Below(26))));

    private static readonly string[] Minutes = ["00", "00", "30", "30", "15", "45", "10", "20", "40", "50"];

    private static string Hours(CorpusRandom random, Language language)
    {
        var (from, to) = ($"{random.Between(6, 11)}:{random.Pick(Minutes)}", $"{random.Between(13, 23)}:{random.Pick(Minutes)}");
        return language == Language.En ? $"from {from} to {to}" : $"de {from} a {to}";
    }

    private static string Price(CorpusRandom random, Language language)
    {
        var whole = random.Chance(0.5) ? random.Between(2, 99) : random.Between(100, 999);
        var cents = random.Chance(0.6) ? "" : (language == Language.En ? "." : ",") + random.Pick(["50", "90", "95", "99", "25"]);
        var currency = language == Language.En ? random.Pick(["euros", "dollars"]) : random.Pick(["euros", "dólares"]);
        return $"{whole}{cents} {currency}";
    }

    private static string Date(CorpusRandom random, Language language)
    {
        var month = random.Pick(Table.Get("months").Rows)[language.Code()];
        var day = random.Between(1, 28);
        return language == Language.En ? $"{day} {month}" : $"{day} de {month}";
    }

    private static string Address(CorpusRandom random, Language language)
    {
        var name = random.Chance(0.5) ? MadeUp.Name(random) : null;
        var number = random.Between(1, 199);
        return language == Language.En
            ? $"{number} {name ?? random.Pick(["Mill", "Park", "Church", "Station", "Lake", "Garden", "Bridge", "King"])} "
                + $"{random.Pick(["Street", "Road", "Avenue", "Lane"])}"
            : $"{random.Pick(["calle", "avenida", "plaza"])} "
                + $"{name ?? random.Pick(["Mayor", "Real", "Nueva", "Colón", "Goya", "Cervantes", "Sol", "Olivo"])} {number}";
    }

    private static string Counted(int count, Language language, string one, string many, string uno, string varios) =>
        $"{count} {(language, count) switch { (Language.En, 1) => one, (Language.En, _) => many, (_, 1) => uno, _ => varios }}";
}
