namespace FineTuneChat.Datasets;

/// <summary>Cuts a stream into lines without ever holding more of one than is allowed.</summary>
internal static class JsonLines
{
    private const int BufferBytes = 64 << 10;

    /// <summary>The lines that are not blank, with their numbers from 1; null instead of a line that is too long.</summary>
    public static IEnumerable<(int Number, ReadOnlyMemory<byte>? Line)> Read(Stream stream, int limit)
    {
        var buffer = new byte[BufferBytes];
        using var line = new MemoryStream();
        var (number, tooLong) = (1, false);
        while (stream.Read(buffer) is > 0 and var count)
        {
            for (var start = 0; start < count;)
            {
                var end = Array.IndexOf(buffer, (byte)'\n', start, count - start);
                var piece = buffer.AsSpan(start, (end < 0 ? count : end) - start);
                tooLong |= line.Length + piece.Length > limit;
                if (!tooLong) line.Write(piece);
                start += piece.Length + 1;
                if (end < 0) break;
                if (Finished(line, number, tooLong) is { } finished) yield return finished;
                line.SetLength(0);
                (number, tooLong) = (number + 1, false);
            }
        }
        if (Finished(line, number, tooLong) is { } last) yield return last;
    }

    private static (int, ReadOnlyMemory<byte>?)? Finished(MemoryStream line, int number, bool tooLong)
    {
        if (tooLong) return (number, null);
        ReadOnlyMemory<byte> bytes = line.GetBuffer().AsMemory(0, (int)line.Length);
        if (number == 1 && bytes.Span.StartsWith("\uFEFF"u8)) bytes = bytes[3..];
        return bytes.Span.Trim(" \t\r"u8).IsEmpty ? null : (number, bytes);
    }
}
