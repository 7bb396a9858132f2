using System.Globalization;
using System.Text.Json;
using FineTuneChat.Grammars.Automata;

namespace FineTuneChat.Grammars.Schemas;

/// <summary>The values of an <c>enum</c>: there may be thousands, and each may have to be found in it.</summary>
internal sealed class ValueList(IReadOnlyList<JsonElement> items, Effort effort)
{
    private const int ComparisonCost = 10; // steps

    private readonly Lazy<HashSet<string>> _scalars = new(() => [.. items.Select(KeyOf).OfType<string>()]);
    private readonly Lazy<JsonElement[]> _others = new(() => [.. items.Where(item => KeyOf(item) is null)]);

    /// <summary>Its values, each once; arrays and objects as often as they are given.</summary>
    public IEnumerable<JsonElement> Different()
    {
        var seen = new HashSet<string>();
        return items.Where(item => KeyOf(item) is not { } key || seen.Add(key));
    }

    /// <exception cref="PatternException">That took too much effort.</exception>
    public bool Contains(JsonElement value)
    {
        if (KeyOf(value) is { } key)
            return _scalars.Value.Contains(key);
        effort.Spend(_others.Value.Length * ComparisonCost);
        return _others.Value.Any(item => JsonElement.DeepEquals(item, value));
    }

    /// <summary>The same for equal values; null for arrays and objects.</summary>
    private static string? KeyOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Array or JsonValueKind.Object => null,
        JsonValueKind.String => '"' + value.GetString(),
        JsonValueKind.Number when value.TryGetDecimal(out decimal number) => (number / 1.0000000000000000000000000000m).ToString(CultureInfo.InvariantCulture),
        _ => value.GetRawText(),
    };
}
