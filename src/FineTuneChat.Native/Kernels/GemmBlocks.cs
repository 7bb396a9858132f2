using System.Numerics.Tensors;

namespace FineTuneChat.Native.Kernels;

/// <summary>The blocked loops around one micro-kernel.</summary>
internal static unsafe class GemmBlocks<TKernel>
    where TKernel : struct, IMicroKernel
{
    /// <summary>Floats of b packed at once: 512 KiB, half of a usual L2.</summary>
    private const int BlockOfB = 128 * 1024;

    /// <summary>Columns of b packed at once, unless blocks of its type are longer.</summary>
    private const int ColumnBlock = 128;

    /// <summary>Rows of a packed at once: bounds the scratch memory of long micro-batches to 4 MiB a thread.</summary>
    private const int RowBlock = 1008;

    /// <summary>Depths are cut at multiples of this, the longest block of a quantised type.</summary>
    private const int DepthUnit = 256;

    public static void Run(in GemmProduct product, int thread, int threads)
    {
        // Each thread takes a share of the columns or of the rows: whichever is longer, so that the part packed twice is the shorter one.
        GemmTerm first = product.First, second = product.Second;
        int blockColumns = first.BTransposed ? first.BBlock : 1;
        int columnStart = 0, columnEnd = product.M, rowStart = 0, rowEnd = product.N;
        if (product.M >= product.N)
            (columnStart, columnEnd) = Share(product.M, Math.Max(blockColumns, TKernel.Columns), thread, threads);
        else
            (rowStart, rowEnd) = Share(product.N, TKernel.Rows, thread, threads);
        if (columnStart >= columnEnd || rowStart >= rowEnd)
            return;

        int columnBlock = Math.Max(RoundUp(ColumnBlock, TKernel.Columns), blockColumns);
        int passes = (first.K + (BlockOfB / columnBlock) - 1) / (BlockOfB / columnBlock), depthBlock = RoundUp((first.K + passes - 1) / passes, DepthUnit);
        int packedRows = Math.Min(RoundUp(rowEnd - rowStart, TKernel.Rows), RoundUp(RowBlock, TKernel.Rows)), deepest = depthBlock + second.K;
        float* packedA = ScratchMemory.TakeForProduct(((long)packedRows + RoundUp(columnBlock, TKernel.Columns) + TKernel.Columns) * deepest);
        float* packedB = packedA + ((long)packedRows * deepest);
        float* unpacked = packedB + ((long)RoundUp(columnBlock, TKernel.Columns) * deepest);

        for (int row = rowStart; row < rowEnd; row += RowBlock)
        {
            int rows = Math.Min(RowBlock, rowEnd - row);
            for (int from = 0; from < first.K; from += depthBlock)
            {
                // The second term is added as if the last block were a little deeper.
                int depth = Math.Min(depthBlock, first.K - from), more = from + depth == first.K ? second.K : 0;
                PackA(first, row, rows, from, depth, packedA, depth + more);
                PackA(second, row, rows, 0, more, packedA + (depth * TKernel.Rows), depth + more);
                for (int column = columnStart; column < columnEnd; column += columnBlock)
                {
                    int columns = Math.Min(columnBlock, columnEnd - column);
                    PackB(first, column, columns, from, depth, packedB, depth + more, unpacked);
                    PackB(second, column, columns, 0, more, packedB + (depth * TKernel.Columns), depth + more, unpacked);
                    var next = new Ahead(column + columns, Math.Min(columnBlock, columnEnd - column - columns), from, depth);
                    Tiles(product, row, rows, column, columns, depth + more, packedA, packedB, accumulate: from > 0 || product.Accumulate, next);
                }
            }
        }
    }

    private static void PackA(in GemmTerm term, int row, int rows, int from, int depth, float* packed, int panelDepth)
    {
        for (int i = 0; i < rows && depth > 0; i += TKernel.Rows, packed += (long)TKernel.Rows * panelDepth)
        {
            int count = Math.Min(TKernel.Rows, rows - i);
            if (term.ATransposed)
                Packing.Copied(term.A.Row(from) + row + i, term.A.Stride, count, depth, TKernel.Rows, packed);
            else
                Packing.Transposed(term.A.Row(row + i) + from, term.A.Stride, count, depth, TKernel.Rows, packed);
        }
    }

    private static void PackB(in GemmTerm term, int column, int columns, int from, int depth, float* packed, int panelDepth, float* unpacked)
    {
        long panel = (long)TKernel.Columns * panelDepth;
        if (term.BTransposed && !term.BIsF32)
        {
            // Stored rows run across the panels: each is unpacked once and dealt out to all of them.
            for (int p = 0; p < depth; p++)
            {
                term.UnpackRow(from + p, column, columns, unpacked);
                for (int j = 0; j < columns; j += TKernel.Columns)
                    Packing.Copied(
                        unpacked + j, 0, Math.Min(TKernel.Columns, columns - j), 1, TKernel.Columns,
                        packed + (j / TKernel.Columns * panel) + (p * TKernel.Columns));
            }

            return;
        }

        for (int j = 0; j < columns && depth > 0; j += TKernel.Columns, packed += panel)
        {
            int count = Math.Min(TKernel.Columns, columns - j);
            if (term.BTransposed)
                Packing.Copied(term.B.Row(from) + column + j, term.B.Stride, count, depth, TKernel.Columns, packed);
            else if (term.BIsF32)
                Packing.Transposed(term.B.Row(column + j) + from, term.B.Stride, count, depth, TKernel.Columns, packed);
            else
                PackUnpacked(term, column + j, count, from, depth, packed, unpacked);
        }
    }

    /// <summary>Rows are unpacked piece by piece, so that the pieces are still in L1 when they are packed.</summary>
    private static void PackUnpacked(in GemmTerm term, int column, int count, int from, int depth, float* packed, float* unpacked)
    {
        for (int p = 0; p < depth; p += DepthUnit)
        {
            int piece = Math.Min(DepthUnit, depth - p);
            for (int r = 0; r < count; r++)
                term.UnpackRow(column + r, from + p, piece, unpacked + (r * DepthUnit));
            Packing.Transposed(unpacked, DepthUnit, count, piece, TKernel.Columns, packed + (p * TKernel.Columns));
        }
    }

    private static void Tiles(
        in GemmProduct product, int row, int rows, int column, int columns, int depth, float* packedA, float* packedB, bool accumulate, Ahead next)
    {
        float* edge = stackalloc float[TKernel.Rows * TKernel.Columns];
        for (int i = 0; i < rows; i += TKernel.Rows)
        {
            float* a = packedA + ((long)i * depth);
            if (next.Columns > 0)
                product.First.Prefetch(next.Column, next.Columns, next.From, next.Depth, i / TKernel.Rows, (rows + TKernel.Rows - 1) / TKernel.Rows);
            for (int j = 0; j < columns; j += TKernel.Columns)
            {
                float* b = packedB + ((long)j * depth);
                bool whole = rows - i >= TKernel.Rows && columns - j >= TKernel.Columns && !product.CTransposed;
                if (whole)
                {
                    TKernel.Multiply(depth, a, b, product.C.Row(row + i) + column + j, product.C.Stride, accumulate);
                    continue;
                }

                TKernel.Multiply(depth, a, b, edge, TKernel.Columns, accumulate: false);
                int edgeRows = Math.Min(TKernel.Rows, rows - i), edgeColumns = Math.Min(TKernel.Columns, columns - j);
                if (product.CTransposed)
                    CopySideways(edge, product.C.Row(column + j) + row + i, product.C.Stride, edgeRows, edgeColumns, accumulate);
                else
                    CopyEdge(edge, product.C.Row(row + i) + column + j, product.C.Stride, edgeRows, edgeColumns, accumulate);
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

    private static void CopySideways(float* edge, float* c, long stride, int rows, int columns, bool accumulate)
    {
        for (int j = 0; j < columns; j++, edge++, c += stride)
        {
            for (int r = 0; r < rows; r++)
                c[r] = edge[r * TKernel.Columns] + (accumulate ? c[r] : 0);
        }
    }

    /// <summary>A thread's part of [0, size), cut at multiples of <paramref name="unit"/>.</summary>
    private static (int Start, int End) Share(int size, int unit, int thread, int threads)
    {
        int units = (size + unit - 1) / unit;
        return ((int)((long)units * thread / threads * unit), Math.Min(size, (int)((long)units * (thread + 1) / threads) * unit));
    }

    private static int RoundUp(int value, int unit) => (value + unit - 1) / unit * unit;

    /// <summary>The block of b that is packed next.</summary>
    private readonly record struct Ahead(int Column, int Columns, int From, int Depth);
}
