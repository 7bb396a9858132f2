using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace FineTuneChat.Native.Kernels;

/// <summary>Stored weights become floats, with the widest vectors of this machine; types that are not here are left to ggml.</summary>
internal static unsafe class Unpacking
{
    /// <summary>The upper half of a float.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void BF16(ushort* source, float* target, int count)
    {
        int i = 0;
        if (Vector512.IsHardwareAccelerated)
        {
            for (; i + 32 <= count; i += 32)
            {
                var (low, high) = Vector512.Widen(Vector512.Load(source + i));
                (low << 16).AsSingle().Store(target + i);
                (high << 16).AsSingle().Store(target + i + 16);
            }
        }

        for (; i + 8 <= count; i += 8)
        {
            var (low, high) = Vector128.Widen(Vector128.Load(source + i));
            (low << 16).AsSingle().Store(target + i);
            (high << 16).AsSingle().Store(target + i + 4);
        }

        for (; i < count; i++)
            target[i] = BitConverter.UInt32BitsToSingle((uint)source[i] << 16);
    }

    /// <summary>Blocks of a 16-bit scale and 32 bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Q8_0(byte* source, float* target, int count)
    {
        const int Block = 32;
        for (; count > 0; count -= Block, source += sizeof(ushort) + Block, target += Block)
        {
            float scale = (float)*(Half*)source;
            sbyte* q = (sbyte*)(source + sizeof(ushort));
            for (int i = 0; i < Block; i += 16)
            {
                Vector128<sbyte> bytes = Vector128.Load(q + i);
                if (Avx512F.IsSupported)
                {
                    (Vector512.ConvertToSingle(Avx512F.ConvertToVector512Int32(bytes)) * scale).Store(target + i);
                    continue;
                }

                var (low, high) = Vector128.Widen(bytes);
                Scaled(low, scale, target + i);
                Scaled(high, scale, target + i + 8);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Scaled(Vector128<short> numbers, float scale, float* target)
    {
        var (low, high) = Vector128.Widen(numbers);
        (Vector128.ConvertToSingle(low) * scale).Store(target);
        (Vector128.ConvertToSingle(high) * scale).Store(target + 4);
    }
}
