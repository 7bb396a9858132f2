namespace FineTuneChat.Native.Kernels;

/// <summary>The innermost loop of the matrix product for one instruction set: a tile of the result held in registers.</summary>
internal unsafe interface IMicroKernel
{
    /// <summary>Rows of the tile (of a).</summary>
    static abstract int Rows { get; }

    /// <summary>Columns of the tile (of b).</summary>
    static abstract int Columns { get; }

    /// <summary>c[r, j] (+)= Σ_p a[p, r] · b[p, j].</summary>
    /// <param name="depth">Terms of the sum.</param>
    /// <param name="a">Packed [depth][Rows].</param>
    /// <param name="b">Packed [depth][Columns].</param>
    /// <param name="c">First element of the tile; rows are <paramref name="stride"/> elements apart.</param>
    /// <param name="stride">Elements from row to row of c.</param>
    /// <param name="accumulate">Whether to add to c or to overwrite it.</param>
    static abstract void Multiply(int depth, float* a, float* b, float* c, long stride, bool accumulate);
}
