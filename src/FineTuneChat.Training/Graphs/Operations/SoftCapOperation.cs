using FineTuneChat.Native.Ggml;

namespace FineTuneChat.Training.Graphs.Operations;

internal static class SoftCapOperation
{
    /// <summary>cap · tanh(x / cap).</summary>
    public static Tensor SoftCap(this Tape tape, Tensor x, float cap) =>
        tape.Record(tape.Graph.SoftCap(x, cap), tape.Wants(x), gradient =>
            tape.Accumulate(x, tape.Graph.SoftCapBack(gradient, x, cap)));
}
