namespace FineTuneChat.Gguf.Models;

/// <summary>Bytes that a model takes at work, from the header of its file alone: on the processor's side and on the GPU's.</summary>
public sealed record MemoryEstimate
{
    private const int CellGranularity = 256; // tokens; llama.cpp rounds caches up to it
    private const int FloatBytes = 4;

    /// <summary>Weights.</summary>
    public required Placed Weights { get; init; }

    /// <summary>Cache of keys and values.</summary>
    public required Placed Cache { get; init; }

    /// <summary>Activations of one micro-batch: the larger of what attention and feed-forward need, and of the logits.</summary>
    public required Placed Compute { get; init; }

    /// <summary>Logits as they are handed over.</summary>
    public required long Output { get; init; }

    /// <summary>All that lies in the processor's memory.</summary>
    public long Host => Weights.Host + Cache.Host + Compute.Host + Output;

    /// <summary>All that lies in the GPU's memory.</summary>
    public long Device => Weights.Device + Cache.Device + Compute.Device;

    /// <summary>Estimates what a model would take.</summary>
    /// <param name="file">Its header.</param>
    /// <param name="shape">Its sizes.</param>
    /// <param name="context">The context that is wanted; <see cref="ContextSize.CacheTokens"/> above 0.</param>
    /// <param name="gpuLayers">Layers on the GPU, counted from the end; the head is one more.</param>
    public static MemoryEstimate Of(GgufFile file, ModelShape shape, ContextSize context, int gpuLayers = 0)
    {
        int layers = shape.Layers.Count, firstOnGpu = Math.Max(0, layers + 1 - gpuLayers); // the head counts as the last layer
        return new MemoryEstimate
        {
            Weights = WeightsOf(file, layers, firstOnGpu),
            Cache = Placed.Sum(shape.Layers.Select((layer, i) => new Placed(LayerCache(layer, shape, context), i >= firstOnGpu))),
            Compute = new Placed(ComputeOf(shape, context), firstOnGpu < layers),
            Output = (long)shape.Vocabulary * context.MaxSequences * FloatBytes,
        };
    }

    private static Placed WeightsOf(GgufFile file, int layers, int firstOnGpu)
    {
        Placed placed = Placed.Sum(file.Tensors.Select(t => new Placed(t.Bytes, LayerOf(t.Name, layers) >= firstOnGpu)));
        bool isHeadShared = file.Find("output.weight") is null; // then the GPU has a copy of the embedding
        return isHeadShared && firstOnGpu <= layers && file.Find("token_embd.weight") is { } embedding
            ? placed with { Device = placed.Device + embedding.Bytes }
            : placed;
    }

    /// <summary>Embeddings lie before the first layer, on the processor; the head after the last.</summary>
    private static int LayerOf(string tensor, int layers)
    {
        if (!tensor.StartsWith("blk.", StringComparison.Ordinal))
            return tensor.StartsWith("output", StringComparison.Ordinal) ? layers : -1;
        return int.TryParse(tensor.AsSpan(4, Math.Max(0, tensor.IndexOf('.', 4) - 4)), out int index) ? index : -1;
    }

    private static long LayerCache(LayerShape layer, ModelShape shape, ContextSize context)
    {
        long cells = Cells(layer, shape, context), keys = (long)layer.KvHeads * layer.KeyWidth, values = (long)layer.KvHeads * layer.ValueWidth;
        return cells * (GgmlTypes.RowBytes(context.KeyType, keys) + GgmlTypes.RowBytes(context.ValueType, values));
    }

    /// <summary>A windowed layer needs one window for each sequence, and room for the batch.</summary>
    private static long Cells(LayerShape layer, ModelShape shape, ContextSize context)
    {
        long all = RoundUp(context.CacheTokens), window = RoundUp(((long)shape.Window * context.MaxSequences) + MicroBatch(context));
        return layer.IsWindowed ? Math.Min(all, window) : all;
    }

    /// <summary>
    /// What lives at the widest point of the graph, in floats for each token of the micro-batch: at the logits, in a layer's attention, or in its
    /// feed-forward part. The factors are what llama.cpp's allocator was seen to need (MemoryEstimateTests).
    /// </summary>
    private static long ComputeOf(ModelShape shape, ContextSize context)
    {
        long tokens = Math.Min(MicroBatch(context), RoundUp(context.CacheTokens));
        bool isFused = context.FlashAttention != false;
        long masks = shape.Layers.Select(l => Cells(l, shape, context)).Distinct().Sum() / (isFused ? 2 : 1); // halves or floats
        long layer = shape.Layers.Max(l => Math.Max(AttentionFloats(l, shape, context, isFused), FeedForwardFloats(l, shape)));
        return tokens * FloatBytes * Math.Max(shape.Vocabulary + (2L * shape.Width), masks + layer);
    }

    private static long AttentionFloats(LayerShape layer, ModelShape shape, ContextSize context, bool isFused)
    {
        long queries = (long)layer.Heads * layer.KeyWidth, keysAndValues = (long)layer.KvHeads * (layer.KeyWidth + layer.ValueWidth);
        long scores = isFused ? 0 : layer.Heads * Cells(layer, shape, context);
        return (3L * shape.Width) + (2 * queries) + keysAndValues + scores;
    }

    private static long FeedForwardFloats(LayerShape layer, ModelShape shape) =>
        (4L * shape.Width) + (3L * Math.Max(layer.FeedForward, (long)shape.ExpertsUsed * shape.ExpertFeedForward));

    private static int MicroBatch(ContextSize context) => Math.Min(context.MicroBatchSize, context.BatchSize);

    private static long RoundUp(long tokens) => (tokens + CellGranularity - 1) / CellGranularity * CellGranularity;
}

/// <summary>Bytes by where they lie.</summary>
/// <param name="Host">In the processor's memory.</param>
/// <param name="Device">In the GPU's.</param>
public readonly record struct Placed(long Host, long Device)
{
    internal Placed(long bytes, bool isOnDevice)
        : this(isOnDevice ? 0 : bytes, isOnDevice ? bytes : 0)
    {
    }

    internal static Placed Sum(IEnumerable<Placed> parts) =>
        parts.Aggregate(default(Placed), (sum, part) => new(sum.Host + part.Host, sum.Device + part.Device));
}
