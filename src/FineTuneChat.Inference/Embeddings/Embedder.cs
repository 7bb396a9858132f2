using System.Numerics;
using System.Numerics.Tensors;
using FineTuneChat.Inference.Running;
using FineTuneChat.Native.Llama;

namespace FineTuneChat.Inference.Embeddings;

/// <summary>
/// Texts as vectors: the hidden states of their tokens, pooled as the model's file says. A reranker makes a score of them. Has a context of its own, so that
/// replies being written are left alone. Thread-safe: one text at a time.
/// </summary>
public sealed class Embedder : IDisposable
{
    private const int Chunk = 64; // tokens per batch: each also gets its logits, which take room
    private const int SmallestContext = 512; // tokens

    private readonly LlamaModel _model;
    private readonly IReadOnlyList<ScaledAdapter> _adapters;
    private readonly ContextOptions _options;
    private readonly bool _isWhole; // a token sees those after it, or the library pools: a text is one batch
    private readonly Pooling _pooling;
    private readonly float[] _sum;
    private readonly SemaphoreSlim _free = new(1);
    private LlamaBatch _batch = new(Chunk);
    private Adapter? _adapter; // of the last text
    private LlamaContext? _context; // as long as the texts so far need: its cache costs memory

    /// <summary>Takes no memory before the first text.</summary>
    /// <param name="model">The model; disposing the embedder does not dispose it.</param>
    /// <param name="contextLength">Most tokens of a text.</param>
    /// <param name="options">Threads, types and rotation; the sizes are its own.</param>
    /// <param name="adapters">LoRA adapters to apply to every text, besides its own; null = none.</param>
    public Embedder(LlamaModel model, int contextLength, ContextOptions options, IReadOnlyList<ScaledAdapter>? adapters = null)
    {
        (_model, _options, _adapters) = (model, options, adapters ?? []);
        ContextLength = contextLength;
        _pooling = PoolingOf(model);
        _isWhole = _pooling == Pooling.Score || !model.Shape!.IsCausal;
        _sum = new float[_pooling == Pooling.Score ? model.ScoreCount : model.EmbeddingLength];
    }

    /// <summary>Most tokens of a text.</summary>
    public int ContextLength { get; }

    /// <summary>Width of the vectors; of a reranker, the number of its scores.</summary>
    public int Dimensions => _sum.Length;

    /// <summary>The vector of a text, of length 1; of a reranker, its scores as they are.</summary>
    /// <param name="tokens">Its ids, 1 to <see cref="ContextLength"/> of them.</param>
    /// <param name="dimensions">Keep this many of the first numbers, 1 to <see cref="Dimensions"/>.</param>
    /// <param name="adapter">The adapter that reads it; null = the model alone.</param>
    /// <param name="cancellation">Gives up, within one batch.</param>
    /// <exception cref="LlamaException">Memory does not suffice.</exception>
    public async Task<float[]> EmbedAsync(int[] tokens, int dimensions, Adapter? adapter, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfZero(tokens.Length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(tokens.Length, ContextLength);
        await _free.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            return await Task.Run(() => Embed(tokens, dimensions, adapter, cancellation), cancellation).ConfigureAwait(false);
        }
        finally
        {
            _free.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _context?.Dispose();
        _free.Dispose();
    }

    private float[] Embed(int[] tokens, int dimensions, Adapter? adapter, CancellationToken cancellation)
    {
        LlamaContext context = ContextFor(tokens.Length);
        if (_adapter != adapter)
            context.SetAdapters(adapter is null ? _adapters : [.. _adapters, adapter.Weights]);
        _adapter = adapter;
        context.Clear();
        Array.Clear(_sum);
        int chunk = _isWhole ? tokens.Length : Chunk;
        for (int start = 0; start < tokens.Length; start += chunk)
        {
            cancellation.ThrowIfCancellationRequested();
            _batch.Clear();
            int end = Math.Min(start + chunk, tokens.Length);
            for (int i = start; i < end; i++)
                _batch.Add(tokens[i], i, sequence: 0, output: true);
            if (context.Decode(_batch) != DecodeResult.Ok)
                throw new LlamaException($"{tokens.Length} tokens could not be embedded.");
            if (_pooling == Pooling.Score)
                return context.PooledOf(sequence: 0, Dimensions)[..dimensions].ToArray();
            for (int i = start; i < end; i++)
                Pool(context.EmbeddingOf(i - start), isFirst: i == 0, isLast: i == tokens.Length - 1);
        }

        float[] vector = _sum[..dimensions];
        float length = TensorPrimitives.Norm<float>(vector);
        if (length > 0)
            TensorPrimitives.Divide(vector, length, vector);
        return vector;
    }

    private LlamaContext ContextFor(int tokens)
    {
        if (_context is not null && _context.CacheTokens >= tokens)
            return _context;
        _context?.Dispose();
        _context = null;
        int room = Math.Min(ContextLength, Math.Max(SmallestContext, (int)BitOperations.RoundUpToPowerOf2((uint)tokens)));
        int batch = _isWhole ? room : Chunk;
        _batch = new LlamaBatch(batch);
        _context = new LlamaContext(_model, _options with
        {
            CacheTokens = room,
            BatchSize = batch,
            MicroBatchSize = batch,
            MaxSequences = 1,
            Embeddings = true,
            Pooling = _pooling == Pooling.Score ? Pooling.Score : Pooling.None,
        });
        _context.SetAdapters(_adapters);
        _adapter = null;
        return _context;
    }

    private void Pool(ReadOnlySpan<float> state, bool isFirst, bool isLast)
    {
        if (_pooling == Pooling.Mean || (_pooling == Pooling.First && isFirst) || (_pooling == Pooling.Last && isLast))
            TensorPrimitives.Add(_sum, state, _sum); // the length is taken out in the end: a sum is as good as a mean
    }

    /// <summary>The file's own, where it is an embedding model; otherwise the mean.</summary>
    private static Pooling PoolingOf(LlamaModel model)
    {
        string architecture = model.Metadata("general.architecture") ?? "";
        return model.MetadataNumber($"{architecture}.pooling_type") switch
        {
            (double)Pooling.First => Pooling.First,
            (double)Pooling.Last => Pooling.Last,
            (double)Pooling.Score => Pooling.Score,
            _ => Pooling.Mean,
        };
    }
}
