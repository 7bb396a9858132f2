namespace FineTuneChat.Native.Kernels;

/// <summary>
/// One matrix product: c [n rows, m] (+)= a·b, perhaps with the product of two other matrices added, as low-rank matrices stand beside a weight.
/// </summary>
internal readonly unsafe struct GemmProduct
{
    /// <param name="n">Rows of the result.</param>
    /// <param name="m">Its columns.</param>
    /// <param name="c">The result.</param>
    /// <param name="first">What is multiplied.</param>
    /// <param name="second">What else is multiplied and added, default for nothing.</param>
    /// <param name="accumulate">Whether to add to c or to overwrite it.</param>
    public GemmProduct(int n, int m, Matrix c, GemmTerm first, GemmTerm second = default, bool accumulate = false)
    {
        // A result narrower than a tile is computed lying on its side, so that tiles are full.
        const int Narrow = 32;
        CTransposed = m < Narrow && n > m && first.BIsF32 && second.K == 0;
        (N, M) = CTransposed ? (m, n) : (n, m);
        First = CTransposed ? first.Swapped : first;
        Second = second;
        C = c;
        Accumulate = accumulate;
    }

    /// <summary>Columns of the result: rows of the weight.</summary>
    public int M { get; }

    /// <summary>Rows of the result: tokens.</summary>
    public int N { get; }

    public Matrix C { get; }

    /// <summary>Whether the result is stored column by column.</summary>
    public bool CTransposed { get; }

    public bool Accumulate { get; }

    public GemmTerm First { get; }

    /// <summary>K is 0 when there is none.</summary>
    public GemmTerm Second { get; }
}
