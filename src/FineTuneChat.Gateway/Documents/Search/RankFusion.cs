namespace FineTuneChat.Gateway.Documents.Search;

/// <summary>Reciprocal rank fusion: joins rankings whose scores cannot be compared, by the places alone.</summary>
internal static class RankFusion
{
    private const int Constant = 60; // as in the paper (Cormack, Clarke and Büttcher 2009)

    /// <summary>All that stand in any of the rankings, the best first.</summary>
    public static IReadOnlyList<long> Fuse(params IReadOnlyList<long>[] rankings)
    {
        var scores = new Dictionary<long, double>();
        foreach (IReadOnlyList<long> ranking in rankings)
            for (int i = 0; i < ranking.Count; i++)
                scores[ranking[i]] = scores.GetValueOrDefault(ranking[i]) + (1.0 / (Constant + i + 1));
        return [.. scores.OrderByDescending(s => s.Value).ThenBy(s => s.Key).Select(s => s.Key)];
    }
}
