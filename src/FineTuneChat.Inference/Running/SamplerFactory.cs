using FineTuneChat.Native.Llama;

namespace FineTuneChat.Inference.Running;

/// <summary>Makes llama.cpp's chain of samplers from the parameters of a request; steps that would change nothing are left out. Thread-safe.</summary>
/// <param name="model">Whose logits the chains will see.</param>
/// <param name="endsGeneration">Of each token, whether it ends a reply.</param>
public sealed class SamplerFactory(LlamaModel model, IReadOnlyList<bool> endsGeneration) : IDisposable
{
    private const float Coldest = 1e-3f; // below it logits / temperature overflow, and the choice is the likeliest token anyway
    private const uint NotRandomSeed = uint.MaxValue - 1; // uint.MaxValue asks llama.cpp for a random one

    // What they stand for in a prompt is not what they add to a reply, and a grammar sees the former.
    private readonly int[] _control = [.. Enumerable.Range(0, model.Vocabulary.Count).Where(
        token => model.Vocabulary.IsControl(token) && !endsGeneration[token])];

    private readonly int[] _ends = [.. Enumerable.Range(0, endsGeneration.Count).Where(token => endsGeneration[token])];
    private readonly SamplerPrototypes _prototypes = new();

    /// <summary>For one reply.</summary>
    /// <param name="parameters">Those of its request.</param>
    /// <param name="prompt">What penalties look back at.</param>
    /// <exception cref="LlamaException">The grammar cannot be read.</exception>
    public SamplerChain Create(SamplingParameters parameters, IReadOnlyList<int> prompt)
    {
        var chain = new SamplerChain(model);
        try
        {
            if (parameters.Grammar is { } grammar)
                _prototypes.Use(grammar, () => SamplerPrototype.Grammar(model, grammar), prototype => chain.AddGrammar(prototype));
            AddBias(chain, parameters);
            AddPenalties(chain, parameters, prompt);
            AddChoice(chain, parameters);
            return chain;
        }
        catch
        {
            chain.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _prototypes.Dispose();

    private static void AddChoice(SamplerChain chain, SamplingParameters parameters)
    {
        uint seed = Math.Min(parameters.Seed, NotRandomSeed);
        if (parameters.Temperature < Coldest)
            chain.AddGreedy();
        else if (parameters.Mirostat is { } mirostat)
            AddMirostat(chain.AddTemperature(parameters.Temperature), mirostat, seed);
        else
            AddTruncation(chain, parameters, seed).AddDistribution(seed);
    }

    private static void AddMirostat(SamplerChain chain, MirostatSampling mirostat, uint seed) =>
        _ = mirostat.Version == 1 ? chain.AddMirostat(mirostat.Tau, mirostat.Eta, seed) : chain.AddMirostatV2(mirostat.Tau, mirostat.Eta, seed);

    private static SamplerChain AddTruncation(SamplerChain chain, SamplingParameters parameters, uint seed)
    {
        if (parameters.TopK > 0)
            chain.AddTopK(parameters.TopK);
        if (parameters.TypicalP < 1)
            chain.AddTypical(parameters.TypicalP);
        if (parameters.TopP < 1)
            chain.AddTopP(parameters.TopP);
        if (parameters.MinP > 0)
            chain.AddMinP(parameters.MinP);
        if (parameters.XtcProbability > 0)
            chain.AddXtc(parameters.XtcProbability, parameters.XtcThreshold, seed);
        if (parameters.Temperature != 1)
            chain.AddTemperature(parameters.Temperature);
        return chain;
    }

    private void AddBias(SamplerChain chain, SamplingParameters parameters)
    {
        var bias = new Dictionary<int, float>(parameters.LogitBias);
        if (parameters.IgnoreEndOfGeneration)
        {
            foreach (int token in _ends)
                bias[token] = float.NegativeInfinity;
        }

        foreach (int token in parameters.Grammar is null ? [] : _control)
        {
            if (!parameters.Markers.ContainsKey(token))
                bias[token] = float.NegativeInfinity;
        }

        if (bias.Count > 0)
            chain.AddLogitBias(bias);
    }

    /// <summary>Repetition and DRY look back into the prompt; OpenAI's penalties count the reply only.</summary>
    private void AddPenalties(SamplerChain chain, SamplingParameters parameters, IReadOnlyList<int> prompt)
    {
        if (parameters is { RepetitionPenalty: not 1, RepetitionWindow: > 0 })
            chain.AddPenalties(parameters.RepetitionWindow, parameters.RepetitionPenalty, frequency: 0, presence: 0, Last(parameters.RepetitionWindow));

        const int WholeReply = 1 << 16; // tokens; llama.cpp keeps a ring of that many (256 KB)
        if (parameters.FrequencyPenalty != 0 || parameters.PresencePenalty != 0)
            chain.AddPenalties(WholeReply, repetition: 1, parameters.FrequencyPenalty, parameters.PresencePenalty);

        if (parameters.Dry is { } dry)
        {
            _prototypes.Use(
                (dry with { Breakers = [] }, string.Join('\0', dry.Breakers)),
                () => SamplerPrototype.Dry(model, dry.Multiplier, dry.Growth, dry.AllowedLength, dry.Window, dry.Breakers),
                prototype => chain.AddDry(prototype, Last(dry.Window)));
        }

        int[] Last(int window) => [.. prompt.TakeLast(window)];
    }
}
