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
            long n = gate.Size(0), rows = gate.Size(1);
            Tensor both = graph.SwiGluBack(gradient, gate, up); // [n, rows, 2]
            tape.Accumulate(gate, graph.View(both, 0, n, rows, n));
            tape.Accumulate(up, graph.View(both, n * rows, n, rows, n));
        });
    }
}
