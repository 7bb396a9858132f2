using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using FineTuneChat.Native.Interop;

namespace FineTuneChat.Native.Kernels;

/// <summary>
/// Adding rows at given places, the gradient of picking rows, or all at one, the gradient of a bias. Threads share the columns, so that several rows
/// may go to one place.
/// </summary>
internal static unsafe class RowsKernel
{
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    public static void Scatter(ggml_tensor* dst, int thread, int threads, void* unused)
    {
        var (from, count) = Columns(dst, thread, threads);
        for (long row = 0; row < dst->ne[1]; row++)
            Rows.Of(dst, row).Slice(from, count).Clear();
        Add(dst, (ggml_tensor*)dst->src[0], (ggml_tensor*)dst->src[1], from, count);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    public static void ScatterAdd(ggml_tensor* dst, int thread, int threads, void* unused)
    {
        var (from, count) = Columns(dst, thread, threads);
        Add(dst, (ggml_tensor*)dst->src[1], (ggml_tensor*)dst->src[2], from, count);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    public static void SumAdd(ggml_tensor* dst, int thread, int threads, void* unused)
    {
        var (from, count) = Columns(dst, thread, threads);
        Span<float> sum = Rows.Of(dst, 0).Slice(from, count);
        ggml_tensor* values = (ggml_tensor*)dst->src[1];
        for (long row = 0; row < Rows.Count(values); row++)
            TensorPrimitives.Add(sum, Rows.Of(values, row).Slice(from, count), sum);
    }

    private static void Add(ggml_tensor* table, ggml_tensor* values, ggml_tensor* places, int from, int count)
    {
        for (long i = 0; i < values->ne[1]; i++)
        {
            Span<float> target = Rows.Of(table, ((int*)places->data)[i]).Slice(from, count);
            TensorPrimitives.Add(target, Rows.Of(values, i).Slice(from, count), target);
        }
    }

    private static (int From, int Count) Columns(ggml_tensor* table, int thread, int threads)
    {
        int from = (int)(table->ne[0] * thread / threads);
        return (from, (int)(table->ne[0] * (thread + 1) / threads) - from);
    }
}
