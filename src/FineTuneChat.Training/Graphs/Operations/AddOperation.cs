using FineTuneChat.Native.Ggml;

namespace FineTuneChat.Training.Graphs.Operations;

internal static class AddOperation
{
    /// <summary>a + b.</summary>
    public static Tensor Add(this Tape tape, Tensor a, Tensor b) =>
        tape.Record(tape.Graph.Add(a, b), tape.Wants(a) || tape.Wants(b), gradient =>
        {
            tape.Accumulate(a, gradient);
            tape.Accumulate(b, gradient);
        });
}
