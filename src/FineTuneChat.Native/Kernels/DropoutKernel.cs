using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using FineTuneChat.Native.Ggml;
using FineTuneChat.Native.Interop;

namespace FineTuneChat.Native.Kernels;

/// <summary>
/// Inverted dropout (Srivastava et al. 2014): y = x · mask / (1 − rate). The mask is a hash of seed, stream and place, so that it needs no memory, is the
/// same in the backward pass and when a checkpointed layer is computed again, and does not depend on the number of threads.
/// </summary>
internal static unsafe class DropoutKernel
{
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    public static void Run(ggml_tensor* y, int thread, int threads, void* parameters)
    {
        var dropout = *(DropoutParameters*)parameters;
        float* source = (float*)((ggml_tensor*)y->src[0])->data, target = (float*)y->data;
        uint key = Mix((uint)*(int*)((ggml_tensor*)y->src[1])->data ^ Mix((uint)dropout.Stream + 1));
        uint limit = (uint)(dropout.Rate * uint.MaxValue);
        float scale = 1 / (1 - dropout.Rate);
        long count = y->ne[0] * y->ne[1], start = count * thread / threads, end = count * (thread + 1) / threads;
        for (long i = start; i < end; i++)
            target[i] = Mix(key + ((uint)i * 0x9E3779B9)) < limit ? 0 : source[i] * scale;
    }

    /// <summary>The finaliser of MurmurHash3: every bit of the input changes about half of the output's.</summary>
    private static uint Mix(uint h)
    {
        h = (h ^ (h >> 16)) * 0x85EBCA6B;
        h = (h ^ (h >> 13)) * 0xC2B2AE35;
        return h ^ (h >> 16);
    }
}
