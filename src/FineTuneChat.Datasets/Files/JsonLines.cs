namespace FineTuneChat.Datasets.Files;

/// <summary>Cuts a stream into lines without ever holding more of one than is allowed.</summary>
internal static class JsonLines
{
    private const int BufferBytes = 64 << 10;

    /// <summary>The lines that are not blank, with their numbers from 1; of one that is longer than <paramref name="limit"/> bytes only the error.</summary>
    public static IEnumerable<RawRow> Read(Stream stream, int limit)
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
                if (Finished(line, number, limit, tooLong) is { } finished) yield return finished;
                line.SetLength(0);
                (number, tooLong) = (number + 1, false);
            }
        }
        if (Finished(line, number, limit, tooLong) is { } last) yield return last;
    }

    private static RawRow? Finished(MemoryStream line, int number, int limit, bool tooLong)
    {
        if (tooLong) return new RawRow(number, default, $"longer than {limit} bytes");
        ReadOnlyMemory<byte> bytes = line.GetBuffer().AsMemory(0, (int)line.Length);
        return bytes.Span.Trim(" \t\r"u8).IsEmpty ? null : new RawRow(number, bytes);
    }
}
