using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace FineTuneChat.Starter.Corpus.Skills;

/// <summary>A way to write a form.</summary>
/// <param name="English">Its name in a request.</param>
/// <param name="Spanish">The same.</param>
/// <param name="IsNested">Whether lists have a place in it.</param>
/// <param name="Write">Writes it.</param>
internal sealed record FormFormat(string English, string Spanish, bool IsNested, Func<JsonObject, string> Write)
{
    private static readonly JsonSerializerOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>With blanks after colons and commas.</summary>
    public static FormFormat Json { get; } = new("JSON", "JSON", true, Spaced);

    /// <summary>Without blanks.</summary>
    public static FormFormat CompactJson { get; } = new("compact JSON", "JSON compacto", true, document => document.ToJsonString(Relaxed));

    public static IReadOnlyList<(FormFormat Item, double Weight)> All { get; } =
    [
        (Json, 0.66),
        (CompactJson, 0.08),
        (new FormFormat("YAML", "YAML", false, document => Lines(document, pair => $"{pair.Key}: {Plain(pair.Value)}")), 0.07),
        (new FormFormat("CSV", "CSV", false, Csv), 0.06),
        (new FormFormat("XML", "XML", false, document => Lines(document, pair => $"<{pair.Key}>{Plain(pair.Value)}</{pair.Key}>")), 0.06),
        (new FormFormat("a Markdown table", "una tabla Markdown", false, Markdown), 0.07),
    ];

    public string Name(Language language) => language == Language.En ? English : Spanish;

    /// <summary>A blank after colons and commas, as most programs write it.</summary>
    private static string Spaced(JsonNode? node) => node switch
    {
        JsonObject o => $"{{{string.Join(", ", o.Select(pair => $"{JsonSerializer.Serialize(pair.Key, Relaxed)}: {Spaced(pair.Value)}"))}}}",
        JsonArray a => $"[{string.Join(", ", a.Select(Spaced))}]",
        null => "null",
        _ => node.ToJsonString(Relaxed),
    };

    private static string Lines(JsonObject document, Func<KeyValuePair<string, JsonNode?>, string> line) => string.Join('\n', document.Select(line));

    private static string Csv(JsonObject document) =>
        $"{string.Join(',', document.Select(pair => pair.Key))}\n{string.Join(',', document.Select(pair => Plain(pair.Value)))}";

    private static string Markdown(JsonObject document) =>
        $"| {string.Join(" | ", document.Select(pair => pair.Key))} |\n|{string.Concat(Enumerable.Repeat("---|", document.Count))}\n"
        + $"| {string.Join(" | ", document.Select(pair => Plain(pair.Value)))} |";

    private static string Plain(JsonNode? value) => value is JsonValue v && v.TryGetValue(out string? text) ? text : value?.ToJsonString(Relaxed) ?? "";
}
