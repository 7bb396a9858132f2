using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace FineTuneChat.Gguf;

/// <summary>Numbers as F32, F16 and BF16 in a file's bytes.</summary>
public static class FloatEncoding
{
    /// <summary>The largest number that F16 does not round to infinity, exclusive.</summary>
    public const float HalfLimit = 65520;

    /// <summary>Whether tensors of the type hold plain numbers.</summary>
    /// <param name="type">A storage type.</param>
    public static bool IsFloat(GgmlType type) => type is GgmlType.F32 or GgmlType.F16 or GgmlType.BF16;

    /// <summary>Reads numbers.</summary>
    /// <param name="type">F32, F16 or BF16.</param>
    /// <param name="bytes">As they lie in the file.</param>
    /// <param name="values">As many places.</param>
    public static void Decode(GgmlType type, ReadOnlySpan<byte> bytes, Span<float> values)
    {
        switch (type)
        {
            case GgmlType.F32: MemoryMarshal.Cast<byte, float>(bytes).CopyTo(values); break;
            case GgmlType.F16: TensorPrimitives.ConvertToSingle(MemoryMarshal.Cast<byte, Half>(bytes), values); break;
            case GgmlType.BF16: BrainFloat.Widen(MemoryMarshal.Cast<byte, ushort>(bytes), values); break;
            default: throw NoFloat(type);
        }
    }

    /// <summary>Writes numbers, rounded to the nearest.</summary>
    /// <param name="type">F32, F16 or BF16.</param>
    /// <param name="values">The numbers.</param>
    /// <param name="bytes">Where to.</param>
    public static void Encode(GgmlType type, ReadOnlySpan<float> values, Span<byte> bytes)
    {
        switch (type)
        {
            case GgmlType.F32: MemoryMarshal.AsBytes(values).CopyTo(bytes); break;
            case GgmlType.F16: TensorPrimitives.ConvertToHalf(values, MemoryMarshal.Cast<byte, Half>(bytes)); break;
            case GgmlType.BF16: BrainFloat.Round(values, MemoryMarshal.Cast<byte, ushort>(bytes)); break;
            default: throw NoFloat(type);
        }
    }

    private static ArgumentException NoFloat(GgmlType type) => new($"Numbers are not written as {type} here; quantise the finished file.", nameof(type));
}
