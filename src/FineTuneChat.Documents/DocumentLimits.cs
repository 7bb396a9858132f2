using FineTuneChat.Datasets;

namespace FineTuneChat.Documents;

/// <summary>
/// How much of a file is read before it is refused: a file of a few kilobytes can stand for gigabytes. Every property is an inclusive maximum.
/// </summary>
public sealed record DocumentLimits
{
    /// <summary>Bytes of the file as it lies on the disk. Default: 128 MiB.</summary>
    public long Bytes { get; init; } = 128L << 20;

    /// <summary>Bytes of all that is unpacked from it while it is read. Default: 512 MiB.</summary>
    public long UnpackedBytes { get; init; } = 512L << 20;

    /// <summary>Bytes of one part of it, unpacked; it is held in memory. Default: 64 MiB.</summary>
    public long PartBytes { get; init; } = 64L << 20;

    /// <summary>How many times larger a part of more than 1 MiB becomes when it is unpacked. Default: 500.</summary>
    public int CompressionRatio { get; init; } = 500;

    /// <summary>Pages or slides. Default: 5000.</summary>
    public int Pages { get; init; } = 5_000;

    /// <summary>Characters of its text. Default: 30 million, about 10,000 printed pages.</summary>
    public int Characters { get; init; } = 30_000_000;

    /// <summary>Levels of nested elements. Default: 256.</summary>
    public int Depth { get; init; } = 256;

    /// <summary>Files within files: a mail's attachments. Default: 2 levels.</summary>
    public int Attachments { get; init; } = 2;

    /// <summary>How long reading may take. Default: two minutes.</summary>
    public TimeSpan Time { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>The same for the readers of tables and packed files.</summary>
    internal DatasetLimits OfTables => new()
    {
        WorkbookBytes = Bytes,
        UnpackedBytes = UnpackedBytes,
        UnpackedTextBytes = PartBytes,
        CompressionRatio = CompressionRatio,
        WorkbookParts = 20_000,
        XmlDepth = Depth,
    };
}
