using FineTuneChat.Native.Ggml;

namespace FineTuneChat.Training.Graphs.Operations;

internal static class ScaleOperation
{
    /// <summary>factor · x.</summary>
    public static Tensor Scale(this Tape tape, Tensor x, float factor) =>
        tape.Record(tape.Graph.Scale(x, factor), tape.Wants(x), gradient =>
            tape.Accumulate(x, tape.Graph.Scale(gradient, factor)));
}
