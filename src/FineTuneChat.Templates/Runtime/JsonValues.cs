using System.Globalization;
using System.Text.Json;

namespace FineTuneChat.Templates.Runtime;

/// <summary>JSON as values of the template language, as Python's <c>json.loads</c> reads it.</summary>
internal static class JsonValues
{
    public static Value Read(JsonElement json, Origin origin)
    {
        switch (json.ValueKind)
        {
            case JsonValueKind.Object:
                OrderedDictionary<Value, Value> items = DictValue.Table();
                foreach (JsonProperty property in json.EnumerateObject())
                    items[new TextValue(property.Name, origin)] = Read(property.Value, origin);
                return new DictValue(items);
            case JsonValueKind.Array:
                return new ListValue([.. json.EnumerateArray().Select(item => Read(item, origin))]);
            case JsonValueKind.String:
                return new TextValue(json.GetString()!, origin);
            case JsonValueKind.Number:
                return ReadNumber(json.GetRawText(), origin);
            case JsonValueKind.True or JsonValueKind.False:
                return BoolValue.Of(json.ValueKind == JsonValueKind.True);
            default:
                return NoneValue.Instance;
        }
    }

    private static Value ReadNumber(string text, Origin origin) =>
        text.AsSpan().IndexOfAny('.', 'e', 'E') < 0 && Int128.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out Int128 whole)
            ? new IntegerValue(whole, origin)
            : new FloatValue(double.Parse(text, CultureInfo.InvariantCulture));
}
