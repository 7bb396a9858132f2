using FineTuneChat.Native.Ggml;

namespace FineTuneChat.Training.Graphs;

/// <summary>
/// Reverse-mode differentiation whose forward and backward are both nodes of a ggml graph. Each operation (folder Operations) builds its node and
/// leaves behind how a gradient of its result becomes gradients of its inputs; <see cref="Backward"/> runs these in reverse.
/// ggml's own differentiation is not used: its gradients are wrong where memory is reused, and it knows no derivative of this project's kernels.
/// </summary>
/// <param name="graph">Where nodes are put.</param>
/// <param name="dropout">Dropout of the adapters' inputs; null = none.</param>
internal sealed class Tape(Graph graph, Dropout? dropout = null)
{
    private readonly List<(Tensor Result, Action<Tensor> Backward)> _steps = [];
    private readonly Dictionary<Tensor, Tensor> _gradients = [];
    private readonly HashSet<Tensor> _wanted = [];

    public Graph Graph => graph;

    public Dropout? Dropout => dropout;

    /// <summary>Marks an input of the taped part whose gradient is wanted.</summary>
    public void Want(Tensor tensor) => _wanted.Add(tensor);

    public bool Wants(Tensor tensor) => _wanted.Contains(tensor);

    /// <summary>The gradient that has arrived at a tensor, none if no path led there.</summary>
    public Tensor GradientOf(Tensor tensor) => _gradients.GetValueOrDefault(tensor);

    /// <summary>Notes a differentiable result.</summary>
    /// <param name="result">The operation's node.</param>
    /// <param name="needed">Whether any input wants a gradient; if not, nothing is recorded.</param>
    /// <param name="backward">Given the result's gradient, adds to those of the inputs.</param>
    public Tensor Record(Tensor result, bool needed, Action<Tensor> backward)
    {
        if (needed)
        {
            _wanted.Add(result);
            _steps.Add((result, backward));
        }

        return result;
    }

    /// <summary>Adds to the gradient of a tensor, if it is wanted.</summary>
    public void Accumulate(Tensor tensor, Tensor gradient)
    {
        if (Wants(tensor))
            _gradients[tensor] = _gradients.TryGetValue(tensor, out Tensor sum) ? graph.Add(sum, gradient) : gradient;
    }

    /// <summary>Builds the backward pass from the gradient of a result.</summary>
    public void Backward(Tensor result, Tensor gradient)
    {
        Accumulate(result, gradient);
        for (int i = _steps.Count - 1; i >= 0; i--)
        {
            var (node, backward) = _steps[i];
            if (_gradients.TryGetValue(node, out Tensor arrived))
                backward(arrived);
        }
    }
}
