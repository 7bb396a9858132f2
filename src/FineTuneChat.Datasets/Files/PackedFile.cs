using System.IO.Compression;
using FineTuneChat.Datasets.Reports;

namespace FineTuneChat.Datasets.Files;

/// <summary>
/// A file that can be read from its beginning as often as needed, unpacked: gzip is taken off, and of an archive the one file that holds the data is taken.
/// </summary>
internal sealed class PackedFile
{
    private const int HeadBytes = 64 << 10, MostLayers = 2;
    private static readonly string[] Data = [".jsonl", ".json", ".ndjson", ".csv", ".tsv", ".txt", ".xlsx", ".parquet"];

    private PackedFile(string name, FileKind kind, byte[] head, Func<Stream> open)
    {
        Name = name;
        Kind = kind;
        Head = head;
        Open = open;
    }

    /// <summary>Without the ending that a packer puts on.</summary>
    public string Name { get; }

    public FileKind Kind { get; }

    /// <summary>Its first bytes, unpacked.</summary>
    public byte[] Head { get; }

    /// <summary>From its beginning, each time anew.</summary>
    public Func<Stream> Open { get; }

    /// <exception cref="InvalidDataException">It is something that holds no dataset, which is named, or damaged.</exception>
    public static PackedFile Of(Stream file, string name, DatasetLimits limits, ReadingTime time, DatasetReport report)
    {
        Stream seekable = file.CanSeek ? file : Held(file, limits);
        long start = seekable.Position;
        Func<Stream> open = () =>
        {
            seekable.Position = start;
            return new TimedStream(seekable, time);
        };
        for (int layer = 0; ; layer++)
        {
            byte[] head = HeadOf(open);
            FileKind kind = FileKinds.Of(head);
            if (kind is FileKind.Text or FileKind.Parquet || (kind == FileKind.Zip && Workbook(open)))
                return new PackedFile(name, kind, head, kind == FileKind.Text || layer == 0 ? open : Seekable(open, limits));
            if (layer == MostLayers)
                throw new InvalidDataException("it is packed several times; unpack it first.");
            (name, open) = kind == FileKind.Gzip ? Unzipped(name, open, limits) : Entry(open, limits, report);
        }
    }

    private static (string, Func<Stream>) Unzipped(string name, Func<Stream> packed, DatasetLimits limits) => (
        name.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? name[..^3] : name,
        () => new BoundedStream(new GZipStream(packed(), CompressionMode.Decompress), limits.UnpackedTextBytes));

    /// <summary>The file in an archive that holds the data: chats are exported with pictures and web pages beside them.</summary>
    private static (string, Func<Stream>) Entry(Func<Stream> packed, DatasetLimits limits, DatasetReport report)
    {
        packed = Seekable(packed, limits);
        using var archive = new ZipArchive(packed(), ZipArchiveMode.Read, leaveOpen: true);
        if (archive.Entries.Count > limits.WorkbookParts * 100)
            throw new InvalidDataException($"it is an archive of {archive.Entries.Count:N0} files; unpack it, and give the one with the data.");
        if (archive.Entries.FirstOrDefault(e => e.FullName is "word/document.xml" or "ppt/presentation.xml" or "mimetype") is { } office)
            throw new InvalidDataException(office.FullName == "mimetype"
                ? "it is an OpenDocument file or an e-book, not a dataset. Save a table as .xlsx or CSV."
                : "it is a Word or PowerPoint file, not a dataset. Copy its text into a table or JSON lines.");
        string[] data = [.. archive.Entries.Select(e => e.FullName).Where(IsData)];
        string chosen = data.FirstOrDefault(n => Path.GetFileName(n) is "conversations.json" or "_chat.txt") ?? data switch
        {
            [var only] => only,
            [] => throw new InvalidDataException("it is an archive without a file that holds data."),
            _ => throw new InvalidDataException($"it is an archive of several files; unpack it, and give one of them: {string.Join(", ", data.Take(10))}."),
        };
        if (archive.Entries.Count > 1)
            report.Tell(NoticeKinds.OtherParts, $"of the archive {chosen} is read and nothing else");
        return (Path.GetFileName(chosen), () =>
        {
            var opened = new ZipArchive(packed(), ZipArchiveMode.Read, leaveOpen: true);
            return new BoundedStream(opened.GetEntry(chosen)!.Open(), limits.UnpackedTextBytes);
        });
    }

    private static bool IsData(string entry) =>
        Data.Contains(Path.GetExtension(entry).ToLowerInvariant()) && !entry.StartsWith("__MACOSX", StringComparison.Ordinal);

    private static bool Workbook(Func<Stream> open)
    {
        using Stream stream = open();
        if (!stream.CanSeek)
            return false;
        using var archive = new ZipArchive(stream, ZipArchiveMode.Read, leaveOpen: true);
        return archive.Entries.Any(e => e.FullName is "xl/workbook.xml");
    }

    private static Func<Stream> Seekable(Func<Stream> open, DatasetLimits limits)
    {
        Stream stream = open();
        if (stream.CanSeek)
            return open;
        MemoryStream held = Held(stream, limits);
        return () =>
        {
            held.Position = 0;
            return held;
        };
    }

    private static MemoryStream Held(Stream stream, DatasetLimits limits)
    {
        var held = new MemoryStream();
        using var bounded = new BoundedStream(stream, limits.WorkbookBytes);
        bounded.CopyTo(held);
        held.Position = 0;
        return held;
    }

    private static byte[] HeadOf(Func<Stream> open)
    {
        using Stream stream = open();
        var head = new byte[HeadBytes];
        return head[..stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false)];
    }
}
