namespace FineTuneChat.Embedder;

/// <summary>Which texts are computed together. Pure.</summary>
internal static class BatchPlan
{
    /// <summary>Tokens of a batch, its filling included, unless one text alone has more: about 50 ms of two cores, which a question may have to wait.</summary>
    public const int Tokens = 512;

    /// <summary>Batches of indices, the shortest texts first.</summary>
    /// <param name="lengths">Of the texts, in tokens.</param>
    public static IEnumerable<int[]> Of(IReadOnlyList<int> lengths)
    {
        var batch = new List<int>();
        foreach (int i in Enumerable.Range(0, lengths.Count).OrderBy(i => lengths[i]))
        {
            if (batch.Count > 0 && lengths[i] * (batch.Count + 1) > Tokens)
            {
                yield return [.. batch];
                batch.Clear();
            }
            batch.Add(i);
        }
        if (batch.Count > 0)
            yield return [.. batch];
    }
}
