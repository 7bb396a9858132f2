using System.IO.Compression;

namespace FineTuneChat.Documents.Formats;

/// <summary>What packed bytes of a PDF grow to, without unpacking them into memory.</summary>
internal static class UnpackedSize
{
    private const int ZlibHead = 2;

    /// <summary>As far as it is sound; no further than the limit.</summary>
    public static long OfDeflate(ReadOnlySpan<byte> packed, long limit)
    {
        if (packed.Length <= ZlibHead)
            return packed.Length;
        using var inflating = new DeflateStream(new MemoryStream(packed[ZlibHead..].ToArray()), CompressionMode.Decompress);
        byte[] buffer = new byte[64 << 10];
        long total = 0;
        try
        {
            for (int read; total <= limit && (read = inflating.Read(buffer)) > 0;)
                total += read;
        }
        catch (InvalidDataException) // damaged: the reader takes what is sound
        {
        }
        return total;
    }

    /// <summary>Lempel-Ziv-Welch with codes of 9 to 12 bits: the table holds lengths instead of texts.</summary>
    public static long OfLzw(ReadOnlySpan<byte> packed)
    {
        const int Clear = 256, End = 257, First = 258, Codes = 4096;
        Span<int> lengths = stackalloc int[Codes];
        lengths[..Clear].Fill(1);
        long total = 0, bits = 0;
        int held = 0, next = First, before = 0;
        foreach (byte b in packed)
        {
            bits = ((bits << 8) | b) & 0xFFFFFF;
            held += 8;
            int width = next < 511 ? 9 : next < 1023 ? 10 : next < 2047 ? 11 : 12;
            if (held < width)
                continue;
            held -= width;
            int code = (int)(bits >> held) & ((1 << width) - 1);
            if (code == End)
                break;
            if (code == Clear)
            {
                (next, before) = (First, 0);
                continue;
            }
            int length = code < next ? lengths[code] : before + 1;
            if (before > 0 && next < Codes)
                lengths[next++] = before + 1;
            total += length;
            before = length;
        }
        return total;
    }

    public static long OfRuns(ReadOnlySpan<byte> packed)
    {
        const int End = 128;
        long total = 0;
        for (int i = 0; i < packed.Length && packed[i] != End;)
        {
            int length = packed[i];
            total += length < End ? length + 1 : 257 - length;
            i += length < End ? length + 2 : 2;
        }
        return total;
    }
}
