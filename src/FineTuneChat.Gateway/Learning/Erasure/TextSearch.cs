using System.Security.Cryptography;

namespace FineTuneChat.Gateway.Learning.Erasure;

/// <summary>Looks for texts in files by their fingerprints: one pass over the bytes, however many texts there are.</summary>
internal sealed class TextSearch
{
    private const int BufferBytes = 1 << 20, FilterBits = 1 << 20;

    private readonly ILookup<ulong, TextFingerprint> _short, _long;
    private readonly bool[] _shortFilter, _longFilter; // nearly all bytes begin nothing: this says it fast

    public TextSearch(IReadOnlyCollection<TextFingerprint> texts)
    {
        _short = texts.Where(t => t.Window == TextFingerprint.Shortest).ToLookup(t => t.Start);
        _long = texts.Where(t => t.Window > TextFingerprint.Shortest).ToLookup(t => t.Start);
        (_shortFilter, _longFilter) = (Filter(_short), Filter(_long));
    }

    /// <summary>Reads into a span from an offset; 0: the end.</summary>
    public delegate int Read(Span<byte> into, long offset);

    /// <summary>What is found, each piece once, and how many bytes were looked at.</summary>
    public (IReadOnlyList<byte[]> Found, long Bytes) Look(Read read)
    {
        var found = new Dictionary<string, byte[]>();
        byte[] buffer = new byte[BufferBytes];
        int kept = 0;
        long offset = 0;
        while (true)
        {
            int got = Fill(read, buffer.AsSpan(kept), offset);
            ReadOnlySpan<byte> bytes = buffer.AsSpan(0, kept + got);
            offset += got;
            bool isEnd = got < buffer.Length - kept;
            int end = isEnd ? bytes.Length : bytes.Length - TextFingerprint.LongestPiece; // what begins later is looked at with the next bytes
            Look(bytes, end, found);
            if (isEnd)
                return ([.. found.Values], offset);
            bytes[end..].CopyTo(buffer);
            kept = bytes.Length - end;
        }
    }

    private void Look(ReadOnlySpan<byte> bytes, int end, Dictionary<string, byte[]> found)
    {
        const int Short = TextFingerprint.Shortest, Long = 2 * Short;
        for (int i = 0; i < end && i + Short <= bytes.Length; i++)
        {
            if (_short.Count > 0 && TextFingerprint.Hash(bytes.Slice(i, Short)) is var few && _shortFilter[few % FilterBits])
                Compare(_short[few], bytes[i..], found);
            if (_long.Count > 0 && i + Long <= bytes.Length && TextFingerprint.Hash(bytes.Slice(i, Long)) is var many && _longFilter[many % FilterBits])
                Compare(_long[many], bytes[i..], found);
        }
    }

    private static void Compare(IEnumerable<TextFingerprint> candidates, ReadOnlySpan<byte> bytes, Dictionary<string, byte[]> found)
    {
        foreach (TextFingerprint text in candidates)
            if (text.Length <= bytes.Length && Convert.ToHexStringLower(SHA256.HashData(bytes[..text.Length])) == text.Sha256)
                found.TryAdd(text.Sha256, bytes[..text.Length].ToArray());
    }

    private static int Fill(Read read, Span<byte> into, long offset)
    {
        int got = 0;
        while (got < into.Length && read(into[got..], offset + got) is > 0 and var more)
            got += more;
        return got;
    }

    private static bool[] Filter(ILookup<ulong, TextFingerprint> texts)
    {
        bool[] filter = new bool[FilterBits];
        foreach (IGrouping<ulong, TextFingerprint> text in texts)
            filter[text.Key % FilterBits] = true;
        return filter;
    }
}
