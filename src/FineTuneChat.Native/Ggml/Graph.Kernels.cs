using System.Numerics;
using System.Runtime.CompilerServices;
using FineTuneChat.Native.Gguf;
using FineTuneChat.Native.Interop;
using FineTuneChat.Native.Kernels;

namespace FineTuneChat.Native.Ggml;

/// <content>Operations computed by this project's own kernels, on ggml's threads.</content>
public sealed unsafe partial class Graph
{
    /// <summary>Let ggml give the kernel as many threads as the graph has.</summary>
    private const int AllThreads = -1;

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
        var (m, n) = GemmShape(a, b, transposeA, transposeB);
        return Custom(GgmlType.F32, [m, n], [a, b], _backend.ReferenceProducts ? &ReferenceGemmKernel.Run : &GemmKernel.Run, GemmKernel.Flags(transposeA, transposeB, accumulate: false));
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
        return Custom(
            GgmlType.F32, [m, n], [a, b, c, d], _backend.ReferenceProducts ? &ReferenceGemmKernel.RunSum : &GemmKernel.RunSum,
            GemmKernel.Flags(transposeA: false, transposeB, accumulate: false));
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
        return InPlace(c, [a, b], _backend.ReferenceProducts ? &ReferenceGemmKernel.RunInPlace : &GemmKernel.RunInPlace, GemmKernel.Flags(transposeA, transposeB, accumulate: true));
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
        return Custom(GgmlType.F32, [q.Size(0), q.Size(1), q.Size(2)], [q, k, v, starts], &AttentionKernel.Forward, Keep(parameters));
    }

    /// <summary>Gradients of <see cref="Attention"/>.</summary>
    /// <returns>In the shapes of q, k and v.</returns>
    public (Tensor Q, Tensor K, Tensor V) AttentionBack(Tensor gradient, Tensor q, Tensor k, Tensor v, Tensor starts, AttentionParameters parameters)
    {
        RequireAttention(q, k, v, starts);
        RequireSameShape(gradient, q);
        Require(gradient.IsContiguous, $"the gradient {gradient} of an attention has gaps");
        long width = q.Size(0), heads = q.Size(1), kvHeads = k.Size(1), tokens = q.Size(2), queries = q.ElementCount, keys = k.ElementCount;
        int planes = _backend.Threads / (int)BigInteger.GreatestCommonDivisor(_backend.Threads, kvHeads); // as many shares for each thread
        Tensor all = Custom(
            GgmlType.F32, [queries + (2 * planes * keys)], [gradient, q, k, v, starts], &AttentionKernel.Backward, Keep(new AttentionBackParameters(parameters, planes)));
        Tensor sums = planes == 1 ? all : InPlace(View(all, queries, 2 * keys, 1, 2 * keys), [], &AttentionKernel.AddPlanes, planes);
        long first = planes == 1 ? queries : 0;
        return (
            View(all, 0, width, heads, width, tokens, width * heads),
            View(sums, first, width, kvHeads, width, tokens, width * kvHeads),
            View(sums, first + keys, width, kvHeads, width, tokens, width * kvHeads));
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
        return Custom(GgmlType.F32, Shape(x), [gradient, weight, x], &RmsNormKernel.Backward, BitConverter.SingleToInt32Bits(epsilon));
    }

    /// <summary>Adds the gradient of the norm's weight to <paramref name="accumulator"/> in place.</summary>
    public Tensor RmsNormWeightBack(Tensor accumulator, Tensor gradient, Tensor x, float epsilon)
    {
        RequireSameShape(gradient, x);
        Require(accumulator.Type == GgmlType.F32 && accumulator.ElementCount == x.Size(0), $"{accumulator} cannot hold the gradient of a norm over {x}");
        return InPlace(accumulator, [gradient, x], &RmsNormKernel.WeightBackward, BitConverter.SingleToInt32Bits(epsilon));
    }

    /// <summary>Gradients of <see cref="SwiGlu"/>.</summary>
    /// <returns>F32 [n, rows, 2]: that of the gate, then that of up.</returns>
    public Tensor SwiGluBack(Tensor gradient, Tensor gate, Tensor up)
    {
        RequireSameShape(gradient, gate);
        RequireSameShape(gate, up);
        return Custom(GgmlType.F32, [gate.Size(0), gate.Size(1), 2], [gradient, gate, up], &SwiGluKernel.Backward, 0);
    }

    /// <summary>Rows of <paramref name="values"/> added into a table of zeros: the gradient of picking rows.</summary>
    /// <param name="values">F32 [n, count].</param>
    /// <param name="rows">I32 [count]: where each goes; several may go to one.</param>
    /// <param name="tableRows">Rows of the result.</param>
    /// <returns>F32 [n, tableRows].</returns>
    public Tensor ScatterRows(Tensor values, Tensor rows, long tableRows)
    {
        RequireScatter(values, rows);
        return Custom(GgmlType.F32, [values.Size(0), tableRows], [values, rows], &RowsKernel.Scatter, 0);
    }

    /// <summary>Rows of <paramref name="values"/> added to rows of <paramref name="table"/> in place.</summary>
    public Tensor ScatterRowsAdd(Tensor table, Tensor values, Tensor rows)
    {
        RequireScatter(values, rows);
        Require(table.Type == GgmlType.F32 && table.Size(0) == values.Size(0), $"rows of {values} do not fit {table}");
        return InPlace(table, [values, rows], &RowsKernel.ScatterAdd, 0);
    }

    /// <summary>
    /// Softmax cross-entropy on integer labels, fused with its gradient, which replaces the logits in place: w · (softmax(z) − onehot(label)).
    /// </summary>
    /// <param name="logits">F32 [vocabulary, rows], overwritten.</param>
    /// <param name="labels">I32 [rows]; negative: the row counts for nothing.</param>
    /// <param name="weights">F32 [rows].</param>
    /// <param name="losses">F32 [2, rows], written: −log p(label) without weight, and 1 where the label has the highest logit.</param>
    /// <returns>The gradient, in the logits' place.</returns>
    public Tensor CrossEntropyBack(Tensor logits, Tensor labels, Tensor weights, Tensor losses)
    {
        RequireF32(logits);
        long rows = logits.Size(1);
        Require(
            labels.Type == GgmlType.I32 && labels.ElementCount == rows && weights.ElementCount == rows && losses.ElementCount == 2 * rows,
            $"labels {labels}, weights {weights} and losses {losses} do not fit {rows} rows of logits");
        return InPlace(logits, [labels, weights, losses], &CrossEntropyKernel.Run, 0);
    }

    /// <summary>x with a share of its numbers set to zero and the others grown to make up for it; also the gradient of that.</summary>
    /// <param name="x">F32 [n, rows].</param>
    /// <param name="seed">I32 [1].</param>
    /// <param name="parameters">Which and how many.</param>
    public Tensor Dropout(Tensor x, Tensor seed, DropoutParameters parameters)
    {
        RequireF32(x);
        Require(x.IsContiguous && x.Size(2) * x.Size(3) == 1 && seed.Type == GgmlType.I32 && seed.ElementCount == 1, $"{x} cannot be dropped out by seed {seed}");
        Require(parameters.Rate is >= 0 and < 1, $"a dropout of {parameters.Rate} is not from 0 to below 1");
        return Custom(GgmlType.F32, Shape(x), [x, seed], &DropoutKernel.Run, Keep(parameters));
    }

    /// <summary>Adds the squares of every row of <paramref name="x"/> to <paramref name="sum"/> in place.</summary>
    /// <param name="sum">F32 [n].</param>
    /// <param name="x">F32 [n, rows].</param>
    public Tensor SquaresAdd(Tensor sum, Tensor x)
    {
        RequireF32(x);
        Require(x.IsContiguous && x.Size(2) * x.Size(3) == 1 && sum.Type == GgmlType.F32 && sum.ElementCount == x.Size(0), $"{sum} cannot hold the sums of {x}");
        return InPlace(sum, [x], &SquaresKernel.Add, 0);
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

    private static long[] Shape(Tensor a) => [a.Size(0), a.Size(1), a.Size(2), a.Size(3)];

    private Tensor Custom(
        GgmlType type, ReadOnlySpan<long> shape, ReadOnlySpan<Tensor> sources, delegate* unmanaged[Cdecl]<ggml_tensor*, int, int, void*, void> kernel, nint parameter,
        [CallerMemberName] string name = "")
    {
        Span<long> ne = [1, 1, 1, 1];
        shape.CopyTo(ne);
        ggml_tensor** pointers = stackalloc ggml_tensor*[sources.Length];
        for (int i = 0; i < sources.Length; i++)
            pointers[i] = sources[i].Pointer;
        return Named(GgmlNative.ggml_custom_4d(_context, (int)type, ne[0], ne[1], ne[2], ne[3], pointers, sources.Length, kernel, AllThreads, (void*)parameter), name);
    }

    private Tensor InPlace(
        Tensor target, ReadOnlySpan<Tensor> sources, delegate* unmanaged[Cdecl]<ggml_tensor*, int, int, void*, void> kernel, nint parameter,
        [CallerMemberName] string name = "")
    {
        ggml_tensor** pointers = stackalloc ggml_tensor*[sources.Length];
        for (int i = 0; i < sources.Length; i++)
            pointers[i] = sources[i].Pointer;
        return Named(GgmlNative.ggml_custom_inplace(_context, target.Pointer, pointers, sources.Length, kernel, AllThreads, (void*)parameter), name);
    }

    private Tensor Named(ggml_tensor* node, string kernel)
    {
        _kernels[(nint)node] = kernel;
        return new Tensor(node);
    }
}
