namespace FineTuneChat.Inference.Logprobs;

/// <summary>Tokens whose text is not sent yet. Each is sent with the text that it begins in; when that text is cut off, it is not sent at all.</summary>
internal sealed class HeldTokens
{
    private readonly Queue<(SampledToken Token, long Start)> _held = [];

    /// <param name="token">The token.</param>
    /// <param name="start">Number of characters before it.</param>
    public void Add(SampledToken token, long start) => _held.Enqueue((token, start));

    /// <summary>Takes out those that begin in the text that is sent.</summary>
    public IReadOnlyList<SampledToken> Take(long shown)
    {
        var tokens = new List<SampledToken>();
        while (_held.TryPeek(out var next) && next.Start < shown)
            tokens.Add(_held.Dequeue().Token);
        return tokens;
    }
}
