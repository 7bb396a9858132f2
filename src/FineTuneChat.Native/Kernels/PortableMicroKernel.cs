using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace FineTuneChat.Native.Kernels;

/// <summary>8 × 8 tile for processors that no other kernel is for: right everywhere.</summary>
internal readonly unsafe struct PortableMicroKernel : IMicroKernel
{
    public static int Rows => 8;

    public static int Columns => 8;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply(int depth, float* a, float* b, float* c, long stride, bool accumulate)
    {
        Vector128<float> c0a = default, c0b = default;
        Vector128<float> c1a = default, c1b = default;
        Vector128<float> c2a = default, c2b = default;
        Vector128<float> c3a = default, c3b = default;
        Vector128<float> c4a = default, c4b = default;
        Vector128<float> c5a = default, c5b = default;
        Vector128<float> c6a = default, c6b = default;
        Vector128<float> c7a = default, c7b = default;
        for (int p = 0; p < depth; p++)
        {
            Vector128<float> ba = Vector128.Load(b);
            Vector128<float> bb = Vector128.Load(b + 4);
            Vector128<float> a0 = Vector128.Create(a[0]);
            c0a = Vector128.FusedMultiplyAdd(a0, ba, c0a);
            c0b = Vector128.FusedMultiplyAdd(a0, bb, c0b);
            Vector128<float> a1 = Vector128.Create(a[1]);
            c1a = Vector128.FusedMultiplyAdd(a1, ba, c1a);
            c1b = Vector128.FusedMultiplyAdd(a1, bb, c1b);
            Vector128<float> a2 = Vector128.Create(a[2]);
            c2a = Vector128.FusedMultiplyAdd(a2, ba, c2a);
            c2b = Vector128.FusedMultiplyAdd(a2, bb, c2b);
            Vector128<float> a3 = Vector128.Create(a[3]);
            c3a = Vector128.FusedMultiplyAdd(a3, ba, c3a);
            c3b = Vector128.FusedMultiplyAdd(a3, bb, c3b);
            Vector128<float> a4 = Vector128.Create(a[4]);
            c4a = Vector128.FusedMultiplyAdd(a4, ba, c4a);
            c4b = Vector128.FusedMultiplyAdd(a4, bb, c4b);
            Vector128<float> a5 = Vector128.Create(a[5]);
            c5a = Vector128.FusedMultiplyAdd(a5, ba, c5a);
            c5b = Vector128.FusedMultiplyAdd(a5, bb, c5b);
            Vector128<float> a6 = Vector128.Create(a[6]);
            c6a = Vector128.FusedMultiplyAdd(a6, ba, c6a);
            c6b = Vector128.FusedMultiplyAdd(a6, bb, c6b);
            Vector128<float> a7 = Vector128.Create(a[7]);
            c7a = Vector128.FusedMultiplyAdd(a7, ba, c7a);
            c7b = Vector128.FusedMultiplyAdd(a7, bb, c7b);
            a += 8;
            b += 8;
        }

        Store(c, c0a, c0b, accumulate);
        Store(c + stride, c1a, c1b, accumulate);
        Store(c + (2 * stride), c2a, c2b, accumulate);
        Store(c + (3 * stride), c3a, c3b, accumulate);
        Store(c + (4 * stride), c4a, c4b, accumulate);
        Store(c + (5 * stride), c5a, c5b, accumulate);
        Store(c + (6 * stride), c6a, c6b, accumulate);
        Store(c + (7 * stride), c7a, c7b, accumulate);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(float* c, Vector128<float> first, Vector128<float> second, bool accumulate)
    {
        if (accumulate)
        {
            first += Vector128.Load(c);
            second += Vector128.Load(c + 4);
        }

        first.Store(c);
        second.Store(c + 4);
    }
}
