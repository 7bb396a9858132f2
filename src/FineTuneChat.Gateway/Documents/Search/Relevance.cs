namespace FineTuneChat.Gateway.Documents.Search;

/// <summary>
/// How relevant a passage is to a question, from 0 to 1: what share of the question's words it has, rare ones counting more, and how near it is in meaning.
/// A question whose rare words stand nowhere is not answered, however often its common ones do.
/// </summary>
internal static class Relevance
{
    // Cosines of MiniLM: what has nothing to do with each other is below, what says the same is above.
    private const double Far = 0.2, Near = 0.75;

    /// <summary>Share of the words' weight.</summary>
    /// <param name="terms">Stems with their weights.</param>
    /// <param name="words">Of the passage and its headings.</param>
    public static double Coverage(IReadOnlyList<(string Stem, double Weight)> terms, IReadOnlySet<string> words)
    {
        double all = terms.Sum(t => t.Weight);
        return all == 0 ? 0 : terms.Where(t => words.Any(word => QueryTerms.Begins(word, t.Stem))).Sum(t => t.Weight) / all;
    }

    /// <param name="coverage">By words.</param>
    /// <param name="cosine">By meaning; null: there are no vectors, and the words alone decide.</param>
    public static double Of(double coverage, double? cosine) =>
        cosine is not { } near ? coverage : Math.Clamp((coverage + Math.Clamp((near - Far) / (Near - Far), 0, 1)) / 2, 0, 1);

    /// <summary>How much a word says: the rarer, the more, and a number or a name with one (F21) twice as much.</summary>
    /// <param name="stem">The word.</param>
    /// <param name="passages">How many there are.</param>
    /// <param name="having">In how many it is.</param>
    public static double Weight(string stem, long passages, long having) =>
        Math.Log(1 + ((passages + 1.0) / (having + 0.5))) * (stem.Any(char.IsAsciiDigit) ? 2 : 1);
}
