using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using FineTuneChat.Native.Interop;

namespace FineTuneChat.Native.Kernels;

/// <summary>
/// y = gelu(g) ∘ u with gelu(g) = g/2·(1 + t), t = tanh(a·(g + b·g³)), a = √(2/π), b = 0.044715 (Hendrycks and Gimpel 2016, arXiv 1606.08415):
/// dg = dy ∘ u ∘ (½(1 + t) + g/2·(1 − t²)·a·(1 + 3b·g²)), du = dy ∘ gelu(g).
/// </summary>
internal static unsafe class GeGluKernel
{
    private const float A = 0.79788456f;
    private const float B = 0.044715f;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    public static void Forward(ggml_tensor* dst, int thread, int threads, void* unused)
    {
        ggml_tensor* gate = (ggml_tensor*)dst->src[0], up = (ggml_tensor*)dst->src[1];
        for (long row = thread; row < Rows.Count(gate); row += threads)
        {
            Span<float> y = Rows.Of(dst, row);
            HalfOnePlusTanh(Rows.Of(gate, row), y);
            TensorPrimitives.Multiply(y, Rows.Of(gate, row), y); // gelu(g)
            TensorPrimitives.Multiply(y, Rows.Of(up, row), y);
        }
    }

    /// <summary>dst [n, rows, 2]: plane 0 the gate's gradient, plane 1 that of up.</summary>
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    public static void Backward(ggml_tensor* dst, int thread, int threads, void* unused)
    {
        ggml_tensor* gradient = (ggml_tensor*)dst->src[0], gate = (ggml_tensor*)dst->src[1], up = (ggml_tensor*)dst->src[2];
        long rows = gate->ne[1];
        int n = (int)gate->ne[0];
        float* scratch = ScratchMemory.Take(2 * n);
        Span<float> h = new(scratch, n), slope = new(scratch + n, n);
        for (long row = thread; row < rows; row += threads)
        {
            ReadOnlySpan<float> dy = Rows.Of(gradient, row), g = Rows.Of(gate, row), u = Rows.Of(up, row);
            Span<float> dg = Rows.Of(dst, row), du = Rows.Of(dst, rows + row);
            HalfOnePlusTanh(g, h);
            TensorPrimitives.Multiply(g, h, du); // gelu(g)

            // With h = ½(1 + t): ½(1 − t²) = 2h(1 − h), so the slope is h + 2·gelu·(1 − h)·a·(1 + 3b·g²).
            TensorPrimitives.Multiply(g, g, dg);
            TensorPrimitives.Multiply(dg, 3 * B, dg);
            TensorPrimitives.Add(dg, 1f, dg);
            TensorPrimitives.Multiply<float>(dg, du, dg);
            TensorPrimitives.Multiply(dg, 2 * A, dg);
            TensorPrimitives.Subtract(1f, h, slope);
            TensorPrimitives.MultiplyAdd<float>(slope, dg, h, slope);
            TensorPrimitives.Multiply(dy, u, dg);
            TensorPrimitives.Multiply<float>(dg, slope, dg);
            TensorPrimitives.Multiply(du, dy, du);
        }
    }

    /// <summary>½(1 + tanh(a·(g + b·g³))).</summary>
    private static void HalfOnePlusTanh(ReadOnlySpan<float> g, Span<float> h)
    {
        TensorPrimitives.Multiply(g, g, h);
        TensorPrimitives.Multiply(h, A * B, h);
        TensorPrimitives.Add(h, A, h);
        TensorPrimitives.Multiply(h, g, h);
        TensorPrimitives.Tanh<float>(h, h);
        TensorPrimitives.Add(h, 1f, h);
        TensorPrimitives.Multiply(h, 0.5f, h);
    }
}
