namespace FineTuneChat.Inference.Running;

/// <summary>The tokens of one step, of any sequences. Reused: it allocates only when it is made.</summary>
public sealed class TokenBatch
{
    private readonly BatchToken[] _tokens;

    /// <summary>An empty batch.</summary>
    /// <param name="capacity">Most tokens it can hold.</param>
    public TokenBatch(int capacity) => _tokens = new BatchToken[capacity];

    /// <summary>The tokens, in the order they were added.</summary>
    public ReadOnlySpan<BatchToken> Tokens => _tokens.AsSpan(0, Count);

    /// <summary>Number of tokens.</summary>
    public int Count { get; private set; }

    /// <summary>Adds a token and returns its index.</summary>
    public int Add(BatchToken token)
    {
        _tokens[Count] = token;
        return Count++;
    }

    /// <summary>Empties the batch.</summary>
    public void Clear() => Count = 0;
}

/// <summary>A token of a batch.</summary>
/// <param name="Id">Token id.</param>
/// <param name="Position">Place in its sequence, from 0.</param>
/// <param name="Sequence">Sequence id.</param>
/// <param name="Output">Whether its logits are wanted.</param>
public readonly record struct BatchToken(int Id, int Position, int Sequence, bool Output);
