using System.Text.Json;
using FineTuneChat.Grammars.Automata;
using FineTuneChat.Grammars.Rules;

namespace FineTuneChat.Grammars.Schemas;

/// <summary>Objects: the named properties in their order, optional ones left out or not, then others where they are allowed.</summary>
internal static class ObjectRules
{
    /// <exception cref="SchemaException">A keyword is malformed, or limits the number of properties in a way that cannot be enforced.</exception>
    public static Symbol[] Of(SchemaCompiler compiler, Shape shape)
    {
        ObjectPart[] parts = [.. shape.Parts.Select(part => new ObjectPart(part))];
        HashSet<string> required = [.. parts.SelectMany(p => p.Required)];
        string[] names = [.. parts.SelectMany(p => p.Properties.Keys).Concat(required).Distinct()];
        bool isOpen = parts.All(p => p.AllowsOthers) && (names.Length == 0 || parts.Any(p => p.InvitesOthers));
        CheckCount(shape, names.Length, required.Count, isOpen);

        Grammar grammar = compiler.Grammar;
        JsonRules json = compiler.Json;
        Symbol[]? others = isOpen
            ? [.. OtherKey(json, shape, names), ":", json.Gap, compiler.RuleOf(Join(parts.Select(p => p.Others(compiler))))]
            : null;
        (Symbol[] First, Symbol[] Next) members = Others(grammar, json, others);
        foreach (string name in names.Reverse())
        {
            Symbol[] member = [JsonRules.Literal(name), ":", json.Gap, compiler.RuleOf(Join(parts.Select(p => p.Property(compiler, name))))];
            Symbol[] first = [.. member, .. members.Next];
            Symbol[] next = [",", json.Space, .. member, .. members.Next];
            members = required.Contains(name)
                ? ([grammar.Rule(first)], [grammar.Rule(next)])
                : ([grammar.Rule(first, members.First)], [grammar.Rule(next, members.Next)]);
        }
        return ["{", json.Space, .. members.First, json.Space, "}"];
    }

    /// <summary>An object with any keys.</summary>
    public static Symbol[] Any(Grammar grammar, JsonRules json, Symbol value) =>
        ["{", json.Space, .. Others(grammar, json, [.. json.KeyOtherThan([]), ":", json.Gap, value]).First, json.Space, "}"];

    /// <summary>Any number of members, when they are the first ones and when others stand before them.</summary>
    private static (Symbol[] First, Symbol[] Next) Others(Grammar grammar, JsonRules json, Symbol[]? member)
    {
        if (member is null)
            return ([], []);
        Symbol more = grammar.Repeat(grammar.Rule([",", json.Space, .. member]), 0, null)[0];
        return ([grammar.Optional([.. member, more])], [more]);
    }

    private static Symbol[] OtherKey(JsonRules json, Shape shape, string[] names)
    {
        try
        {
            return json.KeyOtherThan(names);
        }
        catch (PatternException)
        {
            throw new SchemaException(shape.Parts[0].Path, "has too many properties to tell additional ones from them; set \"additionalProperties\": false");
        }
    }

    private static Conjunction Join(IEnumerable<Conjunction> all) => all.Aggregate(Conjunction.Anything, (joined, next) => joined.And(next));

    private static void CheckCount(Shape shape, int named, int required, bool isOpen)
    {
        string path = shape.Parts.Count > 0 ? shape.Parts[0].Path : "#";
        if (shape.Properties.Min > required)
            throw new SchemaException(SchemaDocument.Pointer(path, "minProperties"),
                "more properties than are required cannot be enforced; name them in \"required\"");
        if (shape.Properties.Max is { } max && (isOpen || named > max))
            throw new SchemaException(SchemaDocument.Pointer(path, "maxProperties"),
                "fewer properties than are possible cannot be enforced; name fewer, with \"additionalProperties\": false");
    }

    /// <summary>What one of the schemas that an object must meet says about its properties.</summary>
    private sealed class ObjectPart
    {
        private readonly string _path;
        private readonly JsonElement? _others;

        public ObjectPart(SchemaPart part)
        {
            _path = part.Path;
            if (part.Schema.TryGetProperty("properties", out JsonElement properties))
                Properties = properties.ValueKind == JsonValueKind.Object
                    ? properties.EnumerateObject().DistinctBy(p => p.Name).ToDictionary(p => p.Name, p => p.Value)
                    : throw new SchemaException(SchemaDocument.Pointer(_path, "properties"), "must be an object");
            if (part.Schema.TryGetProperty("required", out JsonElement required))
                Required = required.ValueKind == JsonValueKind.Array && required.EnumerateArray().All(name => name.ValueKind == JsonValueKind.String)
                    ? [.. required.EnumerateArray().Select(name => name.GetString()!)]
                    : throw new SchemaException(SchemaDocument.Pointer(_path, "required"), "must be an array of property names");
            if (part.Schema.TryGetProperty("additionalProperties", out JsonElement others))
                _others = others;
        }

        public Dictionary<string, JsonElement> Properties { get; } = [];

        public IReadOnlyList<string> Required { get; } = [];

        public bool AllowsOthers => _others is not { ValueKind: JsonValueKind.False };

        /// <summary>Others are said to be allowed. Where nothing is said about them, a schema with properties means just these.</summary>
        public bool InvitesOthers => _others is not null && AllowsOthers;

        public Conjunction Others(SchemaCompiler compiler) =>
            _others is { } others ? compiler.At(SchemaDocument.Pointer(_path, "additionalProperties"), others) : Conjunction.Anything;

        public Conjunction Property(SchemaCompiler compiler, string name) => Properties.TryGetValue(name, out JsonElement schema)
            ? compiler.At(SchemaDocument.Pointer(SchemaDocument.Pointer(_path, "properties"), name), schema)
            : Others(compiler);
    }
}
