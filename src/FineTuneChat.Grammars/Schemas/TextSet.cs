using FineTuneChat.Grammars.Automata;

namespace FineTuneChat.Grammars.Schemas;

/// <summary>The strings that a shape allows.</summary>
internal static class TextSet
{
    /// <summary>Their automaton; null when no pattern or format limits them.</summary>
    /// <exception cref="SchemaException">A pattern or format cannot be enforced, and all were to be.</exception>
    public static Automaton? Of(Shape shape, SchemaDocument document)
    {
        Automaton? set = null;
        string path = "#";
        foreach ((string at, string name) in shape.Formats.DistinctBy(f => f.Name))
        {
            if (Formats.Find(name) is not { } format)
                document.LeaveOut(at, $"the format \"{name}\" cannot be enforced. Enforced are: {string.Join(", ", Formats.Names)}");
            else if (set is not null)
                document.LeaveOut(at, "a string cannot have two formats");
            else
                (set, path) = (format, at);
        }
        foreach ((string at, string text) in shape.Patterns)
        {
            path = set is null ? at : path;
            set = With(set, at, pattern => pattern is null ? Read(text) : pattern.Intersect(Read(text), document.Effort));
        }
        return set is null || shape.Length is (0, null) ? set : With(set, path, all => WithLength(all!, shape.Length, document.Effort));

        Automaton Read(string text) => Automaton.Of(PatternParser.Parse(text), document.Effort);

        Automaton? With(Automaton? before, string at, Func<Automaton?, Automaton> condition)
        {
            try
            {
                return condition(before);
            }
            catch (PatternException e)
            {
                document.LeaveOut(at, e.Message);
                return before;
            }
        }
    }

    private static Automaton WithLength(Automaton set, (int Min, int? Max) length, Effort effort) =>
        Math.Max(length.Min, length.Max ?? 0) <= SchemaLimits.States
            ? set.Intersect(Automaton.OfLength(length.Min, length.Max, effort), effort)
            : throw new PatternException($"together with a pattern, lengths of up to {SchemaLimits.States} can be enforced");
}
