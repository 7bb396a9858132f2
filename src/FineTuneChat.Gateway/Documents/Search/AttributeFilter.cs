using System.Text.Json;
using FineTuneChat.Protocol.OpenAi;
using FineTuneChat.Protocol.Routes;

namespace FineTuneChat.Gateway.Documents.Search;

/// <summary>Which documents a search looks at, by their attributes: a comparison, or several joined by <c>and</c> or <c>or</c>.</summary>
internal sealed record AttributeFilter
{
    private const int MaxDepth = 8;
    private static readonly string[] Comparisons = ["eq", "ne", "gt", "gte", "lt", "lte", "in", "nin"];

    public string? Type { get; init; }
    public string? Key { get; init; }
    [WireType(typeof(string), typeof(double), typeof(bool), typeof(object[]))] public JsonElement? Value { get; init; }
    public IReadOnlyList<AttributeFilter>? Filters { get; init; }

    /// <exception cref="OpenAiException">400: it is not whole.</exception>
    public void Validate(int depth = 0)
    {
        if (depth > MaxDepth)
            throw OpenAiException.InvalidRequest($"'filters' may be nested {MaxDepth} deep.", "filters");
        if (Type is "and" or "or")
        {
            foreach (AttributeFilter? filter in Filters ?? throw OpenAiException.MissingParameter("filters.filters"))
                (filter ?? throw OpenAiException.InvalidRequest("'filters' holds a null.", "filters")).Validate(depth + 1);
            return;
        }
        if (!Comparisons.Contains(Type))
            throw OpenAiException.InvalidRequest($"'filters.type' is '{Type}'; allowed: and, or, {string.Join(", ", Comparisons)}.", "filters.type");
        if (Key is null)
            throw OpenAiException.MissingParameter("filters.key");
        bool isList = Type is "in" or "nin";
        if (Value is not { } value || (isList ? value.ValueKind != JsonValueKind.Array : !IsSimple(value)))
            throw OpenAiException.InvalidRequest($"'filters.value' must be {(isList ? "an array" : "a text, a number, true or false")}.", "filters.value");
    }

    public bool Matches(IReadOnlyDictionary<string, JsonElement> attributes)
    {
        if (Type == "and")
            return Filters!.All(filter => filter.Matches(attributes));
        if (Type == "or")
            return Filters!.Any(filter => filter.Matches(attributes));
        JsonElement? has = attributes.TryGetValue(Key!, out JsonElement given) ? given : null;
        return Type switch
        {
            "eq" => has is { } value && Same(value, Value!.Value),
            "ne" => has is not { } value || !Same(value, Value!.Value),
            "in" => has is { } value && Value!.Value.EnumerateArray().Any(allowed => Same(value, allowed)),
            "nin" => has is not { } value || !Value!.Value.EnumerateArray().Any(allowed => Same(value, allowed)),
            _ => has is { } value && Compare(value, Value!.Value) is { } order && (Type switch
            {
                "gt" => order > 0,
                "gte" => order >= 0,
                "lt" => order < 0,
                _ => order <= 0,
            }),
        };
    }

    private static bool IsSimple(JsonElement value) =>
        value.ValueKind is JsonValueKind.String or JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False;

    private static bool Same(JsonElement one, JsonElement other) =>
        one.ValueKind == other.ValueKind && (one.ValueKind is JsonValueKind.True or JsonValueKind.False || Compare(one, other) == 0);

    /// <summary>Null where they cannot be compared.</summary>
    private static int? Compare(JsonElement one, JsonElement other) => (one.ValueKind, other.ValueKind) switch
    {
        (JsonValueKind.Number, JsonValueKind.Number) => one.GetDouble().CompareTo(other.GetDouble()),
        (JsonValueKind.String, JsonValueKind.String) => string.CompareOrdinal(one.GetString(), other.GetString()),
        _ => null,
    };
}
