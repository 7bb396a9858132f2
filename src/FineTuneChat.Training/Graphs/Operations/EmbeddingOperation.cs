using FineTuneChat.Native.Ggml;

namespace FineTuneChat.Training.Graphs.Operations;

internal static class EmbeddingOperation
{
    /// <summary>One row of the table for each token.</summary>
    /// <param name="tape">Where to record.</param>
    /// <param name="table">[width, vocabulary].</param>
    /// <param name="trained">The table as a parameter, when it is trained.</param>
    /// <param name="tokens">I32 [tokens].</param>
    /// <returns>[width, tokens].</returns>
    public static Tensor Embedding(this Tape tape, Tensor table, Parameter? trained, Tensor tokens) =>
        tape.Record(tape.Graph.GetRows(table, tokens), trained != null, gradient =>
            tape.Graph.Expand(tape.Graph.ScatterRowsAdd(trained!.Gradient, gradient, tokens)));

    /// <summary>Picks rows of [width, tokens].</summary>
    /// <param name="tape">Where to record.</param>
    /// <param name="x">[width, tokens].</param>
    /// <param name="rows">I32 [count].</param>
    /// <returns>[width, count].</returns>
    public static Tensor PickRows(this Tape tape, Tensor x, Tensor rows) =>
        tape.Record(tape.Graph.GetRows(x, rows), tape.Wants(x), gradient =>
            tape.Accumulate(x, tape.Graph.ScatterRows(gradient, rows, x.Size(1))));
}
