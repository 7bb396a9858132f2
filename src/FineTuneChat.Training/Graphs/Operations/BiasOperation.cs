using FineTuneChat.Native.Ggml;

namespace FineTuneChat.Training.Graphs.Operations;

internal static class BiasOperation
{
    /// <summary>x + b for every row.</summary>
    /// <param name="tape">Where to record.</param>
    /// <param name="x">[n, rows].</param>
    /// <param name="bias">[n].</param>
    /// <param name="trained">The bias as a parameter, when it is trained.</param>
    public static Tensor Bias(this Tape tape, Tensor x, Tensor bias, Parameter? trained)
    {
        Graph graph = tape.Graph;
        return tape.Record(graph.Add(x, bias), tape.Wants(x) || trained != null, gradient =>
        {
            if (trained != null)
                graph.Expand(graph.SumRowsAdd(trained.Gradient, gradient));
            tape.Accumulate(x, gradient);
        });
    }
}
