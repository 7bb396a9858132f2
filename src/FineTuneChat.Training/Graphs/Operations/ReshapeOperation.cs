using FineTuneChat.Native.Ggml;

namespace FineTuneChat.Training.Graphs.Operations;

internal static class ReshapeOperation
{
    /// <summary>The same elements in another shape.</summary>
    public static Tensor Reshape(this Tape tape, Tensor x, long ne0, long ne1, long ne2 = 1) =>
        tape.Record(tape.Graph.Reshape(x, ne0, ne1, ne2), tape.Wants(x), gradient =>
            tape.Accumulate(x, tape.Graph.Reshape(gradient, x.Size(0), x.Size(1), x.Size(2))));
}
