using System.Text.Json.Nodes;

namespace FineTuneChat.Starter.Corpus.Skills;

/// <summary>A report that was written.</summary>
/// <param name="Text">Its sentences.</param>
/// <param name="Values">What it tells, by the field's name; null or an empty list where it tells nothing.</param>
/// <param name="Order">Names of the fields that it tells, as they come in the text.</param>
internal sealed record WrittenReport(string Text, IReadOnlyDictionary<string, JsonNode?> Values, IReadOnlyList<string> Order);

/// <summary>Fields of reports with their keys: the same for all reports of a conversation.</summary>
internal sealed class ReportForm
{
    private const double IsUntold = 0.06, HasNoise = 0.35, HasMore = 0.25;

    private readonly Language _language;
    private readonly (ReportField Field, string Key)[] _fields;
    private readonly (string What, string Number) _stopKeys;

    private ReportForm(Language language, (ReportField Field, string Key)[] fields, (string What, string Number) stopKeys, FormFormat format)
    {
        (_language, _fields, _stopKeys, Format) = (language, fields, stopKeys, format);
    }

    public FormFormat Format { get; }

    /// <summary>As a request lists them.</summary>
    public string Keys => string.Join(", ", _fields.Select(f => f.Field.Kind == "stops" ? $"{f.Key} [{_stopKeys.What}, {_stopKeys.Number}]" : f.Key));

    /// <summary>Any names, in one style; English ones in Spanish reports, too.</summary>
    public static ReportForm Draw(CorpusRandom random, Language language, IReadOnlyList<ReportField> fields)
    {
        var named = random.Chance(0.35) ? Language.En : language;
        var style = random.Pick(KeyStyle.All);
        (ReportField, string)[] keys =
        [
            .. fields.Select(f => (Field: f, Key: style.Of(random.Pick(f.Labels[named])))).DistinctBy(f => f.Key),
        ];
        var stops = (
            style.Of(random.Pick(["ticket", "id", "ticket id", "code", "number"])),
            style.Of(named == Language.En ? random.Pick(["hours", "delay hours", "delay"]) : random.Pick(["horas", "horas perdidas", "retraso"])));
        return new ReportForm(language, keys, stops, random.Chance(0.5) ? FormFormat.Json : FormFormat.CompactJson);
    }

    /// <summary>The usual name of each field.</summary>
    public static ReportForm Usual(Language language, IReadOnlyList<ReportField> fields)
    {
        var style = KeyStyle.All[0].Item;
        return new ReportForm(
            language, [.. fields.Select(f => (f, style.Of(f.Labels[language][0])))], ("ticket", language == Language.En ? "hours" : "horas"), FormFormat.Json);
    }

    /// <summary>Writes a report of these fields, now and then of one more; the project mostly comes first.</summary>
    public WrittenReport Report(CorpusRandom random)
    {
        var values = new Dictionary<string, JsonNode?>();
        var told = new List<(string? Field, string Sentence)>();
        foreach (var (field, _) in _fields)
        {
            var (value, sentences) = field.Draw(random, _language, _stopKeys);
            var isTold = sentences.Count > 0 && !random.Chance(IsUntold);
            values[field.Name] = isTold ? value : field.IsList ? new JsonArray() : null;
            if (isTold) told.AddRange(sentences.Select(s => ((string?)field.Name, s)));
        }
        if (random.Chance(HasMore) && random.Pick(ReportField.All) is var more && _fields.All(f => f.Field != more))
            told.AddRange(more.Draw(random, _language, _stopKeys).Told.Select(s => ((string?)null, s)));
        if (random.Chance(HasNoise)) told.Add((null, random.Pick(Table.Get("report_noise").Column(_language.Code()))));

        if (told.Count == 0) return Report(random);
        (string? Field, string Sentence)[] order = [.. random.PickSeveral(told, told.Count)];
        if (random.Chance(0.75)) order = [.. order.OrderBy(t => t.Field == "project" ? 0 : 1)];
        var text = string.Join(random.Chance(0.85) ? " " : "\n", order.Select(t => t.Sentence));
        return new WrittenReport(text, InOrder(values, order), [.. order.Select(t => t.Field).OfType<string>().Distinct()]);
    }

    /// <summary>All fields, as the form has them.</summary>
    public string Write(WrittenReport report) => Write(report, _fields);

    /// <summary>Those that are told, as the text has them.</summary>
    public string WriteTold(WrittenReport report) =>
        Write(report, report.Order.Select(name => _fields.First(f => f.Field.Name == name)));

    private string Write(WrittenReport report, IEnumerable<(ReportField Field, string Key)> fields) =>
        Format.Write(new JsonObject(fields.Select(f => KeyValuePair.Create(f.Key, report.Values[f.Field.Name]?.DeepClone()))));

    /// <summary>Lists of objects have them as the text has them.</summary>
    private Dictionary<string, JsonNode?> InOrder(Dictionary<string, JsonNode?> values, (string? Field, string Sentence)[] order)
    {
        foreach (var (field, _) in _fields.Where(f => f.Field.Kind == "stops"))
        {
            string[] sentences = [.. order.Where(t => t.Field == field.Name).Select(t => t.Sentence)];
            values[field.Name] = new JsonArray(
            [
                .. ((JsonArray)values[field.Name]!)
                    .OrderBy(stop => Array.FindIndex(sentences, s => s.Contains(stop![_stopKeys.What]!.GetValue<string>(), StringComparison.Ordinal)))
                    .Select(stop => stop!.DeepClone()),
            ]);
        }
        return values;
    }
}
