using System.Text.Encodings.Web;
using System.Text.Json;
using FineTuneChat.Datasets.Reports;

namespace FineTuneChat.Datasets.Formats;

/// <summary>Reads fields of a row; what is missing or of another type is told with its place.</summary>
internal static class RowFields
{
    private static readonly JsonSerializerOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string KindOf(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "an array",
        JsonValueKind.String => "a text",
        JsonValueKind.Number => "a number",
        JsonValueKind.Null => "null",
        _ => "true or false",
    };

    /// <summary>A text that must be there.</summary>
    public static string Text(this JsonElement row, string key, string place = "") =>
        row.OptionalText(key, place) ?? throw new RowException($"{place}{key} is missing");

    /// <summary>A text, or null when the key is absent or null.</summary>
    public static string? OptionalText(this JsonElement row, string key, string place = "")
    {
        if (!row.TryGetProperty(key, out JsonElement value) || value.ValueKind == JsonValueKind.Null)
            return null;
        return value.ValueKind == JsonValueKind.String
            ? ReadText(value, place + key)
            : throw new RowException($"{place}{key} must be a text, not {KindOf(value)}");
    }

    /// <summary>A text; of any other value its compact JSON, which is said. Null when the key is absent or null.</summary>
    public static string? TextOrJson(this JsonElement row, string key, RowNotes notes, string place = "")
    {
        if (!row.TryGetProperty(key, out JsonElement value) || value.ValueKind is JsonValueKind.Null or JsonValueKind.String)
            return row.OptionalText(key, place);
        notes.Tell(NoticeKinds.JsonValues, $"{key} is {KindOf(value)}: its JSON is taken as the text");
        return Json(value);
    }

    /// <summary>As compact JSON, letters as they are.</summary>
    public static string Json(JsonElement value) => JsonSerializer.Serialize(value, Compact);

    /// <summary>The objects of an array that must be there.</summary>
    public static IReadOnlyList<JsonElement> Objects(this JsonElement row, string key, string place = "") =>
        row.TryGetProperty(key, out JsonElement value) ? Objects(value, place + key) : throw new RowException($"{place}{key} is missing");

    /// <summary>The objects of an array.</summary>
    public static IReadOnlyList<JsonElement> Objects(JsonElement value, string place)
    {
        if (value.ValueKind != JsonValueKind.Array)
            throw new RowException($"{place} must be an array, not {KindOf(value)}");
        JsonElement[] items = [.. value.EnumerateArray()];
        for (int i = 0; i < items.Length; i++)
            if (items[i].ValueKind != JsonValueKind.Object)
                throw new RowException($"{place}[{i}] must be an object, not {KindOf(items[i])}");
        return items;
    }

    public static bool Has(this JsonElement row, string key) => row.TryGetProperty(key, out JsonElement value) && value.ValueKind != JsonValueKind.Null;

    /// <summary>An object of that name; a default element where there is none.</summary>
    public static JsonElement Object(this JsonElement row, string key) =>
        row.ValueKind == JsonValueKind.Object && row.TryGetProperty(key, out JsonElement value) && value.ValueKind == JsonValueKind.Object ? value : default;

    /// <summary>A list of that name; empty where there is none.</summary>
    public static IEnumerable<JsonElement> Items(this JsonElement row, string key) =>
        row.ValueKind == JsonValueKind.Object && row.TryGetProperty(key, out JsonElement value) && value.ValueKind == JsonValueKind.Array
            ? value.EnumerateArray() : [];

    /// <summary>A text of that name; null where there is none, whatever else stands there.</summary>
    public static string? TextOrNull(this JsonElement row, string key) =>
        row.ValueKind == JsonValueKind.Object && row.TryGetProperty(key, out JsonElement value) && value.ValueKind == JsonValueKind.String
            ? ReadText(value, key) : null;

    /// <summary>A list that a table's cell or a row's text holds as JSON; else the value itself.</summary>
    public static JsonElement Unpacked(JsonElement value, string place)
    {
        if (value.ValueKind != JsonValueKind.String || ReadText(value, place).TrimStart() is not ['[' or '{', ..])
            return value;
        try
        {
            using JsonDocument document = JsonDocument.Parse(ReadText(value, place));
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            throw new RowException($"{place} is a text that begins like JSON and is none");
        }
    }

    // A lone surrogate is valid JSON and no text, and so are bytes that are no UTF-8.
    private static string ReadText(JsonElement value, string place)
    {
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw new RowException($"{place} holds half of a surrogate pair, or bytes that are no UTF-8");
        }
    }
}
