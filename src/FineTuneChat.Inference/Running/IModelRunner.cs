namespace FineTuneChat.Inference.Running;

/// <summary>What the loop needs of a model. Called by the loop's thread only, but for <see cref="CreateSampler"/>.</summary>
public interface IModelRunner : IKeyValueCache, IDisposable
{
    /// <summary>Tokens that the cache holds, over all sequences.</summary>
    int CacheTokens { get; }

    /// <summary>Most tokens of one batch.</summary>
    int BatchSize { get; }

    /// <summary>Sequence ids run from 0 to MaxSequences - 1.</summary>
    int MaxSequences { get; }

    /// <summary>Whether <see cref="IKeyValueCache.Share"/> can be used.</summary>
    bool CanSharePrefixes { get; }

    /// <summary>Whether the last tokens of a sequence can be forgotten; recurrent models keep one state for all.</summary>
    bool CanForgetLast { get; }

    /// <summary>Computes the following batches with an adapter, until another is chosen. What the cache holds stays as it is.</summary>
    /// <param name="adapter">Null = the model alone.</param>
    void Use(Adapter? adapter);

    /// <summary>Computes a batch.</summary>
    /// <returns>False when the cache has no room for it; nothing changed then.</returns>
    bool Decode(TokenBatch batch);

    /// <summary>A sampler for one reply. Called by any thread: it may take long, and the loop must not wait.</summary>
    /// <param name="parameters">How tokens are picked.</param>
    /// <param name="prompt">The tokens before the reply.</param>
    ITokenSampler CreateSampler(SamplingParameters parameters, IReadOnlyList<int> prompt);

    /// <summary>What the model made of a token of the last batch: a logit for each token of the vocabulary. Valid until the next batch.</summary>
    /// <param name="row">Its index in the batch; its logits were wanted.</param>
    ReadOnlySpan<float> LogitsOf(int row);

    /// <summary>Changes the number of compute threads from the next batch on.</summary>
    void SetThreads(int threads);

    /// <summary>The bytes that a token adds to the text, possibly a part of a character.</summary>
    ReadOnlySpan<byte> PieceOf(int token);

    /// <summary>Whether the token ends a reply.</summary>
    bool EndsGeneration(int token);
}

/// <summary>Picks the tokens of one reply.</summary>
public interface ITokenSampler : IDisposable
{
    /// <summary>Picks a token and remembers it.</summary>
    /// <param name="row">Index in the last batch of the token whose logits are used.</param>
    int Sample(int row);
}
