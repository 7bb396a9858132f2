using FineTuneChat.Native.Ggml;
using FineTuneChat.Training.Lora;

namespace FineTuneChat.Training.Graphs;

/// <summary>Where a decoder finds its weights: frozen in a mapped file, with or without an adapter beside them, or trained whole.</summary>
public sealed class DecoderWeights
{
    private readonly Func<string, bool> _contains;
    private readonly Func<string, Tensor> _find;
    private readonly ParameterSet? _trained;
    private readonly LoraAdapter? _adapter;

    private DecoderWeights(Func<string, bool> contains, Func<string, Tensor> find, ParameterSet? trained, LoraAdapter? adapter)
    {
        _contains = contains;
        _find = find;
        _trained = trained;
        _adapter = adapter;
    }

    /// <summary>Frozen weights, with an adapter beside them when one is given.</summary>
    /// <param name="model">The mapped file.</param>
    /// <param name="adapter">Low-rank matrices, or null.</param>
    public static DecoderWeights Frozen(MappedModel model, LoraAdapter? adapter = null) => Frozen(model, adapter, observe: null);

    internal static DecoderWeights Frozen(MappedModel model, LoraAdapter? adapter, Action<Graph, string, Tensor>? observe) =>
        new(model.Contains, name => model[name], null, adapter) { Observe = observe };

    /// <summary>Every weight is trained.</summary>
    /// <param name="parameters">All weights, by their GGUF names.</param>
    public static DecoderWeights Trained(ParameterSet parameters) =>
        new(
            name => parameters.Find(name) != null,
            name => parameters.Find(name)?.Value ?? throw new ArgumentException($"The parameters lack '{name}'.", nameof(name)), parameters, null);

    /// <summary>Sees the input of every linear layer while a graph is built: the graph, the weight's name, the input [in, tokens].</summary>
    internal Action<Graph, string, Tensor>? Observe { get; private init; }

    internal Tensor this[string name] => _find(name);

    internal bool Contains(string name) => _contains(name);

    internal Parameter? Parameter(string name) => _trained?.Find(name);

    internal LoraPair? Lora(string name) => _adapter?.Find(name);
}
