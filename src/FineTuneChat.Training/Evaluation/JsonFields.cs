using System.Globalization;
using System.Text.Json;

namespace FineTuneChat.Training.Evaluation;

/// <summary>The values of a JSON text by their places: what a reply that is to be read by a program is judged by.</summary>
internal static class JsonFields
{
    /// <summary>Values by place, as in <c>items[0].price</c>; null when the text is no JSON object or array.</summary>
    public static IReadOnlyDictionary<string, string>? Of(string text)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(text);
            if (document.RootElement.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array))
                return null;
            var fields = new Dictionary<string, string>(StringComparer.Ordinal);
            Add(document.RootElement, "", fields);
            return fields;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Share of the places in either that hold the same in both; 1 for equal documents.</summary>
    public static double Accuracy(IReadOnlyDictionary<string, string> expected, IReadOnlyDictionary<string, string>? actual)
    {
        if (actual is null)
            return 0;
        int places = expected.Keys.Union(actual.Keys).Count();
        return places == 0 ? 1 : expected.Count(f => actual.TryGetValue(f.Key, out string? value) && value == f.Value) / (double)places;
    }

    private static void Add(JsonElement element, string place, Dictionary<string, string> fields)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object when element.EnumerateObject().Any():
                foreach (JsonProperty property in element.EnumerateObject())
                    Add(property.Value, $"{place}.{property.Name}", fields);
                break;
            case JsonValueKind.Array when element.GetArrayLength() > 0:
                foreach (var (i, item) in element.EnumerateArray().Index())
                    Add(item, $"{place}[{i}]", fields);
                break;
            case JsonValueKind.Number:
                fields[place] = element.GetDouble().ToString("R", CultureInfo.InvariantCulture); // 5900 and 5900.0 are the same
                break;
            default:
                fields[place] = $"{element.ValueKind}:{element}"; // "true" is not true, and {} is not []
                break;
        }
    }
}
