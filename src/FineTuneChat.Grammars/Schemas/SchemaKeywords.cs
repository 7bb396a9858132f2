using System.Text.Json;

namespace FineTuneChat.Grammars.Schemas;

/// <summary>The keywords of JSON Schema: which are enforced, which only describe. Any other is a condition that no grammar holds.</summary>
internal static class SchemaKeywords
{
    private static readonly HashSet<string> Conditions =
    [
        "type", "enum", "const",
        "properties", "required", "additionalProperties", "minProperties", "maxProperties",
        "items", "prefixItems", "additionalItems", "minItems", "maxItems", "uniqueItems",
        "minLength", "maxLength", "pattern", "format",
        "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf",
    ];

    private static readonly HashSet<string> Structure = ["$ref", "$defs", "definitions", "anyOf", "oneOf", "allOf"];

    /// <summary>JSON Schema's own, OpenAPI's, and those of tools that write schemas. None limits what is valid.</summary>
    private static readonly HashSet<string> Descriptions =
    [
        "title", "description", "default", "examples", "example", "readOnly", "writeOnly", "deprecated",
        "$schema", "$id", "id", "$anchor", "$comment", "$vocabulary",
        "contentEncoding", "contentMediaType", "contentSchema", "strict",
        "discriminator", "xml", "externalDocs",
    ];

    /// <summary>Keywords of which one says what the others mean: the schema has conditions, though none of them is enforced.</summary>
    private static readonly HashSet<string> Opening = ["patternProperties"];

    /// <summary>Whether the schema has conditions of its own.</summary>
    /// <exception cref="SchemaException">It has a keyword that cannot be enforced, and all of it was to be.</exception>
    public static bool Check(SchemaDocument document, string path, JsonElement schema)
    {
        bool any = false;
        foreach (string keyword in schema.EnumerateObject().Select(property => property.Name))
        {
            any |= Conditions.Contains(keyword) || Opening.Contains(keyword);
            if (!IsKnown(keyword))
                document.LeaveOut(SchemaDocument.Pointer(path, keyword), $"the keyword \"{keyword}\" cannot be enforced{Instead(keyword)}");
        }
        return any;
    }

    private static bool IsKnown(string keyword) =>
        Conditions.Contains(keyword) || Structure.Contains(keyword) || Descriptions.Contains(keyword) || keyword.StartsWith("x-", StringComparison.Ordinal);

    private static string Instead(string keyword) => keyword == "nullable"
        ? "; write \"null\" among the types instead"
        : $". Enforced are: {string.Join(", ", Conditions.Concat(Structure))}. Leave it out, or leave \"strict\" out: then it is ignored";
}
