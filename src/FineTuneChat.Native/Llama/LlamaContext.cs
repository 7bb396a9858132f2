using FineTuneChat.Gguf.Models;
using FineTuneChat.Native.Ggml;
using FineTuneChat.Native.Interop;

namespace FineTuneChat.Native.Llama;

/// <summary>A model at work: the cache of keys and values of its sequences, and the logits of the last batch. One thread at a time.</summary>
public sealed unsafe class LlamaContext : IDisposable
{
    private const int FlashAuto = -1, FlashOff = 0, FlashOn = 1; // enum llama_flash_attn_type
    /// <summary>
    /// How long waiting threads spin: some milliseconds, which is longer than from one token to the next. With ggml's own 50 all cores stay busy long after the
    /// last token.
    /// </summary>
    private const int Poll = 1;


    private readonly int _vocabularySize;
    private readonly int _embeddingLength;
    private readonly nint _memory;
    private readonly Lock _modelAdapters;
    private readonly Stack<ComputePool> _pools = []; // the last one computes; ggml may still use the one before it for a while
    private ParentReference[] _adapters = [];
    private bool _laysOut = true; // the next batch lays out the graph anew
    private llama_token_data[]? _candidates;

    /// <summary>Allocates the cache and the compute buffers.</summary>
    /// <param name="model">A model with weights; it stays loaded while the context lives.</param>
    /// <param name="options">Sizes, threads and types.</param>
    /// <exception cref="LlamaException">The options do not go together or with the model, or memory does not suffice.</exception>
    public LlamaContext(LlamaModel model, ContextOptions options)
    {
        ModelShape shape = model.Shape ?? throw new LlamaException($"{model.Path} was loaded without its weights.");
        options.Require(shape);
        llama_context_params parameters = LlamaNative.llama_context_default_params();
        parameters.n_ctx = (uint)options.CacheTokens;
        parameters.n_batch = (uint)options.BatchSize;
        // A model that is not causal needs all of its tokens in one computation.
        parameters.n_ubatch = (uint)(shape.IsCausal ? Math.Min(options.MicroBatchSize, options.BatchSize) : options.BatchSize);
        parameters.n_seq_max = (uint)options.MaxSequences;
        parameters.n_threads = parameters.n_threads_batch = options.Threads;
        parameters.type_k = (int)options.KeyType;
        parameters.type_v = (int)options.ValueType;
        parameters.flash_attn_type = options.FlashAttention switch { null => FlashAuto, true => FlashOn, false => FlashOff };
        parameters.embeddings = options.Embeddings ? (byte)1 : (byte)0;
        parameters.pooling_type = (int)options.Pooling;
        Set(ref parameters, model.Rope);
        parameters.swa_full = 0; // a windowed layer keeps its window; what lies before is never asked for again
        parameters.kv_unified = 1; // no slots of fixed size: any sequence may use any cell

        nint context = LlamaNative.llama_init_from_model(model.Handle, parameters);
        if (context == 0)
            throw new LlamaException(
                $"No context of {options.CacheTokens} tokens for {model.Path}: too little memory, or options that exclude each other. "
                + "Ask for a shorter context.");
        Handle = new ContextHandle(context, model.Handle);
        _memory = LlamaNative.llama_get_memory(Handle);
        _modelAdapters = model.Handle.Adapters;
        _vocabularySize = model.Vocabulary.Count;
        _embeddingLength = model.EmbeddingLength;
        CacheTokens = (int)LlamaNative.llama_n_ctx(Handle);
        BatchSize = (int)LlamaNative.llama_n_batch(Handle);
        MaxSequences = (int)LlamaNative.llama_n_seq_max(Handle);
        SetThreads(options.Threads);
    }

    /// <summary>Cells of the cache, in tokens, as llama.cpp rounded them.</summary>
    public int CacheTokens { get; }

    /// <summary>Most tokens of one <see cref="Decode"/>.</summary>
    public int BatchSize { get; }

    /// <summary>Sequence ids run from 0 to MaxSequences - 1.</summary>
    public int MaxSequences { get; }

    internal ContextHandle Handle { get; }

    /// <summary>Room for samplers that work in managed memory, one entry for each token. One for all: a sampler is asked by the context's thread.</summary>
    internal llama_token_data[] Candidates => _candidates ??= new llama_token_data[_vocabularySize];

    /// <summary>Computes a batch: its tokens enter the cache, the marked ones get logits.</summary>
    /// <exception cref="LlamaException">The batch is invalid or the computation failed; the context is then of no more use.</exception>
    public DecodeResult Decode(LlamaBatch batch)
    {
        int code = _laysOut ? LayOutAndDecode(batch) : LlamaNative.llama_decode(Handle, batch.Native);
        return code is >= (int)DecodeResult.Ok and <= (int)DecodeResult.Aborted
            ? (DecodeResult)code
            : throw new LlamaException($"llama_decode failed with {code} on a batch of {batch.Count} tokens.");
    }

    private int LayOutAndDecode(LlamaBatch batch)
    {
        lock (_modelAdapters)
        {
            _laysOut = false;
            return LlamaNative.llama_decode(Handle, batch.Native);
        }
    }

    /// <summary>Logits of a token of the last batch, [n_vocab]; valid until the next <see cref="Decode"/>.</summary>
    /// <param name="row">Its index in the batch.</param>
    /// <exception cref="ArgumentException">The token was not marked for output.</exception>
    public ReadOnlySpan<float> LogitsOf(int row)
    {
        float* logits = LlamaNative.llama_get_logits_ith(Handle, row);
        return logits != null
            ? new ReadOnlySpan<float>(logits, _vocabularySize)
            : throw new ArgumentException($"Token {row} of the batch has no logits.", nameof(row));
    }

    /// <summary>Hidden state of a token of the last batch after the last layer, [n_embd]; valid until the next <see cref="Decode"/>.</summary>
    /// <param name="row">Its index in the batch.</param>
    /// <exception cref="ArgumentException">The token was not marked for output, or the context makes no embeddings.</exception>
    public ReadOnlySpan<float> EmbeddingOf(int row)
    {
        float* embedding = LlamaNative.llama_get_embeddings_ith(Handle, row);
        return embedding != null
            ? new ReadOnlySpan<float>(embedding, _embeddingLength)
            : throw new ArgumentException($"Token {row} of the batch has no embedding.", nameof(row));
    }

    /// <summary>What the states of a sequence of the last batch are pooled to; valid until the next <see cref="Decode"/>.</summary>
    /// <param name="sequence">Its id; it was in the batch.</param>
    /// <param name="width">How many numbers that are: the model's width, or its scores.</param>
    /// <exception cref="ArgumentException">The context pools nothing, or the batch had no such sequence.</exception>
    public ReadOnlySpan<float> PooledOf(int sequence, int width)
    {
        float* pooled = LlamaNative.llama_get_embeddings_seq(Handle, sequence);
        return pooled != null
            ? new ReadOnlySpan<float>(pooled, width)
            : throw new ArgumentException($"Sequence {sequence} of the batch was not pooled.", nameof(sequence));
    }

    /// <summary>Forgets positions of a sequence.</summary>
    /// <param name="sequence">Its id.</param>
    /// <param name="from">First position to forget; 0 = all.</param>
    /// <returns>False when the model's memory cannot forget a part (recurrent models); nothing changed then.</returns>
    public bool Forget(int sequence, int from = 0) => LlamaNative.llama_memory_seq_rm(_memory, sequence, from, p1: -1);

    /// <summary>Lets a sequence share the first positions of another: no cell is copied.</summary>
    /// <param name="source">The id to share from.</param>
    /// <param name="target">The id that gets them; it should be empty.</param>
    /// <param name="length">Number of positions.</param>
    public void Share(int source, int target, int length) => LlamaNative.llama_memory_seq_cp(_memory, source, target, p0: 0, p1: length);

    /// <summary>Forgets all sequences.</summary>
    public void Clear() => LlamaNative.llama_memory_clear(_memory, data: false);

    /// <summary>Changes the number of compute threads from the next batch on.</summary>
    public void SetThreads(int threads)
    {
        if (threads > (_pools.TryPeek(out ComputePool? pool) ? pool.Threads : 1))
        {
            _pools.Push(new ComputePool(threads, Poll));
            LlamaNative.llama_attach_threadpool(Handle, _pools.Peek(), _pools.Peek());
        }

        LlamaNative.llama_set_n_threads(Handle, threads, threads);
    }

    /// <summary>
    /// Applies adapters to every following batch. What the cache holds stays as it was computed, with the former ones: a sequence must keep to its own.
    /// The next batch lays out the graph anew, which costs about as much as a token of a small model, more with many adapters loaded.
    /// </summary>
    /// <param name="adapters">Of the same model; none = the model alone.</param>
    /// <exception cref="LlamaException">llama.cpp refused them.</exception>
    public void SetAdapters(params IReadOnlyList<ScaledAdapter> adapters)
    {
        nint[] handles = [.. adapters.Select(a => a.Adapter.Handle.DangerousGetHandle())];
        float[] scales = [.. adapters.Select(a => a.Scale)];
        fixed (nint* first = handles)
        fixed (float* scale = scales)
        {
            if (LlamaNative.llama_set_adapters_lora(Handle, first, (nuint)handles.Length, scale) != 0)
                throw new LlamaException($"llama.cpp refused the adapters {string.Join(", ", adapters.Select(a => a.Adapter.Path))}.");
        }

        _laysOut = true;
        ReleaseAdapters();
        _adapters = [.. adapters.Select(a => new ParentReference(a.Adapter.Handle))];
    }

    /// <summary>As <see cref="SetAdapters"/>, with one at its full effect, or none.</summary>
    /// <param name="adapter">Of the same model; null = none.</param>
    /// <exception cref="LlamaException">llama.cpp refused it.</exception>
    public void SetAdapter(LoadedAdapter? adapter) => SetAdapters(adapter is null ? [] : [new(adapter)]);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Handle.IsClosed)
            return;
        Handle.Dispose();
        foreach (ComputePool pool in _pools)
            pool.Dispose();
        ReleaseAdapters();
    }

    private static void Set(ref llama_context_params parameters, RopeOptions rope)
    {
        if (rope.Scaling is { } scaling)
            parameters.rope_scaling_type = (int)scaling;
        if (rope.Factor is { } factor)
            parameters.rope_freq_scale = 1 / factor;
        if (rope.FrequencyBase is { } frequency)
            parameters.rope_freq_base = frequency;
        if (rope.OriginalContext is { } tokens)
            parameters.yarn_orig_ctx = (uint)tokens;
    }

    private void ReleaseAdapters()
    {
        foreach (ParentReference adapter in _adapters)
            adapter.Release();
        _adapters = [];
    }
}
