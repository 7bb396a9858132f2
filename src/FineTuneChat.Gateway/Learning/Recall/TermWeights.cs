namespace FineTuneChat.Gateway.Learning.Recall;

/// <summary>How alike texts are by the terms that they share; rare ones count more (idf).</summary>
/// <param name="texts">How many there are.</param>
/// <param name="frequency">In how many of them a term is.</param>
internal sealed class TermWeights(int texts, Func<string, int> frequency)
{
    /// <summary>Cosine of the weights of two texts' terms; 0 where they share none.</summary>
    public double Cosine(IReadOnlySet<string> one, IReadOnlySet<string> other)
    {
        double common = one.Where(other.Contains).Sum(Square);
        return common == 0 ? 0 : common / Math.Sqrt(one.Sum(Square) * other.Sum(Square));
    }

    /// <summary>The square of a term's weight: what it adds to a product of two texts that have it.</summary>
    public double Square(string term)
    {
        double idf = Math.Log(1 + ((texts + 1.0) / (Math.Max(1, frequency(term)) + 1))); // a word that is nowhere is as rare as one that is once
        return idf * idf;
    }
}
