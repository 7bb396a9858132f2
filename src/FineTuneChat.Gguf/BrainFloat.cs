using System.Numerics;
using System.Runtime.InteropServices;

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

    /// <summary>The same for many numbers.</summary>
    /// <param name="values">Any numbers.</param>
    /// <param name="target">As many places.</param>
    public static void Round(ReadOnlySpan<float> values, Span<ushort> target)
    {
        int step = Vector<ushort>.Count, done = 0;
        ReadOnlySpan<uint> bits = MemoryMarshal.Cast<float, uint>(values);
        for (; done <= values.Length - step && !HasNaN(values.Slice(done, step)); done += step)
            Vector.Narrow(Upper(bits[done..]), Upper(bits[(done + (step / 2))..])).CopyTo(target[done..]);
        for (; done < values.Length; done++)
            target[done] = Round(values[done]);

        static Vector<uint> Upper(ReadOnlySpan<uint> from)
        {
            var raw = new Vector<uint>(from);
            return (raw + new Vector<uint>(0x7FFF) + ((raw >>> 16) & Vector<uint>.One)) >>> 16;
        }

        static bool HasNaN(ReadOnlySpan<float> part)
        {
            Vector<float> low = new(part), high = new(part[Vector<float>.Count..]);
            return !Vector.EqualsAll(low, low) || !Vector.EqualsAll(high, high);
        }
    }

    /// <summary>Exactly, as 32-bit floats.</summary>
    /// <param name="values">Any numbers.</param>
    /// <param name="target">As many places.</param>
    public static void Widen(ReadOnlySpan<ushort> values, Span<float> target)
    {
        int step = Vector<ushort>.Count, done = 0;
        Span<uint> bits = MemoryMarshal.Cast<float, uint>(target);
        for (; done <= values.Length - step; done += step)
        {
            Vector.Widen(new Vector<ushort>(values[done..]), out Vector<uint> low, out Vector<uint> high);
            (low << 16).CopyTo(bits[done..]);
            (high << 16).CopyTo(bits[(done + (step / 2))..]);
        }

        for (; done < values.Length; done++)
            bits[done] = (uint)values[done] << 16;
    }
}
