using FineTuneChat.Gguf;

namespace FineTuneChat.Native.Ggml;

/// <content>
/// Attention with its scores in memory, forward and again backward; formulas as in <see cref="Kernels.AttentionKernel"/>. The query heads that share keys
/// are neighbours, so they are one matrix with as many times more rows: no head of keys is repeated, and their gradients are sums by themselves.
/// </content>
internal sealed partial class DeviceOperations
{
    public Tensor Attention(Tensor q, Tensor k, Tensor v, Tensor starts, AttentionParameters parameters)
    {
        Tensor p = Probabilities(Scores(q, k), q, starts, parameters, out _);
        Tensor o = graph.Product(Columns(v), Stacked(p, k)); // [width, group · n, kvHeads]
        return Tokens(o, q);
    }

    public (Tensor Q, Tensor K, Tensor V) AttentionBack(Tensor gradient, Tensor q, Tensor k, Tensor v, Tensor starts, AttentionParameters parameters)
    {
        Tensor p = Stacked(Probabilities(Scores(q, k), q, starts, parameters, out Tensor tanh), k); // [n, group · n, kvHeads]
        Tensor dy = Stacked(Heads(gradient), k), queries = Stacked(Heads(q), k); // [width, group · n, kvHeads]
        Tensor dv = graph.Product(graph.Transposed(dy), graph.Transposed(p)); // [width, n, kvHeads]
        Tensor dp = graph.Product(Heads(v), dy); // [n, group · n, kvHeads]
        Tensor ds = graph.Scale(graph.Multiply(p, graph.Subtract(dp, graph.SumRows(graph.Multiply(p, dp)))), parameters.Scale);
        if (!tanh.IsNone)
            ds = graph.Subtract(ds, graph.Multiply(ds, graph.Square(tanh)));
        Tensor dq = graph.Product(Columns(k), ds); // [width, group · n, kvHeads]
        Tensor dk = graph.Product(graph.Transposed(queries), graph.Transposed(ds)); // [width, n, kvHeads]
        return (Tokens(dq, q), Tokens(dk, k), Tokens(dv, v));
    }

    /// <returns>[n, group · n, kvHeads].</returns>
    private Tensor Scores(Tensor q, Tensor k) => graph.Product(Heads(k), Stacked(Heads(q), k));

    /// <returns>[n, n, heads].</returns>
    private Tensor Probabilities(Tensor scores, Tensor q, Tensor starts, AttentionParameters parameters, out Tensor tanh)
    {
        tanh = parameters.Cap > 0 ? graph.Tanh(graph.Scale(scores, parameters.Scale / parameters.Cap)) : default;
        Tensor z = tanh.IsNone ? scores : tanh;
        return graph.SoftMax(graph.Reshape(z, q.Size(2), q.Size(2), q.Size(1)), Mask(starts, parameters), tanh.IsNone ? parameters.Scale : parameters.Cap);
    }

    /// <summary>0 where a token sees another, −∞ elsewhere.</summary>
    /// <returns>[keys, queries].</returns>
    private Tensor Mask(Tensor starts, AttentionParameters parameters)
    {
        long n = starts.ElementCount;
        return _derived.Of<float>((starts, parameters.Window), starts, GgmlType.F32, [n, n], (start, mask) =>
        {
            Array.Fill(mask, float.NegativeInfinity);
            for (int i = 0; i < n; i++)
            {
                int first = parameters.FirstSeen(Math.Min(start[i], i), i);
                mask.AsSpan((int)((i * n) + first), i - first + 1).Clear();
            }
        });
    }

    /// <summary>[width, heads, n] → [width, n, heads].</summary>
    private Tensor Heads(Tensor x) => graph.Permuted(x, 0, 2, 1);

    /// <summary>[width, heads, n] → [n, width, heads].</summary>
    private Tensor Columns(Tensor x) => graph.Permuted(x, 1, 2, 0);

    /// <summary>[m, n, heads] → [m, group · n, kvHeads].</summary>
    private Tensor Stacked(Tensor x, Tensor k) => graph.Reshape(x, x.Size(0), x.Size(1) * x.Size(2) / k.Size(1), k.Size(1));

    /// <summary>The way back to the shape of queries or keys, [width, heads, n].</summary>
    private Tensor Tokens(Tensor heads, Tensor like) => graph.Permuted(graph.Reshape(heads, like.Size(0), like.Size(2), like.Size(1)), 0, 2, 1);
}
