using FineTuneChat.Native.Ggml;

namespace FineTuneChat.Training.Graphs.Operations;

internal static class AttentionOperation
{
    /// <summary>Causal attention over packed sequences.</summary>
    /// <param name="tape">Where to record.</param>
    /// <param name="q">[headWidth, heads, tokens].</param>
    /// <param name="k">[headWidth, kvHeads, tokens].</param>
    /// <param name="v">[headWidth, kvHeads, tokens].</param>
    /// <param name="starts">I32 [tokens].</param>
    /// <param name="parameters">Scale, window, cap.</param>
    /// <returns>[headWidth, heads, tokens].</returns>
    public static Tensor Attention(this Tape tape, Tensor q, Tensor k, Tensor v, Tensor starts, AttentionParameters parameters)
    {
        Graph graph = tape.Graph;
        return tape.Record(graph.Attention(q, k, v, starts, parameters), tape.Wants(q) || tape.Wants(k) || tape.Wants(v), gradient =>
        {
            var (dq, dk, dv) = graph.AttentionBack(gradient, q, k, v, starts, parameters);
            tape.Accumulate(q, dq);
            tape.Accumulate(k, dk);
            tape.Accumulate(v, dv);
        });
    }
}
