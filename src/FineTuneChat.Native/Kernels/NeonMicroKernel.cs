using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;

namespace FineTuneChat.Native.Kernels;

/// <summary>8 × 12 tile in 24 of the 32 registers of ARM NEON; an element of a is taken out of its register by the multiplication itself.</summary>
internal readonly unsafe struct NeonMicroKernel : IMicroKernel
{
    public static int Rows => 8;

    public static int Columns => 12;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply(int depth, float* a, float* b, float* c, long stride, bool accumulate)
    {
        Vector128<float> c0a = default, c0b = default, c0c = default;
        Vector128<float> c1a = default, c1b = default, c1c = default;
        Vector128<float> c2a = default, c2b = default, c2c = default;
        Vector128<float> c3a = default, c3b = default, c3c = default;
        Vector128<float> c4a = default, c4b = default, c4c = default;
        Vector128<float> c5a = default, c5b = default, c5c = default;
        Vector128<float> c6a = default, c6b = default, c6c = default;
        Vector128<float> c7a = default, c7b = default, c7c = default;
        for (int p = 0; p < depth; p++)
        {
            Vector128<float> ba = Vector128.Load(b), bb = Vector128.Load(b + 4), bc = Vector128.Load(b + 8);
            Vector128<float> low = Vector128.Load(a), high = Vector128.Load(a + 4);
            c0a = AdvSimd.Arm64.FusedMultiplyAddBySelectedScalar(c0a, ba, low, 0);
            c0b = AdvSimd.Arm64.FusedMultiplyAddBySelectedScalar(c0b, bb, low, 0);
            c0c = AdvSimd.Arm64.FusedMultiplyAddBySelectedScalar(c0c, bc, low, 0);
            c1a = AdvSimd.Arm64.FusedMultiplyAddBySelectedScalar(c1a, ba, low, 1);
            c1b = AdvSimd.Arm64.FusedMultiplyAddBySelectedScalar(c1b, bb, low, 1);
            c1c = AdvSimd.Arm64.FusedMultiplyAddBySelectedScalar(c1c, bc, low, 1);
            c2a = AdvSimd.Arm64.FusedMultiplyAddBySelectedScalar(c2a, ba, low, 2);
            c2b = AdvSimd.Arm64.FusedMultiplyAddBySelectedScalar(c2b, bb, low, 2);
            c2c = AdvSimd.Arm64.FusedMultiplyAddBySelectedScalar(c2c, bc, low, 2);
            c3a = AdvSimd.Arm64.FusedMultiplyAddBySelectedScalar(c3a, ba, low, 3);
            c3b = AdvSimd.Arm64.FusedMultiplyAddBySelectedScalar(c3b, bb, low, 3);
            c3c = AdvSimd.Arm64.FusedMultiplyAddBySelectedScalar(c3c, bc, low, 3);
            c4a = AdvSimd.Arm64.FusedMultiplyAddBySelectedScalar(c4a, ba, high, 0);
            c4b = AdvSimd.Arm64.FusedMultiplyAddBySelectedScalar(c4b, bb, high, 0);
            c4c = AdvSimd.Arm64.FusedMultiplyAddBySelectedScalar(c4c, bc, high, 0);
            c5a = AdvSimd.Arm64.FusedMultiplyAddBySelectedScalar(c5a, ba, high, 1);
            c5b = AdvSimd.Arm64.FusedMultiplyAddBySelectedScalar(c5b, bb, high, 1);
            c5c = AdvSimd.Arm64.FusedMultiplyAddBySelectedScalar(c5c, bc, high, 1);
            c6a = AdvSimd.Arm64.FusedMultiplyAddBySelectedScalar(c6a, ba, high, 2);
            c6b = AdvSimd.Arm64.FusedMultiplyAddBySelectedScalar(c6b, bb, high, 2);
            c6c = AdvSimd.Arm64.FusedMultiplyAddBySelectedScalar(c6c, bc, high, 2);
            c7a = AdvSimd.Arm64.FusedMultiplyAddBySelectedScalar(c7a, ba, high, 3);
            c7b = AdvSimd.Arm64.FusedMultiplyAddBySelectedScalar(c7b, bb, high, 3);
            c7c = AdvSimd.Arm64.FusedMultiplyAddBySelectedScalar(c7c, bc, high, 3);
            a += 8;
            b += 12;
        }

        Store(c, c0a, c0b, c0c, accumulate);
        Store(c + stride, c1a, c1b, c1c, accumulate);
        Store(c + (2 * stride), c2a, c2b, c2c, accumulate);
        Store(c + (3 * stride), c3a, c3b, c3c, accumulate);
        Store(c + (4 * stride), c4a, c4b, c4c, accumulate);
        Store(c + (5 * stride), c5a, c5b, c5c, accumulate);
        Store(c + (6 * stride), c6a, c6b, c6c, accumulate);
        Store(c + (7 * stride), c7a, c7b, c7c, accumulate);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(float* c, Vector128<float> first, Vector128<float> second, Vector128<float> third, bool accumulate)
    {
        if (accumulate)
        {
            first += Vector128.Load(c);
            second += Vector128.Load(c + 4);
            third += Vector128.Load(c + 8);
        }

        first.Store(c);
        second.Store(c + 4);
        third.Store(c + 8);
    }
}
