using FineTuneChat.Gguf;

namespace FineTuneChat.Native.Ggml;

/// <content>
/// What ggml has no operation for, or none that suits training: kernels of this project on the processor, several of ggml's operations on a device.
/// </content>
public sealed unsafe partial class Graph
{
    /// <summary>
    /// Matrix product c[j, i] = Σ a(i, l) · b(j, l). Without transposition a row of <paramref name="a"/> is contiguous in l, as are a weight's.
    /// </summary>
    /// <param name="a">F32 [k, n], or [n, k] when transposed.</param>
    /// <param name="b">[k, m], or [m, k] when transposed; any type that ggml can turn into floats.</param>
    /// <param name="transposeA">Whether a is given transposed.</param>
    /// <param name="transposeB">Whether b is given transposed.</param>
    /// <returns>F32 [m, n].</returns>
    public Tensor Gemm(Tensor a, Tensor b, bool transposeA = false, bool transposeB = false)
    {
        GemmShape(a, b, transposeA, transposeB);
        return _operations.Gemm(a, b, transposeA, transposeB);
    }

    /// <summary>The sum of two products in one: a · b + c · d; see <see cref="Gemm"/>. It costs no more than one product that is as much deeper.</summary>
    /// <param name="a">F32 [k, n].</param>
    /// <param name="b">[k, m], or [m, k] when transposed.</param>
    /// <param name="c">F32 [l, n].</param>
    /// <param name="d">[l, m], or [m, l] when transposed.</param>
    /// <param name="transposeB">Whether b and d are given transposed.</param>
    /// <returns>F32 [m, n].</returns>
    public Tensor GemmSum(Tensor a, Tensor b, Tensor c, Tensor d, bool transposeB = false)
    {
        var (m, n) = GemmShape(a, b, transposeA: false, transposeB);
        Require(GemmShape(c, d, transposeA: false, transposeB) == (m, n), $"the products of {a} and {b} and of {c} and {d} have different shapes");
        return _operations.GemmSum(a, b, c, d, transposeB);
    }

    /// <summary>Adds a matrix product to <paramref name="c"/> in place; see <see cref="Gemm"/>.</summary>
    /// <param name="c">F32 [m, n].</param>
    /// <param name="a">F32 [k, n], or [n, k] when transposed.</param>
    /// <param name="b">[k, m], or [m, k] when transposed.</param>
    /// <param name="transposeA">Whether a is given transposed.</param>
    /// <param name="transposeB">Whether b is given transposed.</param>
    /// <returns><paramref name="c"/> after the addition: use this one from here on.</returns>
    public Tensor GemmAdd(Tensor c, Tensor a, Tensor b, bool transposeA = false, bool transposeB = false)
    {
        var (m, n) = GemmShape(a, b, transposeA, transposeB);
        RequireF32(c);
        Require(c.Size(0) == m && c.ElementCount == m * n, $"a product of [{m}, {n}] cannot be added to {c}");
        return _operations.GemmAdd(c, a, b, transposeA, transposeB);
    }

    /// <summary>
    /// Causal softmax attention with grouped queries, over sequences packed into one row: token i sees tokens start[i] to i, or the last of them.
    /// o = softmax(cap(scale · q kᵀ)) v (Vaswani et al. 2017, eq. 1). Scores are never stored.
    /// </summary>
    /// <param name="q">F32 [headWidth, heads, n].</param>
    /// <param name="k">F32 [headWidth, kvHeads, n].</param>
    /// <param name="v">F32 [headWidth, kvHeads, n].</param>
    /// <param name="starts">I32 [n]: index of the first token of each token's sequence.</param>
    /// <param name="parameters">Scale, window, cap.</param>
    /// <returns>F32 [headWidth, heads, n].</returns>
    public Tensor Attention(Tensor q, Tensor k, Tensor v, Tensor starts, AttentionParameters parameters)
    {
        RequireAttention(q, k, v, starts);
        return _operations.Attention(q, k, v, starts, parameters);
    }

    /// <summary>Gradients of <see cref="Attention"/>.</summary>
    /// <returns>In the shapes of q, k and v.</returns>
    public (Tensor Q, Tensor K, Tensor V) AttentionBack(Tensor gradient, Tensor q, Tensor k, Tensor v, Tensor starts, AttentionParameters parameters)
    {
        RequireAttention(q, k, v, starts);
        RequireSameShape(gradient, q);
        Require(gradient.IsContiguous, $"the gradient {gradient} of an attention has gaps");
        return _operations.AttentionBack(gradient, q, k, v, starts, parameters);
    }

    /// <summary>Gradient of x · w / rms(x) with respect to x.</summary>
    /// <param name="gradient">F32 [n, rows], of the weighted result.</param>
    /// <param name="weight">F32 [n].</param>
    /// <param name="x">F32 [n, rows], the input.</param>
    /// <param name="epsilon">As in <see cref="RmsNorm"/>.</param>
    public Tensor RmsNormBack(Tensor gradient, Tensor weight, Tensor x, float epsilon)
    {
        RequireSameShape(gradient, x);
        Require(weight.Type == GgmlType.F32 && weight.ElementCount == x.Size(0), $"the norm's weight {weight} does not fit {x}");
        return _operations.RmsNormBack(gradient, weight, x, epsilon);
    }

    /// <summary>Adds the gradient of the norm's weight to <paramref name="accumulator"/> in place.</summary>
    public Tensor RmsNormWeightBack(Tensor accumulator, Tensor gradient, Tensor x, float epsilon)
    {
        RequireSameShape(gradient, x);
        Require(accumulator.Type == GgmlType.F32 && accumulator.ElementCount == x.Size(0), $"{accumulator} cannot hold the gradient of a norm over {x}");
        return _operations.RmsNormWeightBack(accumulator, gradient, x, epsilon);
    }

    /// <summary>Gradients of <see cref="SwiGlu"/>.</summary>
    /// <returns>F32 [n, rows].</returns>
    public (Tensor Gate, Tensor Up) SwiGluBack(Tensor gradient, Tensor gate, Tensor up)
    {
        RequireSameShape(gradient, gate);
        RequireSameShape(gate, up);
        return _operations.SwiGluBack(gradient, gate, up);
    }

    /// <summary>gelu(gate) ∘ up with the tanh form of gelu, exact where llama.cpp reads a table: see <see cref="GeGluByTable"/>.</summary>
    /// <param name="gate">F32 [n, rows].</param>
    /// <param name="up">F32 [n, rows].</param>
    public Tensor GeGlu(Tensor gate, Tensor up)
    {
        RequireSameShape(gate, up);
        return _operations.GeGlu(gate, up);
    }

    /// <summary>Gradients of <see cref="GeGlu"/>.</summary>
    /// <returns>F32 [n, rows].</returns>
    public (Tensor Gate, Tensor Up) GeGluBack(Tensor gradient, Tensor gate, Tensor up)
    {
        RequireSameShape(gradient, gate);
        RequireSameShape(gate, up);
        return _operations.GeGluBack(gradient, gate, up);
    }

    /// <summary>cap · tanh(x / cap): x where it is small, never beyond ±cap.</summary>
    /// <param name="x">F32 [n, rows].</param>
    /// <param name="cap">Positive.</param>
    public Tensor SoftCap(Tensor x, float cap)
    {
        RequireF32(x);
        Require(cap > 0, $"a soft cap of {cap} is no bound");
        return _operations.SoftCap(x, cap);
    }

    /// <summary>Gradient of <see cref="SoftCap"/>.</summary>
    public Tensor SoftCapBack(Tensor gradient, Tensor x, float cap)
    {
        RequireSameShape(gradient, x);
        return _operations.SoftCapBack(gradient, x, cap);
    }

    /// <summary>Adds the sum of all rows to <paramref name="accumulator"/> in place: the gradient of a bias.</summary>
    /// <param name="accumulator">F32 [n].</param>
    /// <param name="gradient">F32 [n, rows].</param>
    public Tensor SumRowsAdd(Tensor accumulator, Tensor gradient)
    {
        RequireF32(accumulator);
        RequireF32(gradient);
        Require(accumulator.ElementCount == gradient.Size(0), $"{accumulator} cannot hold the sum of the rows of {gradient}");
        return _operations.SumRowsAdd(accumulator, gradient);
    }

    /// <summary>Rows of <paramref name="values"/> added into a table of zeros: the gradient of picking rows.</summary>
    /// <param name="values">F32 [n, count].</param>
    /// <param name="rows">I32 [count]: where each goes; several may go to one.</param>
    /// <param name="tableRows">Rows of the result.</param>
    /// <returns>F32 [n, tableRows].</returns>
    public Tensor ScatterRows(Tensor values, Tensor rows, long tableRows)
    {
        RequireScatter(values, rows);
        return _operations.ScatterRows(values, rows, tableRows);
    }

    /// <summary>Rows of <paramref name="values"/> added to rows of <paramref name="table"/> in place.</summary>
    public Tensor ScatterRowsAdd(Tensor table, Tensor values, Tensor rows)
    {
        RequireScatter(values, rows);
        Require(table.Type == GgmlType.F32 && table.Size(0) == values.Size(0), $"rows of {values} do not fit {table}");
        return _operations.ScatterRowsAdd(table, values, rows);
    }

    /// <summary>
    /// Softmax cross-entropy on integer labels, fused with its gradient, which replaces the logits in place: w · (softmax(z) − onehot(label)).
    /// </summary>
    /// <param name="logits">F32 [vocabulary, rows], overwritten.</param>
    /// <param name="labels">I32 [rows]; negative: the row counts for nothing.</param>
    /// <param name="weights">F32 [rows].</param>
    /// <param name="losses">
    /// F32 [2, rows], written: −log p(label) without weight, and by how much the label's logit is below the highest: 0 where it was predicted.
    /// </param>
    /// <returns>The gradient, in the logits' place; a device's is multiplied by <see cref="DeviceBackend.GradientScale"/>.</returns>
    public Tensor CrossEntropyBack(Tensor logits, Tensor labels, Tensor weights, Tensor losses)
    {
        RequireF32(logits);
        long rows = logits.Size(1);
        Require(
            labels.Type == GgmlType.I32 && labels.ElementCount == rows && weights.ElementCount == rows && losses.ElementCount == 2 * rows,
            $"labels {labels}, weights {weights} and losses {losses} do not fit {rows} rows of logits");
        return _operations.CrossEntropyBack(logits, labels, weights, losses);
    }

    /// <summary>x with a share of its numbers set to zero and the others grown to make up for it; also the gradient of that.</summary>
    /// <param name="x">F32 [n, rows].</param>
    /// <param name="seed">I32 [1].</param>
    /// <param name="parameters">Which and how many.</param>
    public Tensor Dropout(Tensor x, Tensor seed, DropoutParameters parameters)
    {
        RequireF32(x);
        Require(
            x.IsContiguous && x.Size(2) * x.Size(3) == 1 && seed.Type == GgmlType.I32 && seed.ElementCount == 1, $"{x} cannot be dropped out by seed {seed}");
        Require(parameters.Rate is >= 0 and < 1, $"a dropout of {parameters.Rate} is not from 0 to below 1");
        return _operations.Dropout(x, seed, parameters);
    }

    /// <summary>Adds the squares of every row of <paramref name="x"/> to <paramref name="sum"/> in place.</summary>
    /// <param name="sum">F32 [n].</param>
    /// <param name="x">F32 [n, rows].</param>
    public Tensor SquaresAdd(Tensor sum, Tensor x)
    {
        RequireF32(x);
        Require(
            x.IsContiguous && x.Size(2) * x.Size(3) == 1 && sum.Type == GgmlType.F32 && sum.ElementCount == x.Size(0), $"{sum} cannot hold the sums of {x}");
        return _operations.SquaresAdd(sum, x);
    }

    private (long M, long N) GemmShape(Tensor a, Tensor b, bool transposeA, bool transposeB)
    {
        RequireF32(a);
        long k = a.Size(transposeA ? 1 : 0), n = a.Size(transposeA ? 0 : 1), m = b.Size(transposeB ? 0 : 1);
        Require(
            k == b.Size(transposeB ? 1 : 0) && a.Size(2) * a.Size(3) == 1 && b.Size(2) * b.Size(3) == 1,
            $"the product of {a}{(transposeA ? "ᵀ" : "")} and {b}{(transposeB ? "ᵀ" : "")} does not exist");
        return (m, n);
    }

    private static void RequireAttention(Tensor q, Tensor k, Tensor v, Tensor starts)
    {
        RequireSameShape(k, v);
        RequireF32(q);
        Require(
            q.Size(0) == k.Size(0) && q.Size(2) == k.Size(2) && q.Size(1) % k.Size(1) == 0 && q.IsContiguous && k.IsContiguous && v.IsContiguous,
            $"queries {q} do not fit keys {k}");
        Require(starts.Type == GgmlType.I32 && starts.ElementCount == q.Size(2), $"attention needs one I32 start for each of {q.Size(2)} tokens, not {starts}");
    }

    private static void RequireScatter(Tensor values, Tensor rows)
    {
        RequireF32(values);
        Require(rows.Type == GgmlType.I32 && rows.ElementCount == values.Size(1), $"{values} needs one I32 row index each, not {rows}");
    }
}
