using System.Text.Json;

namespace FineTuneChat.Grammars.Schemas;

/// <summary>What one of the schemas that an array must meet says about its items.</summary>
internal sealed class ArrayPart
{
    private readonly (string Path, JsonElement Schema)[] _places = [];
    private readonly (string Path, JsonElement Schema)? _rest;

    /// <exception cref="SchemaException">A keyword is malformed.</exception>
    public ArrayPart(SchemaPart part)
    {
        string path = part.Path;
        JsonElement schema = part.Schema;
        bool hasItems = schema.TryGetProperty("items", out JsonElement items);
        bool isOldTuple = hasItems && items.ValueKind == JsonValueKind.Array; // up to draft 2019-09
        string restKeyword = isOldTuple ? "additionalItems" : "items";
        if (isOldTuple)
            _places = items.GetArrayLength() == 0 ? [] : [.. SchemaDocument.List(path, schema, "items")];
        else if (schema.TryGetProperty("prefixItems", out _))
            _places = [.. SchemaDocument.List(path, schema, "prefixItems")];
        if (schema.TryGetProperty(restKeyword, out JsonElement rest))
            _rest = (SchemaDocument.Pointer(path, restKeyword), rest);
    }

    /// <summary>How many items have a schema of their own.</summary>
    public int Places => _places.Length;

    /// <summary>Whether something is said of the items behind those.</summary>
    public bool LimitsRest => _rest is not null;

    /// <summary>What the item at a place must be; null for anything.</summary>
    public (string Path, JsonElement Schema)? At(int place) => place < _places.Length ? _places[place] : _rest;
}
