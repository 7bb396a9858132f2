using System.Numerics;
using System.Runtime.CompilerServices;
using FineTuneChat.Native.Interop;
using FineTuneChat.Native.Kernels;

namespace FineTuneChat.Native.Ggml;

/// <summary>Operations computed by this project's own kernels, on the threads of ggml's CPU backend.</summary>
internal sealed unsafe class KernelOperations(Graph graph, CpuBackend backend) : IGraphOperations
{
    /// <summary>Let ggml give the kernel as many threads as the graph has.</summary>
    private const int AllThreads = -1;

    private readonly Dictionary<Tensor, string> _kernels = [];

    public void Prepare()
    {
    }

    public string? KernelOf(Tensor node) => _kernels.GetValueOrDefault(node);

    public Tensor Gemm(Tensor a, Tensor b, bool transposeA, bool transposeB) => Custom(
        [b.Size(transposeB ? 0 : 1), a.Size(transposeA ? 0 : 1)], [a, b],
        backend.ReferenceProducts ? &ReferenceGemmKernel.Run : &GemmKernel.Run, GemmKernel.Flags(transposeA, transposeB, accumulate: false));

    public Tensor GemmSum(Tensor a, Tensor b, Tensor c, Tensor d, bool transposeB) => Custom(
        [b.Size(transposeB ? 0 : 1), a.Size(1)], [a, b, c, d],
        backend.ReferenceProducts ? &ReferenceGemmKernel.RunSum : &GemmKernel.RunSum, GemmKernel.Flags(transposeA: false, transposeB, accumulate: false));

    public Tensor GemmAdd(Tensor c, Tensor a, Tensor b, bool transposeA, bool transposeB) => InPlace(
        c, [a, b], backend.ReferenceProducts ? &ReferenceGemmKernel.RunInPlace : &GemmKernel.RunInPlace,
        GemmKernel.Flags(transposeA, transposeB, accumulate: true));

    public Tensor Attention(Tensor q, Tensor k, Tensor v, Tensor starts, AttentionParameters parameters) =>
        Custom([q.Size(0), q.Size(1), q.Size(2)], [q, k, v, starts], &AttentionKernel.Forward, graph.Keep(parameters));

    public (Tensor Q, Tensor K, Tensor V) AttentionBack(Tensor gradient, Tensor q, Tensor k, Tensor v, Tensor starts, AttentionParameters parameters)
    {
        long width = q.Size(0), heads = q.Size(1), kvHeads = k.Size(1), tokens = q.Size(2), queries = q.ElementCount, keys = k.ElementCount;
        int planes = backend.Threads / (int)BigInteger.GreatestCommonDivisor(backend.Threads, kvHeads); // as many shares for each thread
        Tensor all = Custom(
            [queries + (2 * planes * keys)], [gradient, q, k, v, starts], &AttentionKernel.Backward,
            graph.Keep(new AttentionBackParameters(parameters, planes)));
        Tensor sums = planes == 1 ? all : InPlace(graph.View(all, queries, 2 * keys, 1, 2 * keys), [], &AttentionKernel.AddPlanes, planes);
        long first = planes == 1 ? queries : 0;
        return (
            graph.View(all, 0, width, heads, width, tokens, width * heads),
            graph.View(sums, first, width, kvHeads, width, tokens, width * kvHeads),
            graph.View(sums, first + keys, width, kvHeads, width, tokens, width * kvHeads));
    }

    public Tensor RmsNormBack(Tensor gradient, Tensor weight, Tensor x, float epsilon) =>
        Custom(Shape(x), [gradient, weight, x], &RmsNormKernel.Backward, BitConverter.SingleToInt32Bits(epsilon));

    public Tensor RmsNormWeightBack(Tensor accumulator, Tensor gradient, Tensor x, float epsilon) =>
        InPlace(accumulator, [gradient, x], &RmsNormKernel.WeightBackward, BitConverter.SingleToInt32Bits(epsilon));

    public (Tensor Gate, Tensor Up) SwiGluBack(Tensor gradient, Tensor gate, Tensor up) =>
        Planes(Custom([gate.Size(0), gate.Size(1), 2], [gradient, gate, up], &SwiGluKernel.Backward, 0));

    public Tensor GeGlu(Tensor gate, Tensor up) => Custom(Shape(gate), [gate, up], &GeGluKernel.Forward, 0);

    public (Tensor Gate, Tensor Up) GeGluBack(Tensor gradient, Tensor gate, Tensor up) =>
        Planes(Custom([gate.Size(0), gate.Size(1), 2], [gradient, gate, up], &GeGluKernel.Backward, 0));

    public Tensor SoftCap(Tensor x, float cap) => Custom(Shape(x), [x], &SoftCapKernel.Forward, BitConverter.SingleToInt32Bits(cap));

    public Tensor SoftCapBack(Tensor gradient, Tensor x, float cap) =>
        Custom(Shape(x), [gradient, x], &SoftCapKernel.Backward, BitConverter.SingleToInt32Bits(cap));

    public Tensor SumRowsAdd(Tensor accumulator, Tensor gradient) => InPlace(accumulator, [gradient], &RowsKernel.SumAdd, 0);

    public Tensor SquaresAdd(Tensor sum, Tensor x) => InPlace(sum, [x], &SquaresKernel.Add, 0);

    public Tensor ScatterRows(Tensor values, Tensor rows, long tableRows) => Custom([values.Size(0), tableRows], [values, rows], &RowsKernel.Scatter, 0);

    public Tensor ScatterRowsAdd(Tensor table, Tensor values, Tensor rows) => InPlace(table, [values, rows], &RowsKernel.ScatterAdd, 0);

    public Tensor CrossEntropyBack(Tensor logits, Tensor labels, Tensor weights, Tensor losses) =>
        InPlace(logits, [labels, weights, losses], &CrossEntropyKernel.Run, 0);

    public Tensor Dropout(Tensor x, Tensor seed, DropoutParameters parameters) => Custom(Shape(x), [x, seed], &DropoutKernel.Run, graph.Keep(parameters));

    private static long[] Shape(Tensor a) => [a.Size(0), a.Size(1), a.Size(2), a.Size(3)];

    private (Tensor First, Tensor Second) Planes(Tensor both)
    {
        long n = both.Size(0), rows = both.Size(1);
        return (graph.View(both, 0, n, rows, n), graph.View(both, n * rows, n, rows, n));
    }

    private Tensor Custom(
        ReadOnlySpan<long> shape, ReadOnlySpan<Tensor> sources, delegate* unmanaged[Cdecl]<ggml_tensor*, int, int, void*, void> kernel, nint parameter,
        [CallerMemberName] string name = "")
    {
        Span<long> ne = [1, 1, 1, 1];
        shape.CopyTo(ne);
        ggml_tensor** pointers = stackalloc ggml_tensor*[sources.Length];
        for (int i = 0; i < sources.Length; i++)
            pointers[i] = sources[i].Pointer;
        return Named(
            GgmlNative.ggml_custom_4d(
                graph.Context, (int)Gguf.GgmlType.F32, ne[0], ne[1], ne[2], ne[3], pointers, sources.Length, kernel, AllThreads, (void*)parameter),
            name);
    }

    private Tensor InPlace(
        Tensor target, ReadOnlySpan<Tensor> sources, delegate* unmanaged[Cdecl]<ggml_tensor*, int, int, void*, void> kernel, nint parameter,
        [CallerMemberName] string name = "")
    {
        ggml_tensor** pointers = stackalloc ggml_tensor*[sources.Length];
        for (int i = 0; i < sources.Length; i++)
            pointers[i] = sources[i].Pointer;
        return Named(GgmlNative.ggml_custom_inplace(graph.Context, target.Pointer, pointers, sources.Length, kernel, AllThreads, (void*)parameter), name);
    }

    private Tensor Named(ggml_tensor* node, string kernel)
    {
        var tensor = new Tensor(node);
        _kernels[tensor] = kernel;
        return tensor;
    }
}
