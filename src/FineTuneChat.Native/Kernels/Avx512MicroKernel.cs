using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace FineTuneChat.Native.Kernels;

/// <summary>12 × 32 tile in 24 of AVX-512's 32 registers.</summary>
internal readonly unsafe struct Avx512MicroKernel : IMicroKernel
{
    public static int Rows => 12;

    public static int Columns => 32;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply(int depth, float* a, float* b, float* c, long stride, bool accumulate)
    {
        Vector512<float> c0a = default, c0b = default;
        Vector512<float> c1a = default, c1b = default;
        Vector512<float> c2a = default, c2b = default;
        Vector512<float> c3a = default, c3b = default;
        Vector512<float> c4a = default, c4b = default;
        Vector512<float> c5a = default, c5b = default;
        Vector512<float> c6a = default, c6b = default;
        Vector512<float> c7a = default, c7b = default;
        Vector512<float> c8a = default, c8b = default;
        Vector512<float> c9a = default, c9b = default;
        Vector512<float> c10a = default, c10b = default;
        Vector512<float> c11a = default, c11b = default;
        for (int p = 0; p < depth; p++)
        {
            Vector512<float> ba = Vector512.Load(b);
            Vector512<float> bb = Vector512.Load(b + 16);
            Vector512<float> a0 = Vector512.Create(a[0]);
            c0a = Avx512F.FusedMultiplyAdd(a0, ba, c0a);
            c0b = Avx512F.FusedMultiplyAdd(a0, bb, c0b);
            Vector512<float> a1 = Vector512.Create(a[1]);
            c1a = Avx512F.FusedMultiplyAdd(a1, ba, c1a);
            c1b = Avx512F.FusedMultiplyAdd(a1, bb, c1b);
            Vector512<float> a2 = Vector512.Create(a[2]);
            c2a = Avx512F.FusedMultiplyAdd(a2, ba, c2a);
            c2b = Avx512F.FusedMultiplyAdd(a2, bb, c2b);
            Vector512<float> a3 = Vector512.Create(a[3]);
            c3a = Avx512F.FusedMultiplyAdd(a3, ba, c3a);
            c3b = Avx512F.FusedMultiplyAdd(a3, bb, c3b);
            Vector512<float> a4 = Vector512.Create(a[4]);
            c4a = Avx512F.FusedMultiplyAdd(a4, ba, c4a);
            c4b = Avx512F.FusedMultiplyAdd(a4, bb, c4b);
            Vector512<float> a5 = Vector512.Create(a[5]);
            c5a = Avx512F.FusedMultiplyAdd(a5, ba, c5a);
            c5b = Avx512F.FusedMultiplyAdd(a5, bb, c5b);
            Vector512<float> a6 = Vector512.Create(a[6]);
            c6a = Avx512F.FusedMultiplyAdd(a6, ba, c6a);
            c6b = Avx512F.FusedMultiplyAdd(a6, bb, c6b);
            Vector512<float> a7 = Vector512.Create(a[7]);
            c7a = Avx512F.FusedMultiplyAdd(a7, ba, c7a);
            c7b = Avx512F.FusedMultiplyAdd(a7, bb, c7b);
            Vector512<float> a8 = Vector512.Create(a[8]);
            c8a = Avx512F.FusedMultiplyAdd(a8, ba, c8a);
            c8b = Avx512F.FusedMultiplyAdd(a8, bb, c8b);
            Vector512<float> a9 = Vector512.Create(a[9]);
            c9a = Avx512F.FusedMultiplyAdd(a9, ba, c9a);
            c9b = Avx512F.FusedMultiplyAdd(a9, bb, c9b);
            Vector512<float> a10 = Vector512.Create(a[10]);
            c10a = Avx512F.FusedMultiplyAdd(a10, ba, c10a);
            c10b = Avx512F.FusedMultiplyAdd(a10, bb, c10b);
            Vector512<float> a11 = Vector512.Create(a[11]);
            c11a = Avx512F.FusedMultiplyAdd(a11, ba, c11a);
            c11b = Avx512F.FusedMultiplyAdd(a11, bb, c11b);
            a += 12;
            b += 32;
        }

        Store(c, c0a, c0b, accumulate);
        Store(c + stride, c1a, c1b, accumulate);
        Store(c + (2 * stride), c2a, c2b, accumulate);
        Store(c + (3 * stride), c3a, c3b, accumulate);
        Store(c + (4 * stride), c4a, c4b, accumulate);
        Store(c + (5 * stride), c5a, c5b, accumulate);
        Store(c + (6 * stride), c6a, c6b, accumulate);
        Store(c + (7 * stride), c7a, c7b, accumulate);
        Store(c + (8 * stride), c8a, c8b, accumulate);
        Store(c + (9 * stride), c9a, c9b, accumulate);
        Store(c + (10 * stride), c10a, c10b, accumulate);
        Store(c + (11 * stride), c11a, c11b, accumulate);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(float* c, Vector512<float> first, Vector512<float> second, bool accumulate)
    {
        if (accumulate)
        {
            first += Vector512.Load(c);
            second += Vector512.Load(c + 16);
        }

        first.Store(c);
        second.Store(c + 16);
    }
}
