using FineTuneChat.Native.Ggml;
using FineTuneChat.Training.Lora;

namespace FineTuneChat.Training.Graphs.Operations;

internal static class EmbeddingOperation
{
    /// <summary>One row of the table for each token.</summary>
    /// <param name="tape">Where to record.</param>
    /// <param name="table">[width, vocabulary].</param>
    /// <param name="trained">The table as a parameter, when it is trained.</param>
    /// <param name="rows">What is added to some of its rows, see <see cref="TokenRows"/>; null: nothing.</param>
    /// <param name="tokens">I32 [tokens].</param>
    /// <returns>[width, tokens].</returns>
    public static Tensor Embedding(this Tape tape, Tensor table, Parameter? trained, LoraPair? rows, Tensor tokens)
    {
        Graph graph = tape.Graph;
        Tensor embedded = graph.GetRows(table, tokens);
        if (rows == null)
            return tape.Record(embedded, trained != null, gradient => graph.Expand(graph.ScatterRowsAdd(trained!.Gradient, gradient, tokens)));

        Tensor chosen = graph.GetRows(rows.B.Value, tokens); // [rows, tokens]
        Tensor added = graph.Gemm(chosen, rows.A.Value, transposeB: true); // [width, tokens]
        return tape.Record(graph.Add(embedded, added), needed: true, gradient =>
            graph.Expand(graph.GemmAdd(rows.A.Gradient, chosen, gradient, transposeA: true, transposeB: true))); // [width, rows]
    }

    /// <summary>Picks rows of [width, tokens].</summary>
    /// <param name="tape">Where to record.</param>
    /// <param name="x">[width, tokens].</param>
    /// <param name="rows">I32 [count].</param>
    /// <returns>[width, count].</returns>
    public static Tensor PickRows(this Tape tape, Tensor x, Tensor rows) =>
        tape.Record(tape.Graph.GetRows(x, rows), tape.Wants(x), gradient =>
            tape.Accumulate(x, tape.Graph.ScatterRows(gradient, rows, x.Size(1))));
}
