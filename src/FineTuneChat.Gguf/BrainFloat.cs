namespace FineTuneChat.Gguf;

/// <summary>BF16: the upper half of a 32-bit float.</summary>
public static class BrainFloat
{
    /// <summary>To nearest, ties to even.</summary>
    /// <param name="value">Any number.</param>
    public static ushort Round(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        return float.IsNaN(value) ? (ushort)((bits >> 16) | 64) : (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
    }
}
