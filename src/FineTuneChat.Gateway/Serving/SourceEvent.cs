namespace FineTuneChat.Gateway.Serving;

/// <summary>Puts the event with a reply's sources behind the first event of its stream, wherever the network cuts that.</summary>
internal sealed class SourceEvent(Retrieved retrieved)
{
    private readonly MemoryStream _begun = new();
    private bool _isTold = retrieved.Sources is null;

    private static ReadOnlySpan<byte> Data => "data: "u8;

    private static ReadOnlySpan<byte> End => "\n\n"u8;

    /// <summary>What the client gets for a part of the stream. Until the first event is whole, nothing.</summary>
    public ReadOnlyMemory<byte> Pass(ReadOnlyMemory<byte> part)
    {
        if (_isTold)
            return part;
        _begun.Write(part.Span);
        ReadOnlyMemory<byte> all = _begun.GetBuffer().AsMemory(0, (int)_begun.Length);
        for (int start = 0; all.Span[start..].IndexOf(End) is >= 0 and int length; start += length + End.Length)
        {
            ReadOnlySpan<byte> lines = all.Span.Slice(start, length);
            if (lines.IndexOf(Data) is not (>= 0 and var data))
                continue; // a comment: somebody works
            _isTold = true;
            int end = start + length + End.Length;
            return retrieved.Event(lines[(data + Data.Length)..]) is { } told
                ? (byte[])[.. all.Span[..end], .. told, .. all.Span[end..]]
                : all;
        }
        return ReadOnlyMemory<byte>.Empty;
    }

    /// <summary>What was kept back, where the stream ended before its first event was whole.</summary>
    public ReadOnlyMemory<byte> Rest() => _isTold ? ReadOnlyMemory<byte>.Empty : _begun.ToArray();
}
