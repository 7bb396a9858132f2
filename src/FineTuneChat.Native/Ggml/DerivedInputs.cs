using FineTuneChat.Gguf;

namespace FineTuneChat.Native.Ggml;

/// <summary>Inputs of a graph that the host works out from others, I32, before each computation.</summary>
internal sealed class DerivedInputs(Graph graph)
{
    private readonly Dictionary<object, Tensor> _inputs = [];
    private readonly List<Action> _fills = [];

    /// <summary>The input of a key, made when it is first asked for.</summary>
    /// <param name="key">What it is a function of.</param>
    /// <param name="source">I32, an input of the graph.</param>
    /// <param name="type">Its type.</param>
    /// <param name="shape">Its shape.</param>
    /// <param name="fill">Sets all of its elements from the source's.</param>
    public Tensor Of<T>(object key, Tensor source, GgmlType type, long[] shape, Action<int[], T[]> fill)
        where T : unmanaged
    {
        if (_inputs.TryGetValue(key, out Tensor input))
            return input;
        graph.Expand(source); // it has memory although no node reads it
        _inputs[key] = input = graph.Input("derived", type, shape);
        var values = new T[input.ElementCount];
        _fills.Add(() =>
        {
            fill(source.Read<int>(), values);
            input.Write<T>(values);
        });
        return input;
    }

    public void Fill() => _fills.ForEach(fill => fill());
}
