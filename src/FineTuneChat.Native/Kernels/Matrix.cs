namespace FineTuneChat.Native.Kernels;

/// <summary>Rows of floats in memory.</summary>
/// <param name="start">First element.</param>
/// <param name="stride">Elements from row to row.</param>
internal readonly unsafe struct Matrix(float* start, long stride)
{
    public float* Start => start;

    public long Stride => stride;

    public float* Row(long row) => start + (row * stride);

    /// <summary>The matrix from a row on.</summary>
    public Matrix From(long row) => new(Row(row), stride);
}
