using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;

namespace FineTuneChat.Gateway.Learning.Erasure;

/// <summary>
/// By what a piece of an erased text is recognised wherever it still stands, without keeping the text: a hash of its first bytes, and the SHA-256 of all.
/// </summary>
/// <param name="Start">Hash of the first <see cref="Window"/> bytes.</param>
/// <param name="Length">Bytes.</param>
/// <param name="Sha256">Of the whole piece.</param>
internal sealed record TextFingerprint(ulong Start, int Length, string Sha256)
{
    /// <summary>The most bytes of a piece. SQLite cuts long texts at the ends of its pages: then other pieces are whole.</summary>
    public const int LongestPiece = 192;

    /// <summary>A shorter text stands in many places and means nothing.</summary>
    public const int Shortest = 8;

    private const int Long = 16, Most = 20_000;

    /// <summary>How many bytes <see cref="Start"/> is the hash of.</summary>
    public int Window => WindowOf(Length);

    /// <summary>Of texts as they are, and as JSON writes them, with and without escapes for letters.</summary>
    public static IReadOnlyList<TextFingerprint> Of(IEnumerable<string> texts) =>
        [.. texts.Select(t => t.Trim()).Where(t => t.Length > 0).Distinct().SelectMany(Forms).SelectMany(Pieces).DistinctBy(p => p.Sha256).Take(Most)];

    /// <summary>A text as it is, and as JSON may write it.</summary>
    public static IReadOnlyList<string> Forms(string text) =>
        [.. ((string[])[text, JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(text), JavaScriptEncoder.Default.Encode(text)]).Distinct()];

    /// <summary>The hash of a piece's start.</summary>
    public static ulong Hash(ReadOnlySpan<byte> start) => start.Length >= Long
        ? Mix(BinaryPrimitives.ReadUInt64LittleEndian(start), BinaryPrimitives.ReadUInt64LittleEndian(start[8..]))
        : Mix(BinaryPrimitives.ReadUInt64LittleEndian(start), 0);

    private static ulong Mix(ulong first, ulong second)
    {
        ulong mixed = (first * 0x9E3779B97F4A7C15) ^ (second * 0xC2B2AE3D27D4EB4F);
        return mixed ^ (mixed >> 29);
    }

    private static IEnumerable<TextFingerprint> Pieces(string form)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(form);
        for (int start = 0; start < bytes.Length; start += LongestPiece)
        {
            int length = Math.Min(LongestPiece, bytes.Length - start);
            if (length >= (start == 0 ? Shortest : LongestPiece / 2)) // what is left at the end may be any word
                yield return Of(bytes.AsSpan(start, length));
        }
    }

    private static TextFingerprint Of(ReadOnlySpan<byte> piece) =>
        new(Hash(piece[..WindowOf(piece.Length)]), piece.Length, Convert.ToHexStringLower(SHA256.HashData(piece)));

    private static int WindowOf(int length) => length >= Long ? Long : Shortest;
}
