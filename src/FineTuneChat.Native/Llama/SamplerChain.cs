using System.Numerics.Tensors;
using FineTuneChat.Native.Interop;

namespace FineTuneChat.Native.Llama;

/// <summary>
/// Picks the next token of one sequence: llama.cpp's samplers, applied in the order they were added. The last one must choose
/// (<see cref="AddGreedy"/>, <see cref="AddDistribution"/> or a mirostat). Where a few of the largest logits decide, llama.cpp's samplers see only these:
/// to copy and sort a vocabulary of 150,000 for each token would take longer than all the rest.
/// </summary>
public sealed unsafe class SamplerChain : IDisposable
{
    private const int MostCandidates = 1024; // for more than these, finding the largest costs more than taking all
    private const int All = int.MaxValue;

    private readonly LlamaModel _model;
    private readonly int _vocabularySize;
    private readonly SamplerHandle _handle;
    private GrammarState? _grammar;
    private int[] _biased = []; // tokens whose logits change before anything is chosen
    private int _candidates = All; // how many of the largest logits decide, before any bias
    private bool _isOpen = true; // nothing but bias so far: the next sampler may say how many decide

    /// <summary>An empty chain.</summary>
    /// <param name="model">The model whose logits it will see.</param>
    public SamplerChain(LlamaModel model)
    {
        _model = model;
        _vocabularySize = model.Vocabulary.Count;
        _handle = new SamplerHandle(LlamaNative.llama_sampler_chain_init(new llama_sampler_chain_params { no_perf = 1 }), model.Handle);
    }

    /// <summary>Adds a number to the logits of some tokens; negative infinity forbids one.</summary>
    public SamplerChain AddLogitBias(IReadOnlyCollection<KeyValuePair<int, float>> biases)
    {
        bool isOpen = _isOpen;
        var native = biases.Select(b => new llama_logit_bias { token = b.Key, bias = b.Value }).ToArray();
        fixed (llama_logit_bias* first = native)
            Add(LlamaNative.llama_sampler_init_logit_bias(_vocabularySize, native.Length, first));
        _isOpen = isOpen;
        _biased = [.. _biased.Union(biases.Select(b => b.Key))];
        return this;
    }

    /// <summary>Makes tokens of the last text less likely.</summary>
    /// <param name="window">Number of last tokens that count.</param>
    /// <param name="repetition">Divides positive logits, multiplies negative ones; 1 = off, must be above 0.</param>
    /// <param name="frequency">Subtracted per occurrence; 0 = off.</param>
    /// <param name="presence">Subtracted once; 0 = off.</param>
    /// <param name="history">Tokens that count from the start, as if they had been accepted.</param>
    public SamplerChain AddPenalties(int window, float repetition, float frequency, float presence, ReadOnlySpan<int> history = default) =>
        Add(LlamaNative.llama_sampler_init_penalties(_vocabularySize, window, repetition, frequency, presence), history);

    /// <summary>Adds a copy of DRY.</summary>
    /// <param name="dry">Made by <see cref="SamplerPrototype.Dry"/>.</param>
    /// <param name="history">Tokens that count from the start.</param>
    public SamplerChain AddDry(SamplerPrototype dry, ReadOnlySpan<int> history = default) => Add(dry.Copy(), history);

    /// <summary>Picks only tokens that a grammar allows, at most one grammar in a chain. It goes before all samplers, whenever it is added.</summary>
    /// <param name="grammar">Made by <see cref="SamplerPrototype.Grammar"/>; the chain gets a copy.</param>
    public SamplerChain AddGrammar(SamplerPrototype grammar)
    {
        _grammar = new GrammarState(_model, grammar);
        return this;
    }

    /// <summary>Keeps the k likeliest tokens; 0 = all.</summary>
    public SamplerChain AddTopK(int k) => Narrow(k > 0 ? k : All, LlamaNative.llama_sampler_init_top_k(k));

    /// <summary>Keeps the likeliest tokens that together reach the probability p.</summary>
    public SamplerChain AddTopP(float p) => Add(LlamaNative.llama_sampler_init_top_p(p, min_keep: 1));

    /// <summary>Keeps tokens that are at least p times as likely as the likeliest.</summary>
    public SamplerChain AddMinP(float p) => Add(LlamaNative.llama_sampler_init_min_p(p, min_keep: 1));

    /// <summary>Keeps tokens whose surprise is near the expected one, up to the probability p.</summary>
    public SamplerChain AddTypical(float p) => Add(LlamaNative.llama_sampler_init_typical(p, min_keep: 1));

    /// <summary>XTC: with a probability, drops all tokens above a threshold but the least likely of them.</summary>
    /// <param name="probability">0 to 1.</param>
    /// <param name="threshold">Least probability of the tokens that it looks at; above 0.5 it does nothing.</param>
    /// <param name="seed">Of its own randomness.</param>
    public SamplerChain AddXtc(float probability, float threshold, uint seed) =>
        Add(LlamaNative.llama_sampler_init_xtc(probability, threshold, min_keep: 1, seed));

    /// <summary>Mirostat, version 1: chooses so that the text's surprise stays near a target.</summary>
    /// <param name="tau">The target, in bits per token.</param>
    /// <param name="eta">How fast it follows, 0 to 1.</param>
    /// <param name="seed">The same seed and logits give the same tokens.</param>
    public SamplerChain AddMirostat(float tau, float eta, uint seed)
    {
        const int EstimationTokens = 100; // the paper's m
        return Add(LlamaNative.llama_sampler_init_mirostat(_vocabularySize, seed, tau, eta, EstimationTokens));
    }

    /// <summary>Mirostat, version 2: as <see cref="AddMirostat"/>, without the estimate of the distribution's shape.</summary>
    public SamplerChain AddMirostatV2(float tau, float eta, uint seed) => Add(LlamaNative.llama_sampler_init_mirostat_v2(seed, tau, eta));

    /// <summary>Divides the logits by a temperature above 0.</summary>
    public SamplerChain AddTemperature(float temperature) => Add(LlamaNative.llama_sampler_init_temp(temperature));

    /// <summary>Chooses by probability. The same seed and logits give the same tokens.</summary>
    public SamplerChain AddDistribution(uint seed) => Add(LlamaNative.llama_sampler_init_dist(seed));

    /// <summary>Chooses the likeliest token; of equals the one with the lowest id.</summary>
    public SamplerChain AddGreedy() => Narrow(1, LlamaNative.llama_sampler_init_greedy());

    /// <summary>Picks a token from a row's logits and remembers it for the penalties.</summary>
    /// <param name="context">The context whose last batch holds the row.</param>
    /// <param name="row">Index of the token in that batch; it was marked for output.</param>
    /// <exception cref="LlamaException">There is a grammar, and no token of the model goes on with it.</exception>
    public int Sample(LlamaContext context, int row)
    {
        ReadOnlySpan<float> logits = context.LogitsOf(row); // also checks the row: the native sampler would abort the process
        if (_grammar is not null)
            return SampleAllowed(_grammar, logits, context.Candidates);
        if (_candidates == 1)
            return TensorPrimitives.IndexOfMax(logits);
        if (_candidates == All)
            return LlamaNative.llama_sampler_sample(_handle, context.Handle, row);
        int token = Pick(logits, null, context.Candidates);
        LlamaNative.llama_sampler_accept(_handle, token);
        return token;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _grammar?.Dispose();
        _handle.Dispose();
    }

    /// <summary>To ask about one token is cheap, to ask about all is not: so what is picked freely is kept when it is allowed.</summary>
    private int SampleAllowed(GrammarState grammar, ReadOnlySpan<float> logits, llama_token_data[] candidates)
    {
        int token = Pick(logits, null, candidates);
        if (!grammar.Allows(token))
            token = Pick(logits, grammar, candidates);
        grammar.Accept(token);
        LlamaNative.llama_sampler_accept(_handle, token);
        return token;
    }

    private int Pick(ReadOnlySpan<float> logits, GrammarState? mask, llama_token_data[] candidates)
    {
        int count = mask is null && _candidates <= MostCandidates ? FindLargest(logits, candidates) : TakeAll(logits, candidates);
        mask?.Mask(candidates);
        fixed (llama_token_data* data = candidates)
        {
            var array = new llama_token_data_array { data = data, size = (nuint)count, selected = -1 };
            LlamaNative.llama_sampler_apply(_handle, &array);
            return array.selected >= 0 && array.selected < (long)array.size
                ? array.data[array.selected].id
                : throw new LlamaException("The samplers chose no token.");
        }
    }

    private static int TakeAll(ReadOnlySpan<float> logits, Span<llama_token_data> candidates)
    {
        for (int i = 0; i < logits.Length; i++)
            candidates[i] = new() { id = i, logit = logits[i] };
        return logits.Length;
    }

    /// <summary>The largest logits, and those that bias may make the largest.</summary>
    private int FindLargest(ReadOnlySpan<float> logits, Span<llama_token_data> candidates)
    {
        Span<int> largest = stackalloc int[Math.Min(_candidates, logits.Length)];
        largest = largest[..TopLogits.Find(logits, largest)];
        int count = 0;
        foreach (int token in largest)
            candidates[count++] = new() { id = token, logit = logits[token] };
        foreach (int token in _biased)
        {
            if (!largest.Contains(token))
                candidates[count++] = new() { id = token, logit = logits[token] };
        }

        return count;
    }

    /// <summary>Adds a sampler that keeps some of the largest logits. Bias may lower as many of them as there are biased tokens, not more.</summary>
    private SamplerChain Narrow(int kept, nint sampler)
    {
        if (_isOpen && kept <= MostCandidates - _biased.Length)
            _candidates = kept + _biased.Length;
        return Add(sampler);
    }

    private SamplerChain Add(nint sampler, ReadOnlySpan<int> history = default)
    {
        foreach (int token in history)
            LlamaNative.llama_sampler_accept(sampler, token);
        LlamaNative.llama_sampler_chain_add(_handle, sampler);
        _isOpen = false;
        return this;
    }
}
