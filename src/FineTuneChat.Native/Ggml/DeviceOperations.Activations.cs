namespace FineTuneChat.Native.Ggml;

/// <content>Element by element.</content>
internal sealed partial class DeviceOperations
{
    private const float A = 0.79788456f; // √(2/π)
    private const float B = 0.044715f;

    /// <summary>With σ = σ(g) and s = g·σ: dg = dy ∘ u ∘ (σ + s − s·σ), du = dy ∘ s.</summary>
    public (Tensor Gate, Tensor Up) SwiGluBack(Tensor gradient, Tensor gate, Tensor up)
    {
        Tensor sigmoid = graph.Sigmoid(gate), silu = graph.Multiply(gate, sigmoid);
        Tensor slope = graph.Add(sigmoid, graph.Subtract(silu, graph.Multiply(silu, sigmoid)));
        return (graph.Multiply(graph.Multiply(gradient, up), slope), graph.Multiply(gradient, silu));
    }

    public Tensor GeGlu(Tensor gate, Tensor up) => graph.Multiply(graph.Multiply(gate, HalfOnePlusTanh(gate)), up);

    /// <summary>
    /// With h = ½(1 + t) and e = g·h: dg = dy ∘ u ∘ (h + 2a·e·(1 − h)·(1 + 3b·g²)), du = dy ∘ e; see <see cref="Kernels.GeGluKernel"/>.
    /// </summary>
    public (Tensor Gate, Tensor Up) GeGluBack(Tensor gradient, Tensor gate, Tensor up)
    {
        Tensor h = HalfOnePlusTanh(gate), gelu = graph.Multiply(gate, h);
        Tensor rise = graph.Multiply(graph.Scale(graph.Square(gate), 6 * A * B, 2 * A), graph.Subtract(gelu, graph.Multiply(gelu, h)));
        return (graph.Multiply(graph.Multiply(gradient, up), graph.Add(h, rise)), graph.Multiply(gradient, gelu));
    }

    public Tensor SoftCap(Tensor x, float cap) => graph.Scale(graph.Tanh(graph.Scale(x, 1 / cap)), cap);

    public Tensor SoftCapBack(Tensor gradient, Tensor x, float cap) =>
        graph.Subtract(gradient, graph.Multiply(gradient, graph.Square(graph.Tanh(graph.Scale(x, 1 / cap)))));

    /// <summary>½(1 + tanh(a·(g + b·g³))) = σ(2a·g·(1 + b·g²)). ggml's own gelu is read from a table on its CPU backend.</summary>
    private Tensor HalfOnePlusTanh(Tensor gate) => graph.Sigmoid(graph.Multiply(gate, graph.Scale(graph.Square(gate), 2 * A * B, 2 * A)));
}
