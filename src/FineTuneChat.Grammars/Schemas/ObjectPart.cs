using System.Text.Json;

namespace FineTuneChat.Grammars.Schemas;

/// <summary>What one of the schemas that an object must meet says about its properties.</summary>
internal sealed class ObjectPart
{
    private readonly string _path;
    private readonly JsonElement? _others;
    private readonly (string Path, JsonElement Schema)[] _byPattern = [];
    private readonly bool _namesProperties;

    /// <exception cref="SchemaException">A keyword is malformed.</exception>
    public ObjectPart(SchemaDocument document, SchemaPart part)
    {
        _path = part.Path;
        _namesProperties = part.Schema.TryGetProperty("properties", out JsonElement properties);
        if (_namesProperties)
            Properties = Schemas("properties", properties).ToDictionary(p => p.Name, p => p.Value);
        if (part.Schema.TryGetProperty("required", out JsonElement required))
            Required = Names(document, SchemaDocument.Pointer(_path, "required"), required);
        if (part.Schema.TryGetProperty("additionalProperties", out JsonElement others))
            _others = others;
        if (part.Schema.TryGetProperty("patternProperties", out JsonElement patterns))
        {
            string path = SchemaDocument.Pointer(_path, "patternProperties");
            _byPattern = [.. Schemas("patternProperties", patterns).Select(p => (SchemaDocument.Pointer(path, p.Name), p.Value))];
        }
    }

    public Dictionary<string, JsonElement> Properties { get; } = [];

    public IReadOnlyList<string> Required { get; } = [];

    /// <summary>Keys are matched with no patterns: where some are allowed, all are.</summary>
    public bool AllowsOthers => _others is not { ValueKind: JsonValueKind.False } || _byPattern.Length > 0;

    /// <summary>Whether others are said to be allowed. Where nothing is said about them, a schema with properties means just these.</summary>
    public bool InvitesOthers => (_others is not null || _byPattern.Length > 0) && AllowsOthers;

    /// <summary>Whether it says which properties there are.</summary>
    public bool IsClosed => _namesProperties || Required.Count > 0;

    /// <summary>What values of other properties must be: where patterns tell them apart, nothing, but for the schema of a single pattern.</summary>
    public (string Path, JsonElement Schema)? Others => _byPattern.Length switch
    {
        1 => _byPattern[0],
        > 1 => null,
        _ => _others is { } others ? (SchemaDocument.Pointer(_path, "additionalProperties"), others) : null,
    };

    /// <summary>What the value of a property must be; null for anything.</summary>
    public (string Path, JsonElement Schema)? Property(string name) => Properties.TryGetValue(name, out JsonElement schema)
        ? (SchemaDocument.Pointer(SchemaDocument.Pointer(_path, "properties"), name), schema)
        : Others;

    private IEnumerable<JsonProperty> Schemas(string keyword, JsonElement value) => value.ValueKind == JsonValueKind.Object
        ? value.EnumerateObject().DistinctBy(p => p.Name)
        : throw new SchemaException(SchemaDocument.Pointer(_path, keyword), "must be an object");

    private static IReadOnlyList<string> Names(SchemaDocument document, string path, JsonElement required)
    {
        const string Form = "must be an array of property names";
        if (required.ValueKind is JsonValueKind.True or JsonValueKind.False) // draft 3's, at the property itself
        {
            document.LeaveOut(path, Form);
            return [];
        }
        return required.ValueKind == JsonValueKind.Array && required.EnumerateArray().All(name => name.ValueKind == JsonValueKind.String)
            ? [.. required.EnumerateArray().Select(name => name.GetString()!)]
            : throw new SchemaException(path, Form);
    }
}
