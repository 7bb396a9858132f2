using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using FineTuneChat.Native.Interop;

namespace FineTuneChat.Native.Kernels;

/// <summary>
/// Gradients of y = silu(g) ∘ u, silu(g) = g·σ(g) (Shazeer 2020, arXiv 2002.05202): dg = dy ∘ u ∘ σ(g)·(1 + g·(1 − σ(g))), du = dy ∘ silu(g).
/// </summary>
internal static unsafe class SwiGluKernel
{
    /// <summary>dst [n, rows, 2]: plane 0 the gate's gradient, plane 1 that of up.</summary>
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    public static void Backward(ggml_tensor* dst, int thread, int threads, void* unused)
    {
        ggml_tensor* gradient = (ggml_tensor*)dst->src[0], gate = (ggml_tensor*)dst->src[1], up = (ggml_tensor*)dst->src[2];
        long rows = gate->ne[1];
        int n = (int)gate->ne[0];
        Span<float> sigmoid = new(ScratchMemory.Take(2 * n), n);
        Span<float> slope = new(ScratchMemory.Take(2 * n) + n, n);
        for (long row = thread; row < rows; row += threads)
        {
            ReadOnlySpan<float> dy = Rows.Of(gradient, row), g = Rows.Of(gate, row), u = Rows.Of(up, row);
            Span<float> dg = Rows.Of(dst, row), du = Rows.Of(dst, rows + row);
            TensorPrimitives.Sigmoid(g, sigmoid);
            TensorPrimitives.Multiply(g, sigmoid, du); // silu(g)
            TensorPrimitives.Subtract(1f, sigmoid, slope);
            TensorPrimitives.MultiplyAdd(du, slope, sigmoid, slope); // σ + silu·(1 − σ)
            TensorPrimitives.Multiply(dy, u, dg);
            TensorPrimitives.Multiply(dg, slope, dg);
            TensorPrimitives.Multiply(du, dy, du);
        }
    }
}
