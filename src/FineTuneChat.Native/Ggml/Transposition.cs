using FineTuneChat.Gguf;
using FineTuneChat.Native.Interop;

namespace FineTuneChat.Native.Ggml;

/// <summary>Turns rows of a matrix of any type into columns of floats.</summary>
internal static unsafe class Transposition
{
    private const int RowsAtOnce = 64; // their part of a column is some cache lines

    /// <param name="matrix">[n, all rows], in the host's memory.</param>
    /// <param name="firstRow">First row.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="convert">From float to the type of the result.</param>
    /// <returns>[rows, n].</returns>
    public static T[] Of<T>(Tensor matrix, long firstRow, long rows, Func<float, T> convert)
    {
        long width = matrix.Size(0);
        var result = new T[width * rows];
        Parallel.For(0, (rows + RowsAtOnce - 1) / RowsAtOnce, block =>
        {
            long start = block * RowsAtOnce;
            int count = (int)Math.Min(RowsAtOnce, rows - start);
            var values = new float[count * width];
            ToFloats(matrix, firstRow + start, count, values);
            for (long column = 0; column < width; column++)
            {
                for (int row = 0; row < count; row++)
                    result[(column * rows) + start + row] = convert(values[(row * width) + column]);
            }
        });
        return result;
    }

    private static void ToFloats(Tensor matrix, long firstRow, int rows, Span<float> values)
    {
        byte* source = (byte*)matrix.Pointer->data + (firstRow * (long)matrix.Pointer->nb[1]);
        if (matrix.Type == GgmlType.F32)
        {
            new ReadOnlySpan<float>(source, values.Length).CopyTo(values);
            return;
        }

        fixed (float* target = values)
            GgmlNative.ggml_get_type_traits((int)matrix.Type)->to_float(source, target, values.Length);
    }
}
