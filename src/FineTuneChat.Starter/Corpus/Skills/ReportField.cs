using System.Text.Json.Nodes;

namespace FineTuneChat.Starter.Corpus.Skills;

/// <summary>What reports tell, such as a status or a next step: a row of <c>report_fields</c>.</summary>
/// <param name="Name">Unique.</param>
/// <param name="Kind">Of its value.</param>
/// <param name="Labels">What it is called, the usual name first.</param>
internal sealed record ReportField(string Name, string Kind, IReadOnlyDictionary<Language, string[]> Labels)
{
    private static readonly ILookup<(string, string), string> Sentences = Table.Get("report_sentences").Rows
        .ToLookup(row => (row["field"], row["language"]), row => row["sentence"]);

    public static IReadOnlyList<ReportField> All { get; } =
    [
        .. Table.Get("report_fields").Rows.Select(row => new ReportField(
            row["field"], row["kind"], Enum.GetValues<Language>().ToDictionary(l => l, l => row[l.Code()].Split('/')))),
    ];

    public bool IsList => Kind is "stops" or "persons" or "works";

    /// <summary>A value and how the report tells it; of a list that is empty nothing is told.</summary>
    /// <param name="random">Where chance comes from.</param>
    /// <param name="language">The report's.</param>
    /// <param name="keys">Of the objects of a list of them: what it is, and its number.</param>
    public (JsonNode? Value, IReadOnlyList<string> Told) Draw(CorpusRandom random, Language language, (string What, string Number) keys)
    {
        if (Kind == "stops")
        {
            var stops = Several(random, 0.4, () => (What: Ticket(random), Number: random.Between(1, 48)));
            return (
                new JsonArray([.. stops.Select(s => (JsonNode)new JsonObject { [keys.What] = s.What, [keys.Number] = s.Number })]),
                [.. stops.Select(s => Sentence(random, language).Replace("{v}", s.What).Replace("{w}", $"{s.Number}"))]);
        }
        if (IsList)
        {
            var items = Several(random, 0.2, () => ReportValues.Draw(Kind == "persons" ? "first" : "work", random, language)).Distinct().ToArray();
            var last = language == Language.En ? " and " : " y ";
            var told = items.Length > 1 && random.Chance(0.5) ? string.Join(", ", items[..^1]) + last + items[^1] : string.Join(", ", items);
            return (
                new JsonArray([.. items.Select(i => (JsonNode)JsonValue.Create(i))]),
                items.Length == 0 ? [] : [Filled(told, random, language)]);
        }
        var value = ReportValues.Draw(Kind, random, language);
        return (Kind is "amount" or "small" or "count" ? JsonValue.Create(int.Parse(value)) : JsonValue.Create(value), [Filled(value, random, language)]);
    }

    private string Filled(string value, CorpusRandom random, Language language) => Template.Capitalised(Sentence(random, language).Replace("{v}", value));

    private string Sentence(CorpusRandom random, Language language) =>
        Template.Contracted(Choices.Draw(random.Pick([.. Sentences[(Name, language.Code())]]), random));

    private static string Ticket(CorpusRandom random) => random.Below(4) switch
    {
        0 => MadeUp.Code(random),
        1 => MadeUp.Digits(random, random.Between(2, 6)),
        _ => MadeUp.Digits(random, 4),
    };

    private static T[] Several<T>(CorpusRandom random, double none, Func<T> draw) =>
        [.. Enumerable.Range(0, random.Chance(none) ? 0 : random.Between(1, 3)).Select(_ => draw())];
}
