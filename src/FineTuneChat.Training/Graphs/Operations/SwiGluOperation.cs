using FineTuneChat.Native.Ggml;

namespace FineTuneChat.Training.Graphs.Operations;

internal static class SwiGluOperation
{
    /// <summary>silu(gate) ∘ up, both [n, rows].</summary>
    public static Tensor SwiGlu(this Tape tape, Tensor gate, Tensor up)
    {
        Graph graph = tape.Graph;
        return tape.Record(graph.SwiGlu(gate, up), tape.Wants(gate) || tape.Wants(up), gradient =>
        {
            var (gateGradient, upGradient) = graph.SwiGluBack(gradient, gate, up);
            tape.Accumulate(gate, gateGradient);
            tape.Accumulate(up, upGradient);
        });
    }
}
