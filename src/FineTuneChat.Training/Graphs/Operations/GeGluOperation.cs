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
            var (gateGradient, upGradient) = graph.GeGluBack(gradient, gate, up);
            tape.Accumulate(gate, gateGradient);
            tape.Accumulate(up, upGradient);
        });
    }
}
