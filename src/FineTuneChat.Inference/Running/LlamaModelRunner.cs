using FineTuneChat.Native.Llama;

namespace FineTuneChat.Inference.Running;

/// <summary>Runs a GGUF model through llama.cpp.</summary>
public sealed class LlamaModelRunner : IModelRunner
{
    private readonly LlamaModel _model;
    private readonly LlamaContext _context;
    private readonly LlamaBatch _batch;
    private readonly SamplerFactory _samplers;
    private readonly bool[] _endsGeneration;
    private readonly IReadOnlyList<ScaledAdapter> _always;
    private Adapter? _adapter;

    /// <summary>Sets up a context and warms it up.</summary>
    /// <param name="model">The model; disposing the runner does not dispose it.</param>
    /// <param name="options">Cache, batch and threads.</param>
    /// <param name="adapters">LoRA adapters to apply to every request, besides its own; null = none.</param>
    /// <exception cref="LlamaException">The model cannot generate, or memory does not suffice.</exception>
    public LlamaModelRunner(LlamaModel model, ContextOptions options, IReadOnlyList<ScaledAdapter>? adapters = null)
    {
        if (!model.HasDecoder)
            throw new LlamaException($"{model.Path} is an encoder: it cannot write text.");
        _model = model;
        // A windowed layer drops what lies before its window when a computation goes beyond: in parts, that would be beyond a draft that is then forgotten.
        CanForgetLast = model.CanForgetLast && (model.Shape!.Window == 0 || options.MicroBatchSize >= options.BatchSize);
        _context = new LlamaContext(model, options);
        _batch = new LlamaBatch(_context.BatchSize);
        _endsGeneration = [.. Enumerable.Range(0, model.Vocabulary.Count).Select(model.Vocabulary.IsEndOfGeneration)];
        _samplers = new SamplerFactory(model, _endsGeneration);
        _always = adapters ?? [];
        _context.SetAdapters(_always);
        WarmUp();
    }

    /// <inheritdoc/>
    public int CacheTokens => _context.CacheTokens;

    /// <inheritdoc/>
    public int BatchSize => _context.BatchSize;

    /// <inheritdoc/>
    public int MaxSequences => _context.MaxSequences;

    /// <inheritdoc/>
    public bool CanSharePrefixes => _model.CanSharePrefixes;

    /// <inheritdoc/>
    public bool CanForgetLast { get; }

    /// <inheritdoc/>
    public void Use(Adapter? adapter)
    {
        if (adapter == _adapter)
            return;
        _context.SetAdapters(adapter is null ? _always : [.. _always, adapter.Weights]);
        _adapter = adapter;
    }

    /// <inheritdoc/>
    public bool Decode(TokenBatch batch)
    {
        _batch.Clear();
        foreach (BatchToken token in batch.Tokens)
            _batch.Add(token.Id, token.Position, token.Sequence, token.Output);
        return _context.Decode(_batch) == DecodeResult.Ok;
    }

    /// <inheritdoc/>
    public ITokenSampler CreateSampler(SamplingParameters parameters, IReadOnlyList<int> prompt) =>
        new ChainSampler(_context, _samplers.Create(parameters, prompt));

    /// <inheritdoc/>
    public ReadOnlySpan<float> LogitsOf(int row) => _context.LogitsOf(row);

    /// <inheritdoc/>
    public void Share(int source, int target, int length) => _context.Share(source, target, length);

    /// <inheritdoc/>
    public void Forget(int sequence, int from = 0) => _context.Forget(sequence, from);

    /// <inheritdoc/>
    public void SetThreads(int threads) => _context.SetThreads(threads);

    /// <inheritdoc/>
    public ReadOnlySpan<byte> PieceOf(int token) => _model.Vocabulary.PieceOf(token);

    /// <inheritdoc/>
    public bool EndsGeneration(int token) => _endsGeneration[token];

    /// <inheritdoc/>
    public void Dispose()
    {
        _samplers.Dispose();
        _context.Dispose();
    }

    /// <summary>Touches all weights and builds the graphs of both shapes, so that the first request does not pay for it.</summary>
    private void WarmUp()
    {
        int token = _model.Vocabulary.Bos ?? _model.Vocabulary.Eos ?? 0;
        foreach (int count in (ReadOnlySpan<int>)[Math.Min(16, BatchSize), 1])
        {
            _batch.Clear();
            for (int i = 0; i < count; i++)
                _batch.Add(token, i, sequence: 0, output: i == count - 1);
            _context.Decode(_batch);
            _context.Clear();
        }
    }

    private sealed class ChainSampler(LlamaContext context, SamplerChain chain) : ITokenSampler
    {
        public int Sample(int row) => chain.Sample(context, row);

        public void Dispose() => chain.Dispose();
    }
}
