using System.Text.Json;

namespace FineTuneChat.Gateway.Tools;

/// <summary>
/// A call's arguments against the schema of the tool, before its server sees them. The schema is a stranger's, so the work is bounded: patterns are left to
/// the server, references stay inside the schema, and a schema that takes too many steps refuses the call. Pure.
/// </summary>
internal sealed class ArgumentCheck
{
    private const int MostSteps = 50_000;

    private readonly JsonElement _root;
    private int _steps;

    private ArgumentCheck(JsonElement schema) => _root = schema;

    /// <summary>What is wrong with the arguments, and where; null: nothing.</summary>
    public static string? Problem(JsonElement arguments, JsonElement schema) => new ArgumentCheck(schema).Of(arguments, schema, "arguments", 0);

    private string? Of(JsonElement value, JsonElement schema, string at, int depth)
    {
        if (++_steps > MostSteps || depth > ToolLimits.Depth * 4)
            return "The tool's schema takes too long to check: it refers to itself too often.";
        if (schema.ValueKind == JsonValueKind.False)
            return $"'{at}' is not allowed.";
        if (schema.ValueKind != JsonValueKind.Object)
            return null;
        return OfReference(value, schema, at, depth) ?? OfType(value, schema, at) ?? OfChoice(value, schema, at) ?? OfValue(value, schema, at, depth)
            ?? OfCombination(value, schema, at, depth);
    }

    private string? OfReference(JsonElement value, JsonElement schema, string at, int depth)
    {
        if (!schema.TryGetProperty("$ref", out JsonElement reference) || reference.ValueKind != JsonValueKind.String)
            return null;
        return Find(reference.GetString()!) is { } target ? Of(value, target, at, depth + 1) : null; // another document is never fetched
    }

    private JsonElement? Find(string reference)
    {
        if (!reference.StartsWith('#'))
            return null;
        JsonElement found = _root;
        foreach (string step in reference[1..].Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            string name = Uri.UnescapeDataString(step).Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
            if (found.ValueKind == JsonValueKind.Object && found.TryGetProperty(name, out JsonElement next))
                found = next;
            else
                return null;
        }
        return found;
    }

    private static string? OfType(JsonElement value, JsonElement schema, string at)
    {
        if (!schema.TryGetProperty("type", out JsonElement type))
            return null;
        string[] allowed = type.ValueKind == JsonValueKind.Array ? [.. type.EnumerateArray().Select(one => one.ToString())] : [type.ToString()];
        return allowed.Any(name => IsOf(value, name)) ? null : $"'{at}' must be of the type {string.Join(" or ", allowed)}.";
    }

    private static bool IsOf(JsonElement value, string type) => type switch
    {
        "object" => value.ValueKind == JsonValueKind.Object,
        "array" => value.ValueKind == JsonValueKind.Array,
        "string" => value.ValueKind == JsonValueKind.String,
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "null" => value.ValueKind == JsonValueKind.Null,
        "number" => value.ValueKind == JsonValueKind.Number,
        "integer" => value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double number) && double.IsInteger(number),
        _ => true,
    };

    private static string? OfChoice(JsonElement value, JsonElement schema, string at)
    {
        if (schema.TryGetProperty("const", out JsonElement only) && !JsonElement.DeepEquals(only, value))
            return $"'{at}' must be {only.GetRawText()}.";
        if (schema.TryGetProperty("enum", out JsonElement choice) && choice.ValueKind == JsonValueKind.Array
            && !choice.EnumerateArray().Any(one => JsonElement.DeepEquals(one, value)))
            return $"'{at}' must be one of {ToolText.Clean(choice.GetRawText(), 300).Text}.";
        return null;
    }

    private string? OfValue(JsonElement value, JsonElement schema, string at, int depth) => value.ValueKind switch
    {
        JsonValueKind.Object => OfObject(value, schema, at, depth),
        JsonValueKind.Array => OfArray(value, schema, at, depth),
        JsonValueKind.String => OfLength(value.GetString()!.EnumerateRunes().Count(), schema, at),
        JsonValueKind.Number => OfNumber(value.GetDouble(), schema, at),
        _ => null,
    };

    private string? OfObject(JsonElement value, JsonElement schema, string at, int depth)
    {
        JsonElement? properties = schema.TryGetProperty("properties", out JsonElement known) && known.ValueKind == JsonValueKind.Object ? known : null;
        if (schema.TryGetProperty("required", out JsonElement required) && required.ValueKind == JsonValueKind.Array)
            foreach (JsonElement name in required.EnumerateArray())
                if (name.ValueKind == JsonValueKind.String && !value.TryGetProperty(name.GetString()!, out _))
                    return $"'{at}.{name.GetString()}' is missing.";
        bool isOpen = schema.TryGetProperty("patternProperties", out _);
        foreach (JsonProperty property in value.EnumerateObject())
        {
            string place = $"{at}.{ToolText.Shown(property.Name)}";
            if (properties is { } declared && declared.TryGetProperty(property.Name, out JsonElement its))
            {
                if (Of(property.Value, its, place, depth + 1) is { } problem)
                    return problem;
            }
            else if (!isOpen && schema.TryGetProperty("additionalProperties", out JsonElement others))
            {
                if (Of(property.Value, others, place, depth + 1) is { } problem)
                    return problem;
            }
        }
        return null;
    }

    private string? OfArray(JsonElement value, JsonElement schema, string at, int depth)
    {
        int count = value.GetArrayLength();
        if (Limit(schema, "minItems") is { } least && count < least)
            return $"'{at}' must have at least {least} items.";
        if (Limit(schema, "maxItems") is { } most && count > most)
            return $"'{at}' must have at most {most} items.";
        JsonElement[] first = schema.TryGetProperty("prefixItems", out JsonElement prefix) && prefix.ValueKind == JsonValueKind.Array
            ? [.. prefix.EnumerateArray()] : [];
        bool hasItems = schema.TryGetProperty("items", out JsonElement items);
        foreach ((int i, JsonElement item) in value.EnumerateArray().Index())
            if ((i < first.Length ? Of(item, first[i], $"{at}[{i}]", depth + 1) : hasItems ? Of(item, items, $"{at}[{i}]", depth + 1) : null) is { } problem)
                return problem;
        return null;
    }

    private static string? OfLength(int characters, JsonElement schema, string at)
    {
        if (Limit(schema, "minLength") is { } least && characters < least)
            return $"'{at}' must have at least {least} characters.";
        return Limit(schema, "maxLength") is { } most && characters > most ? $"'{at}' must have at most {most} characters." : null;
    }

    private static string? OfNumber(double value, JsonElement schema, string at)
    {
        if (Limit(schema, "minimum") is { } least && value < least)
            return $"'{at}' must be at least {least}.";
        if (Limit(schema, "maximum") is { } most && value > most)
            return $"'{at}' must be at most {most}.";
        if (Limit(schema, "exclusiveMinimum") is { } above && value <= above)
            return $"'{at}' must be greater than {above}.";
        return Limit(schema, "exclusiveMaximum") is { } below && value >= below ? $"'{at}' must be less than {below}." : null;
    }

    private string? OfCombination(JsonElement value, JsonElement schema, string at, int depth)
    {
        foreach (JsonElement part in Schemas(schema, "allOf"))
            if (Of(value, part, at, depth + 1) is { } problem)
                return problem;
        foreach (string either in (string[])["anyOf", "oneOf"])
        {
            string? problem = null;
            bool isOne = true;
            foreach (JsonElement part in Schemas(schema, either))
            {
                isOne = (problem = Of(value, part, at, depth + 1)) is null;
                if (isOne || _steps > MostSteps)
                    break;
            }
            if (!isOne)
                return problem;
        }
        return null;
    }

    private static IEnumerable<JsonElement> Schemas(JsonElement schema, string name) =>
        schema.TryGetProperty(name, out JsonElement list) && list.ValueKind == JsonValueKind.Array ? list.EnumerateArray() : [];

    private static double? Limit(JsonElement schema, string name) =>
        schema.TryGetProperty(name, out JsonElement limit) && limit.ValueKind == JsonValueKind.Number ? limit.GetDouble() : null;
}
