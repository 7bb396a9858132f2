namespace FineTuneChat.Gguf.Models;

/// <summary>What of a context decides how much memory a model takes.</summary>
public record ContextSize
{
    /// <summary>
    /// Cells of the cache of keys and values, in tokens, shared by all sequences; llama.cpp rounds up to a multiple of 256. 0 = the model's trained context
    /// length.
    /// </summary>
    public int CacheTokens { get; init; }

    /// <summary>Most tokens of one decode. Default: 512.</summary>
    public int BatchSize { get; init; } = 512;

    /// <summary>Tokens that are computed together; a batch is cut into these. Default: 512.</summary>
    public int MicroBatchSize { get; init; } = 512;

    /// <summary>Most sequences at a time, 1 to 256. Default: 1.</summary>
    public int MaxSequences { get; init; } = 1;

    /// <summary>Type of the cached keys. Default: F16.</summary>
    public GgmlType KeyType { get; init; } = GgmlType.F16;

    /// <summary>Type of the cached values; a quantised one needs flash attention. Default: F16.</summary>
    public GgmlType ValueType { get; init; } = GgmlType.F16;

    /// <summary>Fused attention; null (default) = where the backend has it.</summary>
    public bool? FlashAttention { get; init; }
}
