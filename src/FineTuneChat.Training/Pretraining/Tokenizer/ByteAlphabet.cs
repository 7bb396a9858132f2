using System.Text;

namespace FineTuneChat.Training.Pretraining.Tokenizer;

/// <summary>The printable stand-ins that byte-level BPE files use for the 256 byte values, as GPT-2 introduced them.</summary>
internal static class ByteAlphabet
{
    private static readonly char[] CharOf = BuildTable();
    private static readonly Dictionary<char, byte> ByteOf = CharOf.Select((c, b) => (c, (byte)b)).ToDictionary(p => p.c, p => p.Item2);

    /// <summary>The stand-ins of the bytes that UTF-8 has a use for, in their order: no text holds 0xC0, 0xC1 and those from 0xF5 on.</summary>
    public static IReadOnlyList<char> Characters { get; } = [.. CharOf.Where((_, b) => b is not (0xC0 or 0xC1 or >= 0xF5))];

    /// <summary>UTF-8 bytes of the text, one stand-in per byte.</summary>
    public static string Encode(ReadOnlySpan<char> text)
    {
        var bytes = new byte[Encoding.UTF8.GetMaxByteCount(text.Length)];
        var count = Encoding.UTF8.GetBytes(text, bytes);
        return string.Create(count, bytes, static (span, source) =>
        {
            for (var i = 0; i < span.Length; i++) span[i] = CharOf[source[i]];
        });
    }

    /// <summary>The inverse of <see cref="Encode"/>; throws <see cref="KeyNotFoundException"/> for a character that stands for no byte.</summary>
    public static string Decode(string standIns)
    {
        var bytes = new byte[standIns.Length];
        for (var i = 0; i < bytes.Length; i++) bytes[i] = ByteOf[standIns[i]];
        return Encoding.UTF8.GetString(bytes);
    }

    // Printable Latin-1 stands for itself; everything else moves to U+0100 and on, in byte order.
    private static char[] BuildTable()
    {
        var table = new char[256];
        var next = 0x100;
        for (var b = 0; b < 256; b++)
            table[b] = b is (>= 0x21 and <= 0x7E) or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF) ? (char)b : (char)next++;
        return table;
    }
}
