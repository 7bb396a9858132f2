using FineTuneChat.Grammars.Automata;
using FineTuneChat.Grammars.Rules;

namespace FineTuneChat.Grammars.Schemas;

/// <summary>Objects: the named properties in their order, optional ones left out or not, then others where they are allowed.</summary>
internal static class ObjectRules
{
    /// <exception cref="SchemaException">A keyword is malformed, or limits the number of properties in a way that cannot be enforced.</exception>
    public static Symbol[] Of(SchemaCompiler compiler, Shape shape)
    {
        ObjectPart[] parts = [.. shape.Parts.Select(compiler.Object)];
        HashSet<string> required = [.. parts.SelectMany(p => p.Required)];
        string[] names = [.. parts.SelectMany(p => p.Properties.Keys).Concat(required).Distinct()];
        bool isOpen = parts.All(p => p.AllowsOthers) && (!parts.Any(p => p.IsClosed) || parts.Any(p => p.InvitesOthers));
        CheckCount(compiler, shape, names.Length, required.Count, isOpen);

        Grammar grammar = compiler.Grammar;
        JsonRules json = compiler.Json;
        Symbol[]? others = isOpen
            ? [.. OtherKey(json, shape, names), ":", json.Gap, compiler.RuleOf(compiler.All(parts.Select(p => p.Others)))]
            : null;
        (Symbol[] First, Symbol[] Next) members = Others(grammar, json, others);
        foreach (string name in names.Reverse())
        {
            Symbol[] member = [JsonRules.Literal(name), ":", json.Gap, compiler.RuleOf(compiler.All(parts.Select(p => p.Property(name))))];
            Symbol[] first = [.. member, .. members.Next];
            Symbol[] next = [",", json.Space, .. member, .. members.Next];
            members = required.Contains(name)
                ? ([grammar.Rule(first)], [grammar.Rule(next)])
                : ([grammar.Rule(first, members.First)], [grammar.Rule(next, members.Next)]);
        }
        return members.First.Length == 0 ? ["{}"] : ["{", json.Space, .. members.First, json.Space, "}"];
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

    private static void CheckCount(SchemaCompiler compiler, Shape shape, int named, int required, bool isOpen)
    {
        string path = shape.Parts.Count > 0 ? shape.Parts[0].Path : "#";
        if (shape.Properties.Min > required)
            compiler.LeaveOut(SchemaDocument.Pointer(path, "minProperties"),
                "more properties than are required cannot be enforced; name them in \"required\"");
        if (shape.Properties.Max is { } max && (isOpen || named > max))
            compiler.LeaveOut(SchemaDocument.Pointer(path, "maxProperties"),
                "fewer properties than are possible cannot be enforced; name fewer, with \"additionalProperties\": false");
    }
}
