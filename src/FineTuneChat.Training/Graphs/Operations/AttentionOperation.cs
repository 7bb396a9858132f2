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
            Tensor all = graph.AttentionBack(gradient, q, k, v, starts, parameters); // [headWidth, heads + 2·kvHeads, tokens]
            tape.Accumulate(q, Part(all, 0, q.Size(1)));
            tape.Accumulate(k, Part(all, q.Size(1), k.Size(1)));
            tape.Accumulate(v, Part(all, q.Size(1) + k.Size(1), v.Size(1)));
        });

        Tensor Part(Tensor all, long firstHead, long heads)
        {
            long width = all.Size(0), stride = width * all.Size(1);
            return graph.Contiguous(graph.View(all, firstHead * width, width, heads, width, all.Size(2), stride));
        }
    }
}
