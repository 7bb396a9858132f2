using FineTuneChat.Native.Ggml;
using FineTuneChat.Training.Lora;

namespace FineTuneChat.Training.Graphs;

/// <summary>Where a decoder finds its weights: frozen in a mapped file, with or without an adapter beside them, or trained whole.</summary>
public sealed class DecoderWeights : IDisposable
{
    private readonly MappedModel? _model;
    private readonly ParameterSet? _trained;
    private readonly LoraAdapter? _adapter;
    private readonly Placement? _placement;

    private DecoderWeights(MappedModel? model, ParameterSet? trained, LoraAdapter? adapter, Placement? placement = null)
    {
        _model = model;
        _trained = trained;
        _adapter = adapter;
        _placement = placement;
    }

    /// <summary>Frozen weights, with an adapter beside them when one is given.</summary>
    /// <param name="model">The mapped file.</param>
    /// <param name="adapter">Low-rank matrices, or null.</param>
    public static DecoderWeights Frozen(MappedModel model, LoraAdapter? adapter = null) => Frozen(model, adapter, observe: null);

    internal static DecoderWeights Frozen(MappedModel model, LoraAdapter? adapter, Action<Graph, string, Tensor>? observe) =>
        new(model, null, adapter) { Observe = observe };

    /// <summary>Every weight is trained.</summary>
    /// <param name="parameters">All weights, by their GGUF names.</param>
    public static DecoderWeights Trained(ParameterSet parameters) => new(null, parameters, null);

    /// <summary>The same weights where a backend computes with them: for a device copies in its memory, to be disposed of.</summary>
    /// <param name="backend">The backend.</param>
    /// <exception cref="OutOfMemoryException">They do not fit there.</exception>
    public DecoderWeights On(Backend backend)
    {
        Tensor[] constants = _model == null ? [] : [.. _model.File.Tensors.Select(t => _model[t.Name])];
        if (_adapter?.Rows is { } rows)
            constants = [.. constants, rows.Choice];
        Placement placement = backend.Place(constants, [.. Parameters.SelectMany(p => new[] { p.Value, p.Gradient })]);
        return new DecoderWeights(_model, _trained, _adapter, placement) { Observe = Observe };
    }

    /// <summary>Tells a device the parameters and their gradients as they are now. To be called when they have changed.</summary>
    public void Send()
    {
        foreach (Parameter parameter in _placement == null ? [] : Parameters)
        {
            _placement!.Send(parameter.Value);
            _placement.Send(parameter.Gradient);
        }
    }

    /// <summary>Takes the gradients that have been added up back from a device.</summary>
    public void Fetch()
    {
        foreach (Parameter parameter in _placement == null ? [] : Parameters)
            _placement!.Fetch(parameter.Gradient);
    }

    /// <summary>Frees the copies; what they are copies of stays.</summary>
    public void Dispose() => _placement?.Dispose();

    /// <summary>Sees the input of every linear layer while a graph is built: the graph, the weight's name, the input [in, tokens].</summary>
    internal Action<Graph, string, Tensor>? Observe { get; private init; }

    internal Tensor this[string name] => Placed(
        _trained == null ? _model![name] : _trained.Find(name)?.Value ?? throw new ArgumentException($"The parameters lack '{name}'.", nameof(name)));

    internal bool Contains(string name) => _trained == null ? _model!.Contains(name) : _trained.Find(name) != null;

    internal Parameter? Parameter(string name) => _trained?.Find(name) is { } parameter ? Placed(parameter) : null;

    internal LoraPair? Lora(string name) => _adapter?.Find(name) is { } pair ? pair with { A = Placed(pair.A), B = Placed(pair.B) } : null;

    private IReadOnlyList<Parameter> Parameters => (_trained ?? _adapter?.Parameters)?.All ?? [];

    private Parameter Placed(Parameter parameter) =>
        parameter with { Value = Placed(parameter.Value), Gradient = parameter.Gradient.IsNone ? default : Placed(parameter.Gradient) };

    private Tensor Placed(Tensor tensor) => _placement == null ? tensor : _placement[tensor];
}
