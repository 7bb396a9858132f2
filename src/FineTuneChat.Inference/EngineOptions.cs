namespace FineTuneChat.Inference;

/// <summary>Limits of an <see cref="InferenceEngine"/>.</summary>
public sealed record EngineOptions
{
    /// <summary>Most tokens of one request, prompt and reply together. At most what the cache holds.</summary>
    public required int ContextLength { get; init; }

    /// <summary>Requests that may wait while all sequences are taken; one more is refused. Default: 64.</summary>
    public int MaxQueue { get; init; } = 64;

    /// <summary>Prompt tokens per step while replies are being written: small enough that these do not stall. Default: 128.</summary>
    public int PrefillChunk { get; init; } = 128;
}
