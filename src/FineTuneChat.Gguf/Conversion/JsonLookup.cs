using System.Text.Json;

namespace FineTuneChat.Gguf.Conversion;

/// <summary>Entries of JSON that may be missing, null, or of another kind.</summary>
internal static class JsonLookup
{
    /// <summary>An entry; null when it is missing or null.</summary>
    public static JsonElement? Find(this JsonElement json, string key) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(key, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value : null;

    public static string? Text(this JsonElement json, string key) => json.Find(key) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;

    public static bool? Flag(this JsonElement json, string key) =>
        json.Find(key) is { ValueKind: JsonValueKind.True or JsonValueKind.False } flag ? flag.GetBoolean() : null;

    public static int? Integer(this JsonElement json, string key) =>
        json.Find(key) is { ValueKind: JsonValueKind.Number } number && number.TryGetInt32(out int value) ? value : null;

    public static double? Number(this JsonElement json, string key) =>
        json.Find(key) is { ValueKind: JsonValueKind.Number } number && number.TryGetDouble(out double value) && double.IsFinite(value) ? value : null;

    public static IEnumerable<JsonElement> List(this JsonElement json, string key) =>
        json.Find(key) is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray() : [];
}
