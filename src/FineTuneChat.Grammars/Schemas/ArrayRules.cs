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
        ArrayPart[] parts = [.. shape.Parts.Select(part => new ArrayPart(part))];
        if (shape.Unique is { } unique && max is not (0 or 1) && Different(unique) is { } different)
            return ["[", json.Space, .. UniqueItems.Of(grammar, json, different), json.Space, "]"];
        int places = Math.Min(parts.Select(p => p.Places).DefaultIfEmpty().Max(), max ?? int.MaxValue);

        Symbol rest = compiler.RuleOf(Place(int.MaxValue));
        Symbol following = grammar.Rule([",", json.Space, rest]);
        if (places == 0)
        {
            if (max == 0)
                return ["[", json.Space, "]"];
            Symbol[] items = [rest, .. grammar.Repeat(following, Math.Max(min - 1, 0), max - 1)];
            return ["[", json.Space, .. min == 0 ? [grammar.Optional(items)] : items, json.Space, "]"];
        }

        bool endsThere = max == places || (min <= places && !parts.Any(p => p.LimitsRest));
        Symbol[] tail = endsThere ? [] : grammar.Repeat(following, Math.Max(min - places, 0), max - places);
        for (int i = places - 1; i >= 0; i--)
        {
            Symbol[] from = [.. i > 0 ? new Symbol[] { ",", json.Space } : [], compiler.RuleOf(Place(i)), .. tail];
            tail = i < min ? from : [grammar.Optional(from)];
        }
        return ["[", json.Space, .. tail, json.Space, "]"];

        UniqueItems? Different(string path)
        {
            if (parts.All(p => p.Places == 0) && compiler.ValuesOf(Place(int.MaxValue)) is { Count: <= UniqueItems.Most } values && !values.Any(IsComposed))
                return new UniqueItems(values, min, max);
            compiler.LeaveOut(path, $"items that differ can be enforced where \"items\" is an enum of up to {UniqueItems.Most} texts, numbers or the like");
            return null;
        }

        Conjunction Place(int index) => compiler.All(parts.Select(part => part.At(index)));
    }

    /// <summary>Arrays and objects can be the same and be written differently.</summary>
    private static bool IsComposed(string json) => json[0] is '[' or '{';

    /// <summary>An array of any length.</summary>
    public static Symbol[] Any(Grammar grammar, JsonRules json, Symbol item) =>
        ["[", json.Space, grammar.Optional([item, .. grammar.Repeat(grammar.Rule([",", json.Space, item]), 0, null)]), json.Space, "]"];
}
