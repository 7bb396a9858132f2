using FineTuneChat.Native.Ggml;

namespace FineTuneChat.Training.Graphs.Operations;

internal static class GeGluOperation
{
    /// <summary>gelu(gate) ∘ up, both [n, rows].</summary>
    /// <param name="tape">Where to record.</param>
    /// <param name="gate">[n, rows].</param>
    /// <param name="up">[n, rows].</param>
    /// <param name="byTable">Whether gelu is read from llama.cpp's table instead of computed; the gradient is the exact one's in any case.</param>
    public static Tensor GeGlu(this Tape tape, Tensor gate, Tensor up, bool byTable)
    {
        Graph graph = tape.Graph;
        Tensor result = byTable ? graph.GeGluByTable(gate, up) : graph.GeGlu(gate, up);
        return tape.Record(result, tape.Wants(gate) || tape.Wants(up), gradient =>
        {
            long n = gate.Size(0), rows = gate.Size(1);
            Tensor both = graph.GeGluBack(gradient, gate, up); // [n, rows, 2]
            tape.Accumulate(gate, graph.View(both, 0, n, rows, n));
            tape.Accumulate(up, graph.View(both, n * rows, n, rows, n));
        });
    }
}
