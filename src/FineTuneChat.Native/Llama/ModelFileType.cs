namespace FineTuneChat.Native.Llama;

/// <summary>The type that a model file's matrices are stored in; the numbers are llama.cpp's <c>llama_ftype</c>.</summary>
public enum ModelFileType
{
    /// <summary>32-bit floats.</summary>
    F32 = 0,

    /// <summary>16-bit floats.</summary>
    F16 = 1,

    /// <summary>4.5 bits per weight, older than the K types.</summary>
    Q4_0 = 2,

    /// <summary>5 bits per weight, older than the K types.</summary>
    Q4_1 = 3,

    /// <summary>8.5 bits per weight.</summary>
    Q8_0 = 7,

    /// <summary>5.5 bits per weight, older than the K types.</summary>
    Q5_0 = 8,

    /// <summary>6 bits per weight, older than the K types.</summary>
    Q5_1 = 9,

    /// <summary>About 3 bits per weight; widths must be multiples of 256.</summary>
    Q2_K = 10,

    /// <summary>About 3.9 bits per weight, more where it matters most; widths must be multiples of 256.</summary>
    Q3_K_M = 12,

    /// <summary>About 4.9 bits per weight, more where it matters most; widths must be multiples of 256.</summary>
    Q4_K_M = 15,

    /// <summary>About 5.7 bits per weight; widths must be multiples of 256.</summary>
    Q5_K_M = 17,

    /// <summary>About 6.6 bits per weight; widths must be multiples of 256.</summary>
    Q6_K = 18,

    /// <summary>Brain floats of 16 bits.</summary>
    BF16 = 32,
}
