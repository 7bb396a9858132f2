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
    private const int FactorsAtOnce = 1 << 16;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    public static void Run(ggml_tensor* y, int thread, int threads, void* parameters)
    {
        var dropout = *(DropoutParameters*)parameters;
        float* source = (float*)((ggml_tensor*)y->src[0])->data, target = (float*)y->data;
        var (key, limit, scale) = Mask(*(int*)((ggml_tensor*)y->src[1])->data, dropout);
        long count = y->ne[0] * y->ne[1], start = count * thread / threads, end = count * (thread + 1) / threads;
        for (long i = start; i < end; i++)
            target[i] = IsDropped(key, limit, i) ? 0 : source[i] * scale;
    }

    /// <summary>What each element is multiplied by.</summary>
    public static void Factors(int seed, DropoutParameters dropout, float[] factors)
    {
        var (key, limit, scale) = Mask(seed, dropout);
        Parallel.For(0, (factors.Length + FactorsAtOnce - 1) / FactorsAtOnce, part =>
        {
            for (int i = part * FactorsAtOnce; i < Math.Min(factors.Length, (part + 1) * FactorsAtOnce); i++)
                factors[i] = IsDropped(key, limit, i) ? 0 : scale;
        });
    }

    private static (uint Key, uint Limit, float Scale) Mask(int seed, DropoutParameters dropout) =>
        (Mix((uint)seed ^ Mix((uint)dropout.Stream + 1)), (uint)(dropout.Rate * uint.MaxValue), 1 / (1 - dropout.Rate));

    private static bool IsDropped(uint key, uint limit, long place) => Mix(key + ((uint)place * 0x9E3779B9)) < limit;

    /// <summary>The finaliser of MurmurHash3: every bit of the input changes about half of the output's.</summary>
    private static uint Mix(uint h)
    {
        h = (h ^ (h >> 16)) * 0x85EBCA6B;
        h = (h ^ (h >> 13)) * 0xC2B2AE35;
        return h ^ (h >> 16);
    }
}
