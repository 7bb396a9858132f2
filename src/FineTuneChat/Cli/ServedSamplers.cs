using FineTuneChat.Engine.Loading;
using FineTuneChat.Gguf;
using FineTuneChat.Inference;
using FineTuneChat.Inference.Running;
using FineTuneChat.Native.Llama;

namespace FineTuneChat.Cli;

/// <summary>The samplers of a model as it is served to requests that do not say: the same code, the same defaults, with seeds.</summary>
internal sealed class ServedSamplers : IDisposable
{
    private readonly SamplerFactory _factory;
    private readonly SamplingParameters _served;
    private readonly uint _draws;

    /// <param name="model">The loaded model.</param>
    /// <param name="header">Its file, which may say how it is best sampled.</param>
    /// <param name="draws">Replies to each question.</param>
    public ServedSamplers(LlamaModel model, GgufFile header, int draws)
    {
        _factory = new SamplerFactory(model, [.. Enumerable.Range(0, model.Vocabulary.Count).Select(model.Vocabulary.IsEndOfGeneration)]);
        (_served, _draws) = (SamplingDefaults.Of(header.Metadata), (uint)draws);
    }

    /// <summary>Those of the replies to the question at a place: each with a seed of its own, the same ones each time.</summary>
    public IReadOnlyList<Func<SamplerChain>> Of(int place, int[] prompt) =>
    [
        .. Enumerable.Range(0, (int)_draws).Select(draw =>
            (Func<SamplerChain>)(() => _factory.Create(_served with { Seed = (uint)place * _draws + (uint)draw + 1 }, prompt))),
    ];

    public void Dispose() => _factory.Dispose();
}
