using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace FineTuneChat.Native.Kernels;

/// <summary>Rearranges parts of matrices into the order in which a micro-kernel reads them: panels [depth][width], padded with zeros.</summary>
internal static unsafe class Packing
{
    /// <summary>Floats of a panel packed at a time, 16 KiB: they stay in L1 until all rows are there.</summary>
    private const int Piece = 4096;

    /// <summary>Rows that are contiguous in depth: a transposition, four by four.</summary>
    /// <param name="source">First element.</param>
    /// <param name="stride">Elements from row to row.</param>
    /// <param name="rows">Rows that exist, at most <paramref name="width"/>.</param>
    /// <param name="depth">Elements to take of each row.</param>
    /// <param name="width">Width of the panel.</param>
    /// <param name="panel">[depth][width].</param>
    public static void Transposed(float* source, long stride, int rows, int depth, int width, float* panel)
    {
        int piece = Piece / width / 16 * 16;
        for (int p = 0; p < depth; p += piece)
            TransposedPiece(source + p, stride, rows, Math.Min(piece, depth - p), width, panel + ((long)p * width));
    }

    /// <summary>Rows that are contiguous across the panel: copies.</summary>
    /// <param name="source">First element.</param>
    /// <param name="stride">Elements from one depth to the next.</param>
    /// <param name="columns">Columns that exist, at most <paramref name="width"/>.</param>
    /// <param name="depth">Rows to take.</param>
    /// <param name="width">Width of the panel.</param>
    /// <param name="panel">[depth][width].</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Copied(float* source, long stride, int columns, int depth, int width, float* panel)
    {
        int wide = Vector512.IsHardwareAccelerated ? columns & ~15 : 0, whole = columns & ~3;
        for (int p = 0; p < depth; p++, source += stride, panel += width)
        {
            int c = 0;
            for (; c < wide; c += 16)
                Vector512.Load(source + c).Store(panel + c);
            for (; c < whole; c += 4)
                Vector128.Load(source + c).Store(panel + c);
            for (; c < columns; c++)
                panel[c] = source[c];
            for (; c < width; c++)
                panel[c] = 0;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void TransposedPiece(float* source, long stride, int rows, int depth, int width, float* panel)
    {
        int r = 0;
        for (; r + 4 <= rows; r += 4)
        {
            float* s0 = source + (r * stride);
            float* s1 = s0 + stride;
            float* s2 = s1 + stride;
            float* s3 = s2 + stride;
            float* d = panel + r;
            int p = 0;
            for (; p + 4 <= depth; p += 4, d += 4 * width)
            {
                if (p % 16 == 0 && Sse.IsSupported)
                {
                    // Prefetches the next four rows: they are far apart in memory, and no processor does so by itself.
                    Sse.Prefetch0(s0 + (4 * stride) + p);
                    Sse.Prefetch0(s1 + (4 * stride) + p);
                    Sse.Prefetch0(s2 + (4 * stride) + p);
                    Sse.Prefetch0(s3 + (4 * stride) + p);
                }

                Vector128<float> v0 = Vector128.Load(s0 + p), v1 = Vector128.Load(s1 + p), v2 = Vector128.Load(s2 + p), v3 = Vector128.Load(s3 + p);
                Vector128<float> a = Low(v0, v2), b = Low(v1, v3), c = High(v0, v2), e = High(v1, v3);
                Low(a, b).Store(d);
                High(a, b).Store(d + width);
                Low(c, e).Store(d + (2 * width));
                High(c, e).Store(d + (3 * width));
            }

            for (; p < depth; p++, d += width)
            {
                d[0] = s0[p];
                d[1] = s1[p];
                d[2] = s2[p];
                d[3] = s3[p];
            }
        }

        for (; r < width; r++)
        {
            float* d = panel + r;
            float* s = source + (r * stride);
            for (int p = 0; p < depth; p++, d += width)
                *d = r < rows ? s[p] : 0;
        }
    }

    /// <summary>a0 b0 a1 b1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Low(Vector128<float> a, Vector128<float> b)
    {
        if (Sse.IsSupported)
            return Sse.UnpackLow(a, b);
        return AdvSimd.Arm64.IsSupported ? AdvSimd.Arm64.ZipLow(a, b) : Vector128.Create(a[0], b[0], a[1], b[1]);
    }

    /// <summary>a2 b2 a3 b3.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> High(Vector128<float> a, Vector128<float> b)
    {
        if (Sse.IsSupported)
            return Sse.UnpackHigh(a, b);
        return AdvSimd.Arm64.IsSupported ? AdvSimd.Arm64.ZipHigh(a, b) : Vector128.Create(a[2], b[2], a[3], b[3]);
    }
}
