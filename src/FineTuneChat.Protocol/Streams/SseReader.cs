namespace FineTuneChat.Protocol.Streams;

/// <summary>The data of server-sent events, from bytes that may be cut anywhere. Comments and names of events are left out.</summary>
internal sealed class SseReader
{
    private readonly MemoryStream _line = new();

    private static ReadOnlySpan<byte> Prefix => "data:"u8;

    /// <summary>Takes the next bytes, and gives the data of each event that is complete with them.</summary>
    /// <param name="part">Any part of the stream.</param>
    public IEnumerable<ReadOnlyMemory<byte>> Read(ReadOnlyMemory<byte> part)
    {
        while (part.Span.IndexOf((byte)'\n') is >= 0 and int end)
        {
            ReadOnlyMemory<byte> line = part[..end];
            part = part[(end + 1)..];
            if (_line.Length > 0)
            {
                _line.Write(line.Span);
                line = _line.ToArray();
                _line.SetLength(0);
            }
            if (line.Span.StartsWith(Prefix))
                yield return line[Prefix.Length..].Trim((byte)' ').TrimEnd((byte)'\r');
        }
        _line.Write(part.Span);
    }
}
