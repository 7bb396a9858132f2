using System.Text.Json;
using FineTuneChat.Grammars.Rules;

namespace FineTuneChat.Grammars.Schemas;

/// <summary>
/// Arrays: the places that <c>prefixItems</c> describes, then items that are all alike, as many as the bounds allow; none where nothing is said of them.
/// </summary>
internal static class ArrayRules
{
    /// <exception cref="SchemaException">A keyword is malformed.</exception>
    public static Symbol[] Of(SchemaCompiler compiler, Shape shape)
    {
        (int min, int? max) = shape.Items;
        Grammar grammar = compiler.Grammar;
        JsonRules json = compiler.Json;
        if (max < min)
            return [grammar.Rule()];
        SchemaPart[] parts = [.. shape.Parts];
        (string Path, JsonElement Schema)[][] prefixes = [.. parts.Select(Prefix)];
        if (shape.Unique is { } unique && max is not (0 or 1))
            return ["[", json.Space, .. UniqueItems.Of(grammar, json, Different(unique)), json.Space, "]"];
        int places = Math.Min(prefixes.Select(p => p.Length).DefaultIfEmpty().Max(), max ?? int.MaxValue);

        Symbol rest = compiler.RuleOf(Place(int.MaxValue));
        Symbol following = grammar.Rule([",", json.Space, rest]);
        if (places == 0)
        {
            if (max == 0)
                return ["[", json.Space, "]"];
            Symbol[] items = [rest, .. grammar.Repeat(following, Math.Max(min - 1, 0), max - 1)];
            return ["[", json.Space, .. min == 0 ? [grammar.Optional(items)] : items, json.Space, "]"];
        }

        bool endsThere = max == places || (min <= places && !parts.Any(p => p.Schema.TryGetProperty("items", out _)));
        Symbol[] tail = endsThere ? [] : grammar.Repeat(following, Math.Max(min - places, 0), max - places);
        for (int i = places - 1; i >= 0; i--)
        {
            Symbol[] from = [.. i > 0 ? new Symbol[] { ",", json.Space } : [], compiler.RuleOf(Place(i)), .. tail];
            tail = i < min ? from : [grammar.Optional(from)];
        }
        return ["[", json.Space, .. tail, json.Space, "]"];

        UniqueItems Different(string path) =>
            prefixes.All(p => p.Length == 0) && compiler.ValuesOf(Place(int.MaxValue)) is { Count: <= UniqueItems.Most } values && !values.Any(IsComposed)
            ? new UniqueItems(values, min, max)
            : throw new SchemaException(path,
                $"items that differ can be enforced where \"items\" is an enum of up to {UniqueItems.Most} texts, numbers or the like; leave it out, or "
                + "set false");

        Conjunction Place(int index) => parts.Select((part, k) => index < prefixes[k].Length
            ? compiler.At(prefixes[k][index].Path, prefixes[k][index].Schema)
            : part.Schema.TryGetProperty("items", out JsonElement items) ? compiler.At(SchemaDocument.Pointer(part.Path, "items"), items)
                : Conjunction.Anything)
            .Aggregate(Conjunction.Anything, (all, next) => all.And(next));
    }

    /// <summary>Arrays and objects can be the same and be written differently.</summary>
    private static bool IsComposed(string json) => json[0] is '[' or '{';

    /// <summary>An array of any length.</summary>
    public static Symbol[] Any(Grammar grammar, JsonRules json, Symbol item) =>
        ["[", json.Space, grammar.Optional([item, .. grammar.Repeat(grammar.Rule([",", json.Space, item]), 0, null)]), json.Space, "]"];

    private static (string Path, JsonElement Schema)[] Prefix(SchemaPart part) =>
        part.Schema.TryGetProperty("prefixItems", out _) ? [.. SchemaDocument.List(part.Path, part.Schema, "prefixItems")] : [];
}
