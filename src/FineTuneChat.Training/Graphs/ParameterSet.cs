using FineTuneChat.Gguf;
using FineTuneChat.Native.Ggml;

namespace FineTuneChat.Training.Graphs;

/// <summary>All that a run trains, in a fixed order.</summary>
public sealed class ParameterSet : IDisposable
{
    private readonly TensorStore _store;
    private readonly Dictionary<string, Parameter> _byName;

    /// <summary>Takes memory for values and gradients, all zero.</summary>
    /// <param name="shapes">Name, shape (contiguous dimension first), and whether weight decay applies.</param>
    public ParameterSet(IReadOnlyList<(string Name, long[] Shape, bool Decays)> shapes)
    {
        _store = new TensorStore(2 * shapes.Count);
        All = [.. shapes.Select(s => new Parameter(
            s.Name, _store.Add(s.Name, GgmlType.F32, s.Shape), _store.Add(s.Name + ".grad", GgmlType.F32, s.Shape), s.Decays))];
        _store.Allocate();
        _byName = All.ToDictionary(p => p.Name, StringComparer.Ordinal);
    }

    /// <summary>In the order given.</summary>
    public IReadOnlyList<Parameter> All { get; }

    /// <summary>Number of trainable numbers.</summary>
    public long Count => All.Sum(p => p.Value.ElementCount);

    /// <summary>A parameter by name, null when it is not trained.</summary>
    /// <param name="name">Its name.</param>
    public Parameter? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>Sets every gradient to zero.</summary>
    public void ClearGradients()
    {
        foreach (Parameter parameter in All)
            parameter.Gradient.AsSpan<float>().Clear();
    }

    /// <summary>Frees the memory.</summary>
    public void Dispose() => _store.Dispose();
}
