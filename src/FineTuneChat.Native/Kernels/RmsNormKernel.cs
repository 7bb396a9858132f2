using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using FineTuneChat.Native.Interop;

namespace FineTuneChat.Native.Kernels;

/// <summary>
/// Gradients of y = w ∘ x·r with r = 1/√(mean(x²) + ε) (Zhang and Sennrich 2019, arXiv 1910.07467). With u = w ∘ dy:
/// dx = r·(u − x·r²/n·Σ u∘x), dw = Σ_rows dy ∘ x·r. ggml's own backward reads its input after it wrote its result, which memory reuse makes wrong.
/// </summary>
internal static unsafe class RmsNormKernel
{
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    public static void Backward(ggml_tensor* dst, int thread, int threads, void* epsilon)
    {
        ggml_tensor* gradient = (ggml_tensor*)dst->src[0], weight = (ggml_tensor*)dst->src[1], x = (ggml_tensor*)dst->src[2];
        int n = (int)x->ne[0];
        float eps = BitConverter.Int32BitsToSingle((int)(nint)epsilon);
        var w = new ReadOnlySpan<float>(weight->data, n);
        for (long row = thread; row < Rows.Count(x); row += threads)
        {
            ReadOnlySpan<float> xs = Rows.Of(x, row), dy = Rows.Of(gradient, row);
            Span<float> dx = Rows.Of(dst, row);
            float r = InverseRms(xs, eps);
            TensorPrimitives.Multiply(dy, w, dx); // u
            float pull = -r * r * TensorPrimitives.Dot(dx, xs) / n;
            TensorPrimitives.MultiplyAdd(xs, pull, dx, dx);
            TensorPrimitives.Multiply(dx, r, dx);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    public static void WeightBackward(ggml_tensor* dst, int thread, int threads, void* epsilon)
    {
        ggml_tensor* gradient = (ggml_tensor*)dst->src[1], x = (ggml_tensor*)dst->src[2];
        int n = (int)x->ne[0], from = (int)((long)n * thread / threads), count = (int)((long)n * (thread + 1) / threads) - from;
        float eps = BitConverter.Int32BitsToSingle((int)(nint)epsilon);
        var sum = new Span<float>((float*)dst->data + from, count);
        Span<float> part = new(ScratchMemory.Take(count), count);
        for (long row = 0; row < Rows.Count(x); row++)
        {
            ReadOnlySpan<float> xs = Rows.Of(x, row);
            TensorPrimitives.Multiply(xs.Slice(from, count), Rows.Of(gradient, row).Slice(from, count), part);
            TensorPrimitives.MultiplyAdd(part, InverseRms(xs, eps), sum, sum);
        }
    }

    private static float InverseRms(ReadOnlySpan<float> x, float epsilon) =>
        1f / MathF.Sqrt((TensorPrimitives.SumOfSquares(x) / x.Length) + epsilon);
}
