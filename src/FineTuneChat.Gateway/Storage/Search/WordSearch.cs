namespace FineTuneChat.Gateway.Storage.Search;

/// <summary>How a database searches for words: SQL of its own, always with the expression as the parameter <c>@words</c>.</summary>
internal abstract class WordSearch
{
    /// <summary>Selects the <c>id</c> of each message that matches.</summary>
    public abstract string Messages { get; }

    /// <summary>What passages are counted in by <see cref="PassageMatches"/>; without their other columns.</summary>
    public abstract string PassageIndex { get; }

    /// <summary>The same joined with the passages, <c>c</c>.</summary>
    public abstract string Passages { get; }

    /// <summary>Whether a passage matches.</summary>
    public abstract string PassageMatches { get; }

    /// <summary>The better a passage matches, the smaller; words of its heading count more, those of the file's name less.</summary>
    public abstract string PassageRank { get; }

    /// <summary>Words as an expression. Nothing that a user types is syntax.</summary>
    /// <param name="words">What is searched for; none: an expression that nothing matches.</param>
    /// <param name="isAny">Whether one of them is enough.</param>
    public abstract string Expression(IReadOnlyCollection<SearchWord> words, bool isAny);
}

/// <summary>A word as it was typed; one with blanks of its own kind in it, as <c>well-known</c>, is a phrase.</summary>
/// <param name="Text">Without blanks.</param>
/// <param name="IsBeginning">Whether words that begin so are meant, too.</param>
internal sealed record SearchWord(string Text, bool IsBeginning);
