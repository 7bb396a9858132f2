using System.Text.Json;
using FineTuneChat.Grammars.Automata;

namespace FineTuneChat.Grammars.Schemas;

/// <summary>A schema's text: checked for size, its references followed, each subschema as the conditions that it states.</summary>
internal sealed class SchemaDocument
{
    private readonly JsonElement _root;
    private readonly Dictionary<string, Conjunction> _known = [];

    /// <param name="root">The schema.</param>
    /// <param name="effort">Counts what its patterns and ranges cost.</param>
    /// <param name="isStrict">Whether a condition that no grammar can hold is an error; otherwise it is left out.</param>
    /// <exception cref="SchemaException">It is too large, or too deep.</exception>
    public SchemaDocument(JsonElement root, Effort effort, bool isStrict)
    {
        Effort = effort;
        IsStrict = isStrict;
        SchemaSize.Check(root);
        _root = root;
    }

    public Effort Effort { get; }

    public bool IsStrict { get; }

    public Conjunction Root => At("#", _root);

    /// <summary>Told of each condition that no grammar can hold, before it is left out.</summary>
    /// <exception cref="SchemaException">None was to be left out.</exception>
    public void LeaveOut(string path, string reason)
    {
        if (IsStrict)
            throw new SchemaException(path, reason);
    }

    /// <summary>The conditions of a subschema: its keywords, those that <c>$ref</c> and <c>allOf</c> add, and its choices.</summary>
    /// <exception cref="SchemaException">It has a keyword that cannot be enforced, or refers to nothing.</exception>
    public Conjunction At(string path, JsonElement schema)
    {
        if (_known.TryGetValue(path, out Conjunction? known))
            return known;
        var parts = new List<SchemaPart>();
        var seen = new HashSet<string>();
        var around = new HashSet<string>();
        var open = new Stack<(string Path, JsonElement? Schema)>([(path, schema)]);
        string? circle = null;
        while (open.TryPop(out var next))
        {
            if (next.Schema is not { } inner) // all that it adds has been added
            {
                around.Remove(next.Path);
                continue;
            }
            if (around.Contains(next.Path))
                circle = next.Path;
            if (!seen.Add(next.Path))
                continue;
            around.Add(next.Path);
            open.Push((next.Path, null));
            Add(next.Path, inner, parts, open);
        }
        if (circle is not null && parts.Count == 0)
            throw new SchemaException(circle, "its $ref leads back to itself, and nothing on the way says what a value is");
        return _known[path] = new Conjunction(parts);
    }

    /// <summary>The pointer of a value inside another.</summary>
    public static string Pointer(string path, string name) =>
        $"{path}/{name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal)}";

    /// <summary>The schemas of an <c>anyOf</c>, <c>oneOf</c>, <c>allOf</c> or <c>prefixItems</c>.</summary>
    public static IEnumerable<(string Path, JsonElement Schema)> List(string path, JsonElement schema, string keyword)
    {
        path = Pointer(path, keyword);
        JsonElement list = schema.GetProperty(keyword);
        if (list.ValueKind != JsonValueKind.Array || list.GetArrayLength() == 0)
            throw new SchemaException(path, "must be an array of at least one schema");
        return list.EnumerateArray().Select((item, i) => (Pointer(path, i.ToString(System.Globalization.CultureInfo.InvariantCulture)), item));
    }

    private void Add(string path, JsonElement schema, List<SchemaPart> parts, Stack<(string Path, JsonElement? Schema)> open)
    {
        switch (schema.ValueKind)
        {
            case JsonValueKind.True:
                return;
            case JsonValueKind.False:
                parts.Add(new SchemaPart(path, PartKind.Never, schema));
                return;
            case not JsonValueKind.Object:
                throw new SchemaException(path, "a schema must be an object, true or false");
        }

        if (SchemaKeywords.Check(this, path, schema))
            parts.Add(new SchemaPart(path, PartKind.Keywords, schema));
        if (schema.TryGetProperty("anyOf", out _))
            parts.Add(new SchemaPart(path, PartKind.AnyOf, schema));
        if (schema.TryGetProperty("oneOf", out _))
            parts.Add(new SchemaPart(path, PartKind.OneOf, schema));
        if (schema.TryGetProperty("allOf", out _))
        {
            foreach ((string inner, JsonElement item) in List(path, schema, "allOf").Reverse())
                open.Push((inner, item));
        }
        if (schema.TryGetProperty("$ref", out JsonElement reference) && Follow(Pointer(path, "$ref"), reference) is { } target)
            open.Push(target);
    }

    private (string Path, JsonElement Schema)? Follow(string path, JsonElement reference)
    {
        string target = reference.ValueKind == JsonValueKind.String ? reference.GetString()! : throw new SchemaException(path, "must be a string");
        if (target != "#" && !target.StartsWith("#/", StringComparison.Ordinal))
        {
            LeaveOut(path, "only references inside this schema are followed: \"#\" or \"#/$defs/name\"");
            return null;
        }
        JsonElement found = _root;
        string canonical = "#";
        foreach (string part in Uri.UnescapeDataString(target).Split('/').Skip(1))
        {
            string name = part.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
            canonical = Pointer(canonical, name);
            if (found.ValueKind == JsonValueKind.Object && found.TryGetProperty(name, out JsonElement property))
                found = property;
            else if (found.ValueKind == JsonValueKind.Array && int.TryParse(name, System.Globalization.NumberStyles.None, null, out int index)
                && index < found.GetArrayLength())
                found = found[index];
            else
                throw new SchemaException(path, $"\"{target}\" does not exist");
        }
        return (canonical, found);
    }
}
