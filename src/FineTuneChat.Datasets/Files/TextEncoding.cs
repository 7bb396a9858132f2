using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace FineTuneChat.Datasets.Files;

/// <summary>
/// The encoding of a text: by its byte order mark, by the zeros of UTF-16, by being sound UTF-8; else Windows-1252, if what it says in it looks like the
/// languages that are written so.
/// </summary>
/// <param name="Name">For people.</param>
/// <param name="Encoding">Null: UTF-8, which is read as it is.</param>
/// <param name="MarkBytes">Of the byte order mark.</param>
/// <param name="WrongAt">Where UTF-8 is broken and no other encoding fits: the line, from 1.</param>
internal sealed record TextEncoding(string Name, Encoding? Encoding, int MarkBytes, int? WrongAt = null)
{
    private const int BufferBytes = 64 << 10;

    static TextEncoding() => Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);

    public bool IsGuess { get; private init; }

    /// <exception cref="InvalidDataException">There is no encoding of that name, or it is no text.</exception>
    public static TextEncoding Of(PackedFile file, string? given)
    {
        ReadOnlySpan<byte> head = file.Head;
        if (given is not null)
            return Named(given, head);
        if (head.StartsWith(Encoding.UTF8.Preamble))
            return Utf8Or1252(file, "UTF-8 with a byte order mark", 3);
        if (head.StartsWith(Encoding.UTF32.Preamble))
            return new("UTF-32", new UTF32Encoding(bigEndian: false, byteOrderMark: false, throwOnInvalidCharacters: true), 4);
        if (head.StartsWith(Encoding.Unicode.Preamble))
            return new("UTF-16", Utf16(bigEndian: false), 2);
        if (head.StartsWith(Encoding.BigEndianUnicode.Preamble))
            return new("UTF-16 (big-endian)", Utf16(bigEndian: true), 2);
        if (ZerosOf(head) is { } bigEndian)
            return new($"UTF-16 without a byte order mark{(bigEndian ? " (big-endian)" : "")}", Utf16(bigEndian), 0) { IsGuess = true };
        if (FileKinds.IsBinary(head))
            throw new InvalidDataException("it is no text and no file of a known kind. Read are JSON, CSV, XLSX, Parquet and exports of chats.");
        return Utf8Or1252(file, "UTF-8", 0);
    }

    /// <summary>The text as UTF-8, without a byte order mark.</summary>
    public Stream Read(Stream bytes)
    {
        Span<byte> mark = stackalloc byte[MarkBytes];
        bytes.ReadExactly(mark);
        return Encoding is null ? bytes : Encoding.CreateTranscodingStream(bytes, Encoding, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
    }

    private static TextEncoding Utf8Or1252(PackedFile file, string name, int mark)
    {
        if (WrongLine(file.Open()) is not { } line)
            return new(name, null, mark);
        return WesternText.IsLikely(file.Open())
            ? new("Windows-1252", Encoding.GetEncoding(1252), mark) { IsGuess = true }
            : new("UTF-8 with errors", null, mark, line);
    }

    private static TextEncoding Named(string name, ReadOnlySpan<byte> head)
    {
        try
        {
            Encoding encoding = Encoding.GetEncoding(name, EncoderFallback.ExceptionFallback, DecoderFallback.ExceptionFallback);
            return new(encoding.WebName, encoding, encoding.Preamble.Length > 0 && head.StartsWith(encoding.Preamble) ? encoding.Preamble.Length : 0);
        }
        catch (ArgumentException e)
        {
            throw new InvalidDataException(
                $"there is no encoding called '{name}'. Some that are: utf-8, utf-16, windows-1252, windows-1251, iso-8859-15, macintosh, ibm850.", e);
        }
    }

    private static UnicodeEncoding Utf16(bool bigEndian) => new(bigEndian, byteOrderMark: false, throwOnInvalidBytes: true);

    /// <summary>Whether every second byte is zero for the most part, and which; null: not so.</summary>
    private static bool? ZerosOf(ReadOnlySpan<byte> head)
    {
        int even = 0, odd = 0, pairs = Math.Min(head.Length, 4096) / 2;
        for (int i = 0; i < pairs; i++)
        {
            even += head[2 * i] == 0 ? 1 : 0;
            odd += head[2 * i + 1] == 0 ? 1 : 0;
        }
        return pairs < 2 ? null : odd > 0.6 * pairs && even < 0.1 * pairs ? false : even > 0.6 * pairs && odd < 0.1 * pairs ? true : null;
    }

    /// <summary>The first line whose bytes are no UTF-8; null where all are.</summary>
    private static int? WrongLine(Stream bytes)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        char[] decoded = ArrayPool<char>.Shared.Rent(BufferBytes);
        try
        {
            for (int line = 1, kept = 0; ;)
            {
                int count = bytes.Read(buffer, kept, BufferBytes - kept);
                Span<byte> all = buffer.AsSpan(0, kept + count);
                OperationStatus status = Utf8.ToUtf16(all, decoded, out int read, out _, replaceInvalidSequences: false, isFinalBlock: count == 0);
                line += all[..read].Count((byte)'\n');
                if (status == OperationStatus.InvalidData)
                    return line;
                if (count == 0)
                    return null;
                all[read..].CopyTo(buffer);
                kept = all.Length - read;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
            ArrayPool<char>.Shared.Return(decoded);
        }
    }
}
