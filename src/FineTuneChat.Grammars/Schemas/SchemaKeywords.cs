using System.Text.Json;

namespace FineTuneChat.Grammars.Schemas;

/// <summary>The keywords of JSON Schema: which are enforced, which only describe. Any other is refused: nothing is left out silently.</summary>
internal static class SchemaKeywords
{
    private static readonly HashSet<string> Conditions =
    [
        "type", "enum", "const",
        "properties", "required", "additionalProperties", "minProperties", "maxProperties",
        "items", "prefixItems", "minItems", "maxItems", "uniqueItems",
        "minLength", "maxLength", "pattern", "format",
        "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf",
    ];

    private static readonly HashSet<string> Structure = ["$ref", "$defs", "definitions", "anyOf", "oneOf", "allOf"];

    private static readonly HashSet<string> Descriptions =
        ["title", "description", "default", "examples", "example", "$schema", "$id", "$comment", "readOnly", "writeOnly", "deprecated", "contentEncoding",
            "contentMediaType", "strict"];

    /// <summary>Whether the schema has conditions of its own.</summary>
    /// <exception cref="SchemaException">It has a keyword that cannot be enforced.</exception>
    public static bool Check(string path, JsonElement schema)
    {
        bool any = false;
        foreach (JsonProperty keyword in schema.EnumerateObject())
        {
            if (Conditions.Contains(keyword.Name))
                any = true;
            else if (!Structure.Contains(keyword.Name) && !Descriptions.Contains(keyword.Name))
                throw new SchemaException(SchemaDocument.Pointer(path, keyword.Name),
                    $"the keyword \"{keyword.Name}\" is not supported. Supported: {string.Join(", ", Conditions.Concat(Structure))}");
        }
        return any;
    }
}
