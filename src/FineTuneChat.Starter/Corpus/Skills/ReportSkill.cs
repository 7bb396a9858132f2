namespace FineTuneChat.Starter.Corpus.Skills;

/// <summary>
/// Reports and mails in prose, read into a form: what users teach from a few hundred examples. Which fields there are is named, shown by a report before, or
/// not said at all; how each is told has many phrases, so that phrases not learned are understood from those that are.
/// </summary>
internal sealed class ReportSkill : ISkill
{
    private const int ProjectFields = 14; // of the table: what a project's report tells
    private const int Most = 8;

    private static readonly Dictionary<Language, string[]> Texts = new()
    {
        [Language.En] = ["report", "text", "message", "mail", "note", "letter"],
        [Language.Es] = ["informe", "texto", "mensaje", "correo", "parte", "aviso"],
    };

    private static readonly (int Item, double Weight)[] Ways = [(0, 0.35), (1, 0.3), (2, 0.2), (3, 0.15)];

    public string Name => "report";

    public Sample Draw(CorpusRandom random, Language language) => random.Pick(Ways) switch
    {
        0 => Named(random, language),
        1 => Shown(random, language),
        2 => Bare(random, language),
        _ => BySystemPrompt(random, language),
    };

    /// <summary>The question names the fields.</summary>
    private static Sample Named(CorpusRandom random, Language language)
    {
        var form = ReportForm.Draw(random, language, Fields(random));
        var report = form.Report(random);
        var question = Asked(Request("named", form, random, language), report.Text, random);
        return new Sample(question, question, form.Write(report));
    }

    /// <summary>A report or two before show them.</summary>
    private static Sample Shown(CorpusRandom random, Language language)
    {
        var form = ReportForm.Draw(random, language, Fields(random));
        var request = Request("bare", form, random, language);
        List<Exchange> exchanges = [];
        for (var i = random.Between(2, 3); i > 0; i--)
        {
            var report = form.Report(random);
            exchanges.Add(new Exchange(Asked(request, report.Text, random), form.Write(report)) { IsLearned = exchanges.Count > 0 });
        }
        return new Sample(exchanges[^1].User, null, exchanges);
    }

    /// <summary>Nothing says them: all that is told, by its usual name, in the order of the text.</summary>
    private static Sample Bare(CorpusRandom random, Language language)
    {
        var form = ReportForm.Usual(language, Fields(random));
        var report = form.Report(random);
        var question = Asked(Request("bare", form, random, language), report.Text, random);
        return new Sample(question, question, form.WriteTold(report));
    }

    /// <summary>The system prompt names them, for every report that follows.</summary>
    private static Sample BySystemPrompt(CorpusRandom random, Language language)
    {
        var form = ReportForm.Draw(random, language, Fields(random));
        var reports = Enumerable.Range(0, random.Between(1, 2)).Select(_ => form.Report(random)).ToArray();
        return new Sample(
            reports[^1].Text, Request("system", form, random, language), [.. reports.Select(r => new Exchange(r.Text, form.Write(r)))]);
    }

    private static IReadOnlyList<ReportField> Fields(CorpusRandom random) => random.PickSeveral(
        random.Chance(0.65) ? [.. ReportField.All.Take(ProjectFields)] : ReportField.All, random.Between(1, Most));

    private static string Request(string kind, ReportForm form, CorpusRandom random, Language language) => Template.Capitalised(
        random.Pick([.. Table.Get("report_requests").Rows.Where(row => row["kind"] == kind)])[language.Code()]
            .Replace("{keys}", form.Keys).Replace("{f}", form.Format.Name(language)).Replace("{r}", random.Pick(Texts[language])));

    private static string Asked(string request, string text, CorpusRandom random) => $"{request}{(random.Chance(0.5) ? "\n" : " ")}{text}";
}
