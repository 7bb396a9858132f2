using System.Text.Json;

namespace FineTuneChat.Datasets.Formats;

/// <summary>Reads fields of a row; what is missing or of another type is told with its place.</summary>
internal static class RowFields
{
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
        if (!row.TryGetProperty(key, out var value) || value.ValueKind == JsonValueKind.Null) return null;
        return value.ValueKind == JsonValueKind.String
            ? ReadText(value, place + key)
            : throw new RowException($"{place}{key} must be a text, not {KindOf(value)}");
    }

    /// <summary>The objects of an array that must be there.</summary>
    public static IReadOnlyList<JsonElement> Objects(this JsonElement row, string key, string place = "")
    {
        if (!row.TryGetProperty(key, out var value)) throw new RowException($"{place}{key} is missing");
        if (value.ValueKind != JsonValueKind.Array) throw new RowException($"{place}{key} must be an array, not {KindOf(value)}");
        var items = value.EnumerateArray().ToArray();
        for (var i = 0; i < items.Length; i++)
        {
            if (items[i].ValueKind != JsonValueKind.Object) throw new RowException($"{place}{key}[{i}] must be an object, not {KindOf(items[i])}");
        }
        return items;
    }

    public static bool Has(this JsonElement row, string key) => row.TryGetProperty(key, out var value) && value.ValueKind != JsonValueKind.Null;

    // A lone surrogate is valid JSON and no text.
    private static string ReadText(JsonElement value, string place)
    {
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw new RowException($"{place} holds half of a surrogate pair");
        }
    }
}
