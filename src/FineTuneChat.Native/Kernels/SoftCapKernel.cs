using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using FineTuneChat.Native.Interop;

namespace FineTuneChat.Native.Kernels;

/// <summary>y = c·tanh(x/c) and its gradient dx = dy·(1 − tanh²(x/c)) (Gemma 2, arXiv 2408.00118, section 2).</summary>
internal static unsafe class SoftCapKernel
{
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    public static void Forward(ggml_tensor* dst, int thread, int threads, void* cap)
    {
        ggml_tensor* x = (ggml_tensor*)dst->src[0];
        for (long row = thread; row < Rows.Count(x); row += threads)
            Apply(Rows.Of(x, row), BitConverter.Int32BitsToSingle((int)(nint)cap), Rows.Of(dst, row), slopes: default);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    public static void Backward(ggml_tensor* dst, int thread, int threads, void* cap)
    {
        ggml_tensor* gradient = (ggml_tensor*)dst->src[0], x = (ggml_tensor*)dst->src[1];
        Span<float> capped = new(ScratchMemory.Take(x->ne[0]), (int)x->ne[0]);
        for (long row = thread; row < Rows.Count(x); row += threads)
        {
            Span<float> dx = Rows.Of(dst, row);
            Apply(Rows.Of(x, row), BitConverter.Int32BitsToSingle((int)(nint)cap), capped, dx);
            TensorPrimitives.Multiply(dx, Rows.Of(gradient, row), dx);
        }
    }

    /// <summary>Caps x, and gives the slopes at x unless that span is empty.</summary>
    public static void Apply(ReadOnlySpan<float> x, float cap, Span<float> capped, Span<float> slopes)
    {
        TensorPrimitives.Multiply(x, 1 / cap, capped);
        TensorPrimitives.Tanh<float>(capped, capped);
        if (!slopes.IsEmpty)
        {
            TensorPrimitives.Multiply<float>(capped, capped, slopes);
            TensorPrimitives.Subtract(1f, slopes, slopes);
        }

        TensorPrimitives.Multiply(capped, cap, capped);
    }
}
