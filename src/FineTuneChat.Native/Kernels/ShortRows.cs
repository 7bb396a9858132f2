using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace FineTuneChat.Native.Kernels;

/// <summary>Products of short rows, such as those of one head, inlined: for 64 numbers a call into TensorPrimitives costs more than the arithmetic.</summary>
internal static unsafe class ShortRows
{
    /// <summary>Σ aᵢ·bᵢ.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Dot(float* a, float* b, int n)
    {
        int i = 0;
        float sum = 0;
        if (Vector512.IsHardwareAccelerated)
        {
            Vector512<float> even = default, odd = default;
            for (; i + 32 <= n; i += 32)
            {
                even = Vector512.FusedMultiplyAdd(Vector512.Load(a + i), Vector512.Load(b + i), even);
                odd = Vector512.FusedMultiplyAdd(Vector512.Load(a + i + 16), Vector512.Load(b + i + 16), odd);
            }

            sum = Vector512.Sum(even + odd);
        }
        else if (Vector256.IsHardwareAccelerated)
        {
            Vector256<float> even = default, odd = default;
            for (; i + 16 <= n; i += 16)
            {
                even = Vector256.FusedMultiplyAdd(Vector256.Load(a + i), Vector256.Load(b + i), even);
                odd = Vector256.FusedMultiplyAdd(Vector256.Load(a + i + 8), Vector256.Load(b + i + 8), odd);
            }

            sum = Vector256.Sum(even + odd);
        }

        return i == n ? sum : sum + TensorPrimitives.Dot(new ReadOnlySpan<float>(a + i, n - i), new ReadOnlySpan<float>(b + i, n - i));
    }

    /// <summary>yᵢ += factor·xᵢ.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddScaled(float* x, float factor, float* y, int n)
    {
        int i = 0;
        if (Vector512.IsHardwareAccelerated)
        {
            Vector512<float> wide = Vector512.Create(factor);
            for (; i + 16 <= n; i += 16)
                Vector512.FusedMultiplyAdd(Vector512.Load(x + i), wide, Vector512.Load(y + i)).Store(y + i);
        }
        else if (Vector256.IsHardwareAccelerated)
        {
            Vector256<float> wide = Vector256.Create(factor);
            for (; i + 8 <= n; i += 8)
                Vector256.FusedMultiplyAdd(Vector256.Load(x + i), wide, Vector256.Load(y + i)).Store(y + i);
        }

        if (i < n)
            TensorPrimitives.MultiplyAdd(new ReadOnlySpan<float>(x + i, n - i), factor, new ReadOnlySpan<float>(y + i, n - i), new Span<float>(y + i, n - i));
    }
}
