namespace FineTuneChat.Gguf;

/// <summary>Storage type of a tensor's elements; the numbers are those in GGUF files.</summary>
public enum GgmlType
{
    /// <summary>32-bit floats.</summary>
    F32 = 0,

    /// <summary>16-bit IEEE floats.</summary>
    F16 = 1,

    /// <summary>Blocks of 32 at 4 bits with one scale.</summary>
    Q4_0 = 2,

    /// <summary>Blocks of 32 at 4 bits with scale and minimum.</summary>
    Q4_1 = 3,

    /// <summary>Blocks of 32 at 5 bits with one scale.</summary>
    Q5_0 = 6,

    /// <summary>Blocks of 32 at 5 bits with scale and minimum.</summary>
    Q5_1 = 7,

    /// <summary>Blocks of 32 at 8 bits with one scale.</summary>
    Q8_0 = 8,

    /// <summary>Blocks of 32 at 8 bits with scale and sum.</summary>
    Q8_1 = 9,

    /// <summary>Super-blocks of 256 at about 2.6 bits.</summary>
    Q2_K = 10,

    /// <summary>Super-blocks of 256 at about 3.4 bits.</summary>
    Q3_K = 11,

    /// <summary>Super-blocks of 256 at 4.5 bits.</summary>
    Q4_K = 12,

    /// <summary>Super-blocks of 256 at 5.5 bits.</summary>
    Q5_K = 13,

    /// <summary>Super-blocks of 256 at about 6.6 bits.</summary>
    Q6_K = 14,

    /// <summary>Super-blocks of 256 at 2.06 bits from a codebook.</summary>
    IQ2_XXS = 16,

    /// <summary>Super-blocks of 256 at 2.31 bits from a codebook.</summary>
    IQ2_XS = 17,

    /// <summary>Super-blocks of 256 at 3.06 bits from a codebook.</summary>
    IQ3_XXS = 18,

    /// <summary>Super-blocks of 256 at 1.56 bits from a codebook.</summary>
    IQ1_S = 19,

    /// <summary>Blocks of 32 at 4.5 bits on an uneven grid.</summary>
    IQ4_NL = 20,

    /// <summary>Super-blocks of 256 at 3.44 bits from a codebook.</summary>
    IQ3_S = 21,

    /// <summary>Super-blocks of 256 at 2.56 bits from a codebook.</summary>
    IQ2_S = 22,

    /// <summary>Super-blocks of 256 at 4.25 bits on an uneven grid.</summary>
    IQ4_XS = 23,

    /// <summary>8-bit integers.</summary>
    I8 = 24,

    /// <summary>16-bit integers.</summary>
    I16 = 25,

    /// <summary>32-bit integers.</summary>
    I32 = 26,

    /// <summary>64-bit integers.</summary>
    I64 = 27,

    /// <summary>64-bit floats.</summary>
    F64 = 28,

    /// <summary>Super-blocks of 256 at 1.75 bits from a codebook.</summary>
    IQ1_M = 29,

    /// <summary>The upper half of 32-bit floats.</summary>
    BF16 = 30,

    /// <summary>Super-blocks of 256 ternary digits at 1.69 bits.</summary>
    TQ1_0 = 34,

    /// <summary>Super-blocks of 256 ternary digits at 2.06 bits.</summary>
    TQ2_0 = 35,

    /// <summary>Blocks of 32 floats of 4 bits with one scale.</summary>
    MXFP4 = 39,

    /// <summary>Blocks of 64 floats of 4 bits with four scales.</summary>
    NVFP4 = 40,

    /// <summary>Blocks of 128 at one bit with one scale.</summary>
    Q1_0 = 41,

    /// <summary>Blocks of 64 at two bits with one scale.</summary>
    Q2_0 = 42,
}

/// <summary>Sizes of the storage types.</summary>
public static class GgmlTypes
{
    private static readonly Dictionary<GgmlType, (int Block, int Bytes)> Layouts = new()
    {
        [GgmlType.F32] = (1, 4),
        [GgmlType.F16] = (1, 2),
        [GgmlType.BF16] = (1, 2),
        [GgmlType.F64] = (1, 8),
        [GgmlType.I8] = (1, 1),
        [GgmlType.I16] = (1, 2),
        [GgmlType.I32] = (1, 4),
        [GgmlType.I64] = (1, 8),
        [GgmlType.Q4_0] = (32, 18),
        [GgmlType.Q4_1] = (32, 20),
        [GgmlType.Q5_0] = (32, 22),
        [GgmlType.Q5_1] = (32, 24),
        [GgmlType.Q8_0] = (32, 34),
        [GgmlType.Q8_1] = (32, 36),
        [GgmlType.Q2_K] = (256, 84),
        [GgmlType.Q3_K] = (256, 110),
        [GgmlType.Q4_K] = (256, 144),
        [GgmlType.Q5_K] = (256, 176),
        [GgmlType.Q6_K] = (256, 210),
        [GgmlType.IQ1_S] = (256, 50),
        [GgmlType.IQ1_M] = (256, 56),
        [GgmlType.IQ2_XXS] = (256, 66),
        [GgmlType.IQ2_XS] = (256, 74),
        [GgmlType.IQ2_S] = (256, 82),
        [GgmlType.IQ3_XXS] = (256, 98),
        [GgmlType.IQ3_S] = (256, 110),
        [GgmlType.IQ4_XS] = (256, 136),
        [GgmlType.IQ4_NL] = (32, 18),
        [GgmlType.TQ1_0] = (256, 54),
        [GgmlType.TQ2_0] = (256, 66),
        [GgmlType.MXFP4] = (32, 17),
        [GgmlType.NVFP4] = (64, 36),
        [GgmlType.Q1_0] = (128, 18),
        [GgmlType.Q2_0] = (64, 18),
    };

    /// <summary>The types that this program reads.</summary>
    public static IReadOnlyCollection<GgmlType> Known => Layouts.Keys;

    /// <summary>Whether this program reads the type.</summary>
    /// <param name="type">A number from a file.</param>
    public static bool IsKnown(GgmlType type) => Layouts.ContainsKey(type);

    /// <summary>Elements in one block; a row must be a multiple of it.</summary>
    /// <param name="type">A known type.</param>
    public static int BlockSize(GgmlType type) => Layouts[type].Block;

    /// <summary>Bytes of one block.</summary>
    /// <param name="type">A known type.</param>
    public static int BlockBytes(GgmlType type) => Layouts[type].Bytes;

    /// <summary>Bytes of one row.</summary>
    /// <param name="type">A known type.</param>
    /// <param name="elements">Elements in the row, a multiple of <see cref="BlockSize"/>.</param>
    public static long RowBytes(GgmlType type, long elements) => elements / BlockSize(type) * BlockBytes(type);
}
