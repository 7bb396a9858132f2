using System.Numerics.Tensors;

namespace FineTuneChat.Native.Kernels;

/// <summary>The blocked loops around one micro-kernel.</summary>
internal static unsafe class GemmBlocks<TKernel>
    where TKernel : struct, IMicroKernel
{
    /// <summary>Terms summed before a tile goes back to memory. A panel of a, 12 × 512 floats, takes half of a 48 KiB L1; 512 is a multiple of every quantised block.</summary>
    private const int DepthBlock = 512;

    /// <summary>Columns of b packed at once: 256 × 512 floats are 512 KiB, half of a usual L2.</summary>
    private const int ColumnBlock = 256;

    /// <summary>Rows of a packed at once: bounds the scratch memory of long micro-batches to 2 MiB a thread.</summary>
    private const int RowBlock = 1008;

    public static void Run(in GemmProduct product, int thread, int threads)
    {
        // Each thread takes a share of the columns or of the rows: whichever is longer, so that the part packed twice is the shorter one.
        int columnStart = 0, columnEnd = product.M, rowStart = 0, rowEnd = product.N;
        if (product.M >= product.N)
            (columnStart, columnEnd) = Share(product.M, product.BTransposed ? Math.Max(product.BBlock, TKernel.Columns) : TKernel.Columns, thread, threads);
        else
            (rowStart, rowEnd) = Share(product.N, TKernel.Rows, thread, threads);
        if (columnStart >= columnEnd || rowStart >= rowEnd)
            return;

        int packedRows = Math.Min(RoundUp(rowEnd - rowStart, TKernel.Rows), RowBlock);
        float* packedA = ScratchMemory.TakeForProduct(((long)packedRows * DepthBlock) + (ColumnBlock * DepthBlock) + (TKernel.Columns * DepthBlock));
        float* packedB = packedA + ((long)packedRows * DepthBlock);
        float* unpacked = packedB + (ColumnBlock * DepthBlock);

        for (int row = rowStart; row < rowEnd; row += RowBlock)
        {
            int rows = Math.Min(RowBlock, rowEnd - row);
            for (int from = 0; from < product.K; from += DepthBlock)
            {
                int depth = Math.Min(DepthBlock, product.K - from);
                PackA(product, row, rows, from, depth, packedA);
                for (int column = columnStart; column < columnEnd; column += ColumnBlock)
                {
                    int columns = Math.Min(ColumnBlock, columnEnd - column);
                    PackB(product, column, columns, from, depth, packedB, unpacked);
                    Tiles(product, row, rows, column, columns, depth, packedA, packedB, accumulate: from > 0 || product.Accumulate);
                }
            }
        }
    }

    private static void PackA(in GemmProduct product, int row, int rows, int from, int depth, float* packed)
    {
        for (int i = 0; i < rows; i += TKernel.Rows, packed += (long)TKernel.Rows * depth)
        {
            int count = Math.Min(TKernel.Rows, rows - i);
            if (product.ATransposed)
                Packing.Copied(product.A.Row(from) + row + i, product.A.Stride, count, depth, TKernel.Rows, packed);
            else
                Packing.Transposed(product.A.Row(row + i) + from, product.A.Stride, count, depth, TKernel.Rows, packed);
        }
    }

    private static void PackB(in GemmProduct product, int column, int columns, int from, int depth, float* packed, float* unpacked)
    {
        if (product.BTransposed)
        {
            PackBTransposed(product, column, columns, from, depth, packed, unpacked);
            return;
        }

        for (int j = 0; j < columns; j += TKernel.Columns, packed += (long)TKernel.Columns * depth)
        {
            int count = Math.Min(TKernel.Columns, columns - j);
            float* source = unpacked;
            long stride = depth;
            if (product.BIsF32)
            {
                source = (float*)(product.B + ((column + j) * product.BRowBytes)) + from;
                stride = product.BRowBytes / sizeof(float);
            }
            else
            {
                for (int r = 0; r < count; r++)
                    product.BRow(column + j + r, from, depth, unpacked + ((long)r * depth));
            }

            Packing.Transposed(source, stride, count, depth, TKernel.Columns, packed);
        }
    }

    /// <summary>Stored rows run across the panels: each is unpacked once and dealt out to all of them.</summary>
    private static void PackBTransposed(in GemmProduct product, int column, int columns, int from, int depth, float* packed, float* unpacked)
    {
        if (product.BIsF32)
        {
            float* rows = product.BRow(from, column, columns, unpacked);
            for (int j = 0; j < columns; j += TKernel.Columns)
                Packing.Copied(rows + j, product.BRowBytes / sizeof(float), Math.Min(TKernel.Columns, columns - j), depth, TKernel.Columns, packed + ((long)j * depth));
            return;
        }

        for (int p = 0; p < depth; p++)
        {
            float* source = product.BRow(from + p, column, columns, unpacked);
            for (int j = 0; j < columns; j += TKernel.Columns)
                Packing.Copied(source + j, 0, Math.Min(TKernel.Columns, columns - j), 1, TKernel.Columns, packed + ((long)j * depth) + (p * TKernel.Columns));
        }
    }

    private static void Tiles(
        in GemmProduct product, int row, int rows, int column, int columns, int depth, float* packedA, float* packedB, bool accumulate)
    {
        float* edge = stackalloc float[TKernel.Rows * TKernel.Columns];
        for (int i = 0; i < rows; i += TKernel.Rows)
        {
            float* a = packedA + ((long)i * depth);
            for (int j = 0; j < columns; j += TKernel.Columns)
            {
                float* b = packedB + ((long)j * depth);
                float* c = product.C.Row(row + i) + column + j;
                if (rows - i >= TKernel.Rows && columns - j >= TKernel.Columns)
                {
                    TKernel.Multiply(depth, a, b, c, product.C.Stride, accumulate);
                    continue;
                }

                TKernel.Multiply(depth, a, b, edge, TKernel.Columns, accumulate: false);
                CopyEdge(edge, c, product.C.Stride, Math.Min(TKernel.Rows, rows - i), Math.Min(TKernel.Columns, columns - j), accumulate);
            }
        }
    }

    private static void CopyEdge(float* edge, float* c, long stride, int rows, int columns, bool accumulate)
    {
        for (int r = 0; r < rows; r++, edge += TKernel.Columns, c += stride)
        {
            ReadOnlySpan<float> from = new(edge, columns);
            Span<float> to = new(c, columns);
            if (accumulate)
                TensorPrimitives.Add(from, to, to);
            else
                from.CopyTo(to);
        }
    }

    /// <summary>A thread's part of [0, size), cut at multiples of <paramref name="unit"/>.</summary>
    private static (int Start, int End) Share(int size, int unit, int thread, int threads)
    {
        int units = (size + unit - 1) / unit;
        return ((int)((long)units * thread / threads * unit), Math.Min(size, (int)((long)units * (thread + 1) / threads) * unit));
    }

    private static int RoundUp(int value, int unit) => (value + unit - 1) / unit * unit;
}
