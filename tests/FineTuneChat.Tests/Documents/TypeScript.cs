using System.Text;
using System.Text.Json.Nodes;

namespace FineTuneChat.Tests.Documents;

/// <summary>The schemas of an OpenAPI document as declarations of TypeScript. Without their descriptions: a comment that is reworded changes no type.</summary>
internal static class TypeScript
{
    private const string Reference = "#/components/schemas/";

    public static string Declarations(JsonNode document)
    {
        var text = new StringBuilder("// Types of the API's JSON, made from /openapi.json. Do not edit: CONTRIBUTING.md says how to make them anew.\n");
        foreach ((string name, JsonNode? schema) in document["components"]!["schemas"]!.AsObject().OrderBy(s => s.Key, StringComparer.Ordinal))
            text.Append($"\nexport type {name} = {Type(schema!, "")};\n");
        return text.ToString();
    }

    private static string Type(JsonNode schema, string indent)
    {
        if (schema["$ref"] is { } reference)
            return ((string)reference!)[Reference.Length..];
        if (schema["anyOf"] is JsonArray any)
            return Union(any.Select(s => Type(s!, indent)));
        if (schema["oneOf"] is JsonArray one)
            return Union(one.Select(s => Type(s!, indent)));
        if (schema["enum"] is JsonArray values)
            return Union(values.Select(v => v is null ? "null" : $"'{v}'"));
        return schema["type"] switch
        {
            JsonArray types => Union(types.Select(t => Named((string)t!, schema, indent)).OrderBy(t => t == "null")),
            { } type => Named((string)type!, schema, indent),
            null => "unknown",
        };
    }

    private static string Named(string type, JsonNode schema, string indent) => type switch
    {
        "integer" or "number" => "number",
        "array" => schema["items"] is { } items ? $"{Parenthesised(Type(items, indent))}[]" : "unknown[]",
        "object" when schema["properties"] is JsonObject properties => Object(properties, schema["required"] as JsonArray, indent),
        "object" => $"Record<string, {(schema["additionalProperties"] is JsonObject values ? Type(values, indent) : "unknown")}>",
        _ => type, // string, boolean, null
    };

    private static string Object(JsonObject properties, JsonArray? required, string indent)
    {
        string inner = indent + "  ";
        HashSet<string> always = [.. required?.Select(name => (string)name!) ?? []];
        IEnumerable<string> lines =
            from property in properties
            let mark = always.Contains(property.Key) ? "" : "?"
            let name = property.Key.All(c => char.IsLetterOrDigit(c) || c == '_') ? property.Key : $"'{property.Key}'"
            select $"{inner}{name}{mark}: {Type(property.Value!, inner)};\n";
        return $"{{\n{string.Concat(lines)}{indent}}}";
    }

    private static string Union(IEnumerable<string> types) => string.Join(" | ", types.Distinct());

    private static string Parenthesised(string type) => type.Contains(" | ", StringComparison.Ordinal) ? $"({type})" : type;
}
