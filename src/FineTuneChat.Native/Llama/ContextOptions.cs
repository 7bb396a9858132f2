using FineTuneChat.Gguf;
using FineTuneChat.Gguf.Models;

namespace FineTuneChat.Native.Llama;

/// <summary>How a <see cref="LlamaContext"/> is set up.</summary>
public sealed record ContextOptions : ContextSize
{
    private const int MaxCacheTokens = 1 << 28, MaxBatch = 1 << 16, MaxThreads = 512; // threads: GGML_MAX_N_THREADS
    private const int MaxSequenceCount = 256; // LLAMA_MAX_SEQ

    /// <summary>Compute threads; never more than the cores that are free. Default: 1.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>Types that keys and values can be cached in.</summary>
    public static IReadOnlyList<GgmlType> CacheTypes { get; } =
        [GgmlType.F32, GgmlType.F16, GgmlType.BF16, GgmlType.Q8_0, GgmlType.Q5_1, GgmlType.Q5_0, GgmlType.Q4_1, GgmlType.Q4_0, GgmlType.IQ4_NL];

    /// <summary>Give the hidden state of every token of a batch (<see cref="LlamaContext.EmbeddingOf"/>). Default: false.</summary>
    public bool Embeddings { get; init; }

    /// <summary>Make one vector of a sequence (<see cref="LlamaContext.PooledOf"/>), which must come in one batch. Default: none.</summary>
    public Pooling Pooling { get; init; }

    /// <summary>Checks the options against each other and against a model.</summary>
    /// <param name="shape">The model's sizes.</param>
    /// <exception cref="LlamaException">Something does not go together; the message says what would.</exception>
    public void Require(ModelShape shape)
    {
        Require(CacheTokens is >= 0 and <= MaxCacheTokens, $"a cache of {CacheTokens} tokens; 0 to {MaxCacheTokens} are possible");
        Require(
            BatchSize is > 0 and <= MaxBatch && MicroBatchSize is > 0 and <= MaxBatch,
            $"batches of {BatchSize} and {MicroBatchSize} tokens; 1 to {MaxBatch} are possible");
        Require(MaxSequences is > 0 and <= MaxSequenceCount, $"{MaxSequences} sequences; 1 to {MaxSequenceCount} are possible");
        Require(Threads is > 0 and <= MaxThreads, $"{Threads} threads; 1 to {MaxThreads} are possible");
        RequireType("keys", KeyType, layer => layer.KeyWidth, shape);
        RequireType("values", ValueType, layer => layer.ValueWidth, shape);
        Require(
            FlashAttention != false || GgmlTypes.BlockSize(ValueType) == 1,
            $"values cached as {ValueType} without flash attention; switch it on, or cache values as {GgmlType.F16}, {GgmlType.BF16} or {GgmlType.F32}");
    }

    private static void RequireType(string what, GgmlType type, Func<LayerShape, int> width, ModelShape shape)
    {
        Require(CacheTypes.Contains(type), $"{what} cached as {type}; {string.Join(", ", CacheTypes)} are possible");
        int wrong = shape.Layers.Where(l => l.KvHeads > 0).Select(width).FirstOrDefault(w => w % GgmlTypes.BlockSize(type) != 0);
        Require(
            wrong == 0,
            $"{what} cached as {type}: a head of {wrong} numbers is no multiple of its blocks of {GgmlTypes.BlockSize(type)}; choose {GgmlType.F16}");
    }

    private static void Require(bool isPossible, string otherwise)
    {
        if (!isPossible)
            throw new LlamaException($"The model cannot run with {otherwise}.");
    }
}
