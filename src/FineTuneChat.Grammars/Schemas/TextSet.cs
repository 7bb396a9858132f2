using FineTuneChat.Grammars.Automata;

namespace FineTuneChat.Grammars.Schemas;

/// <summary>The strings that a shape allows.</summary>
internal static class TextSet
{
    /// <summary>Their automaton, for a shape with a pattern or format.</summary>
    /// <exception cref="SchemaException">A pattern or format cannot be enforced.</exception>
    public static Automaton Of(Shape shape, Effort effort)
    {
        if (shape.Formats.DistinctBy(f => f.Name).Skip(1).FirstOrDefault() is { Path: { } second })
            throw new SchemaException(second, "a string cannot have two formats");
        Automaton? set = null;
        foreach ((string path, string name) in shape.Formats)
            set = Formats.Find(path, name);
        foreach ((string path, string text) in shape.Patterns)
            set = Guard(path, () => Automaton.Of(PatternParser.Parse(text), effort) is var one && set is null ? one : set.Intersect(one, effort));
        return shape.Length is (0, null) ? set! : Guard(shape.Patterns.Concat(shape.Formats).First().Path, () => WithLength(set!, shape.Length, effort));
    }

    private static Automaton WithLength(Automaton set, (int Min, int? Max) length, Effort effort) =>
        Math.Max(length.Min, length.Max ?? 0) <= SchemaLimits.States
            ? set.Intersect(Automaton.OfLength(length.Min, length.Max, effort), effort)
            : throw new PatternException($"together with a pattern, lengths of up to {SchemaLimits.States} can be enforced");

    private static Automaton Guard(string path, Func<Automaton> build)
    {
        try
        {
            return build();
        }
        catch (PatternException e)
        {
            throw new SchemaException(path, e.Message);
        }
    }
}
