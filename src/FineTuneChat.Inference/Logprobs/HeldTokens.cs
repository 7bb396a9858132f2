namespace FineTuneChat.Inference.Logprobs;

/// <summary>Tokens whose text is not shown yet: each is told of with the text that it begins in, and never when that is cut off.</summary>
internal sealed class HeldTokens
{
    private readonly Queue<(SampledToken Token, long Start)> _held = [];

    /// <param name="token">The token.</param>
    /// <param name="start">Number of characters before it.</param>
    public void Add(SampledToken token, long start) => _held.Enqueue((token, start));

    /// <summary>Takes out those that begin before the end of what is shown.</summary>
    public IReadOnlyList<SampledToken> Take(long shown)
    {
        var tokens = new List<SampledToken>();
        while (_held.TryPeek(out var next) && next.Start < shown)
            tokens.Add(_held.Dequeue().Token);
        return tokens;
    }
}
