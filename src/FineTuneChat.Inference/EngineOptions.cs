namespace FineTuneChat.Inference;

/// <summary>Limits of an <see cref="InferenceEngine"/>.</summary>
public sealed record EngineOptions
{
    /// <summary>Most tokens of one request, prompt and reply together. At most what the cache holds.</summary>
    public required int ContextLength { get; init; }

    /// <summary>Replies that are written at a time, at most the model's sequences and its batch; null (default) = as many as sequences.</summary>
    public int? Parallel { get; init; }

    /// <summary>
    /// Most tokens of ended sequences that the cache keeps for prompts that begin like them; 0 = none, null (default) = the newest whatever its length,
    /// and older ones up to a quarter of <see cref="ContextLength"/>. Whatever is kept slows the others a little: attention passes over its cells.
    /// </summary>
    public int? KeptTokens { get; init; }

    /// <summary>
    /// Requests that may wait while all sequences are taken; one more is refused, unless its client has less than an equal share of them.
    /// Default: 64.
    /// </summary>
    public int MaxQueue { get; init; } = 64;

    /// <summary>Prompt tokens per step while replies are being written: small enough that these do not stall. Default: 128.</summary>
    public int PrefillChunk { get; init; } = 128;

    /// <summary>Whether tokens are guessed and computed ahead, where the model can forget the wrong ones. Default: off.</summary>
    public SpeculationMode Speculation { get; init; }
}
