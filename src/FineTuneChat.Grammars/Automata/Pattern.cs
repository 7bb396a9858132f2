namespace FineTuneChat.Grammars.Automata;

/// <summary>A regular expression as a tree. It matches whole texts; what a search pattern leaves open is written out.</summary>
internal abstract record Pattern
{
    /// <summary>Matches the empty text.</summary>
    public static readonly Pattern Nothing = new Sequence([]);

    public static readonly Pattern AnyText = new Repeat(new Chars(CharSet.All), 0, null);

    public sealed record Chars(CharSet Set) : Pattern;

    public sealed record Sequence(IReadOnlyList<Pattern> Items) : Pattern;

    public sealed record Choice(IReadOnlyList<Pattern> Options) : Pattern;

    public sealed record Repeat(Pattern Item, int Min, int? Max) : Pattern;

    /// <summary><c>^</c> or <c>$</c>, while a pattern is read; see <see cref="PatternParser"/>.</summary>
    public sealed record Anchor(bool AtStart) : Pattern;

    public static Pattern Literal(string text) => new Sequence([.. text.EnumerateRunes().Select(c => new Chars(CharSet.Of((c.Value, c.Value))))]);

    public static Pattern Digits(int count) => new Repeat(new Chars(CharSet.Of(('0', '9'))), count, count);
}
