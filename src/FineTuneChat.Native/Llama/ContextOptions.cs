using FineTuneChat.Native.Gguf;

namespace FineTuneChat.Native.Llama;

/// <summary>How a <see cref="LlamaContext"/> is set up.</summary>
public sealed record ContextOptions
{
    /// <summary>Cells of the cache of keys and values, in tokens, shared by all sequences; llama.cpp rounds up to a multiple of 256. 0 = the model's trained context length.</summary>
    public int CacheTokens { get; init; }

    /// <summary>Most tokens of one <see cref="LlamaContext.Decode"/>. Default: 512.</summary>
    public int BatchSize { get; init; } = 512;

    /// <summary>Tokens that are computed together; a batch is cut into these. Default: 512.</summary>
    public int MicroBatchSize { get; init; } = 512;

    /// <summary>Most sequences at a time, 1 to 256. Default: 1.</summary>
    public int MaxSequences { get; init; } = 1;

    /// <summary>Compute threads; never more than the cores that are free. Default: 1.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>Type of the cached keys. Default: F16.</summary>
    public GgmlType KeyType { get; init; } = GgmlType.F16;

    /// <summary>Type of the cached values; other than F16 and F32 needs flash attention. Default: F16.</summary>
    public GgmlType ValueType { get; init; } = GgmlType.F16;

    /// <summary>Give the hidden state of every token of a batch (<see cref="LlamaContext.EmbeddingOf"/>). Default: false.</summary>
    public bool Embeddings { get; init; }

    /// <summary>Fused attention; null (default) = where the backend has it.</summary>
    public bool? FlashAttention { get; init; }
}
