using FineTuneChat.Native.Ggml;

namespace FineTuneChat.Training.Graphs.Operations;

internal static class RmsNormOperation
{
    /// <summary>w ∘ x / rms(x).</summary>
    /// <param name="tape">Where to record.</param>
    /// <param name="x">[n, rows].</param>
    /// <param name="weight">[n].</param>
    /// <param name="trained">The weight as a parameter, when it is trained.</param>
    /// <param name="epsilon">Added to the mean square.</param>
    public static Tensor RmsNorm(this Tape tape, Tensor x, Tensor weight, Parameter? trained, float epsilon)
    {
        Graph graph = tape.Graph;
        return tape.Record(graph.Multiply(graph.RmsNorm(x, epsilon), weight), tape.Wants(x) || trained != null, gradient =>
        {
            if (trained != null)
                graph.Expand(graph.RmsNormWeightBack(trained.Gradient, gradient, x, epsilon));
            if (tape.Wants(x))
                tape.Accumulate(x, graph.RmsNormBack(gradient, weight, x, epsilon));
        });
    }
}
