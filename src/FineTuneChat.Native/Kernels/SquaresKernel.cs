using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using FineTuneChat.Native.Interop;

namespace FineTuneChat.Native.Kernels;

/// <summary>sum[j] += Σ_t x[j, t]²: how much each input of a matrix counts, for the quantiser.</summary>
internal static unsafe class SquaresKernel
{
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    public static void Add(ggml_tensor* sum, int thread, int threads, void* _)
    {
        var x = (ggml_tensor*)sum->src[1];
        long count = x->ne[0], start = count * thread / threads, end = count * (thread + 1) / threads;
        float* target = (float*)sum->data;
        for (long row = 0; row < x->ne[1]; row++)
        {
            float* source = (float*)x->data + (row * count);
            for (long j = start; j < end; j++)
                target[j] += source[j] * source[j];
        }
    }
}
