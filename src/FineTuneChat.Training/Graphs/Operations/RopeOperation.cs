using FineTuneChat.Native.Ggml;

namespace FineTuneChat.Training.Graphs.Operations;

internal static class RopeOperation
{
    /// <summary>Rotary position embedding of [headWidth, heads, tokens].</summary>
    public static Tensor Rope(this Tape tape, Tensor x, Tensor positions, RopeParameters rope) =>
        tape.Record(tape.Graph.Rope(x, positions, rope), tape.Wants(x), gradient =>
            tape.Accumulate(x, tape.Graph.RopeBack(gradient, positions, rope)));
}
