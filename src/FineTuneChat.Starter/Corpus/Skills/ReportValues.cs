namespace FineTuneChat.Starter.Corpus.Skills;

/// <summary>Values that only reports have; the others are those of <see cref="Values"/>.</summary>
internal static class ReportValues
{
    private static readonly string[] Legal = ["SA", "SL", "Ltd", "GmbH", "Inc."];

    public static string Draw(string kind, CorpusRandom random, Language language) => kind switch
    {
        "title" => Title(random, language),
        "company" => Values.Draw(kind, random, language) + (random.Chance(0.15) ? $" {random.Pick(Legal)}" : ""),
        "light" => Cased(random.Pick(Table.Get("report_lights").Column(language.Code())), random),
        "level" => random.Pick(Table.Get("report_levels").Column(language.Code())),
        "amount" => $"{(random.Chance(0.7) ? random.Between(1, 120) * 100 : random.Below(20_000))}",
        "count" => $"{random.Between(1, 100)}",
        "item" => Values.Draw("product", random, language),
        "version" => $"{random.Below(10)}.{random.Below(13)}{(random.Chance(0.3) ? $".{random.Below(10)}" : "")}",
        "work" => Work(random, language),
        _ => Values.Draw(kind, random, language),
    };

    private static string Title(CorpusRandom random, Language language) => random.Below(10) switch
    {
        < 5 => MadeUp.Name(random),
        < 8 => Template.Capitalised(Lexicon.Words(random.Between(1, 2), random, language)),
        8 => $"{MadeUp.Name(random)} {random.Between(2, 99)}",
        _ => $"{MadeUp.Name(random)} {MadeUp.Name(random)}",
    };

    private static string Work(CorpusRandom random, Language language)
    {
        if (random.Chance(0.15)) return Lexicon.Words(random.Between(1, 4), random, language);
        var thing = random.Chance(0.2) ? Lexicon.Words(1, random, language) : random.Pick(Table.Get("report_things").Column(language.Code()));
        var work = random.Pick(Table.Get("report_works").Column(language.Code())).Replace("*", thing);
        return random.Chance(0.1) ? $"{work} {MadeUp.Name(random)}" : work;
    }

    private static string Cased(string text, CorpusRandom random) => random.Chance(0.6) ? Template.Capitalised(text) : text;
}
