namespace FineTuneChat.Native.Gguf;

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

    /// <summary>The upper half of 32-bit floats.</summary>
    BF16 = 30,
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
    };

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
