namespace FineTuneChat.Datasets;

/// <summary>
/// How much of a dataset file is read before it is refused. A file of a few kilobytes can stand for gigabytes (a packed sheet, a cell in the last
/// row), so memory and work are bounded here and not by the file's size. Every property is an inclusive maximum.
/// </summary>
public sealed record DatasetLimits
{
    /// <summary>
    /// Rows of a file; of a table empty ones count, too, because each of them is walked. Default: one million, about what Excel can hold.
    /// JSON lines are read up to the limit and the first row too many is an error; a table is refused.
    /// </summary>
    public int Rows { get; init; } = 1_000_000;

    /// <summary>
    /// Bytes of a row. Default: 4 MiB, more than any model's context holds. Of CSV up to twice as many are read before it is noticed.
    /// </summary>
    public int RowBytes { get; init; } = 4 << 20;

    /// <summary>Bytes of an item of a list of JSON: a chat with all its versions is one. Default: 32 MiB.</summary>
    public int ItemBytes { get; init; } = 32 << 20;

    /// <summary>Bytes of a text when it is unpacked. Default: 2 GiB; it is read as a stream.</summary>
    public long UnpackedTextBytes { get; init; } = 2L << 30;

    /// <summary>
    /// Levels of nested arrays and objects in a row or a file of JSON. Default: 64; function schemas, the deepest of what is read, take about ten.
    /// </summary>
    public int Depth { get; init; } = 64;

    /// <summary>Messages of a conversation. Default: 1000.</summary>
    public int Messages { get; init; } = 1_000;

    /// <summary>Columns of a table, up to the last one that has a cell. Default: 1000; a handful are read.</summary>
    public int Columns { get; init; } = 1_000;

    /// <summary>
    /// Cells that are visited: rows times named columns. Default: 20 million, which is a million rows of 20 columns and a second's work.
    /// </summary>
    public long Cells { get; init; } = 20_000_000;

    /// <summary>Characters of a cell. Default: one million (Excel's own limit is 32,767).</summary>
    public int CellCharacters { get; init; } = 1_000_000;

    /// <summary>Bytes of a workbook as it lies on the disk, packed. Default: 64 MiB; the list of its parts is held in memory.</summary>
    public long WorkbookBytes { get; init; } = 64L << 20;

    /// <summary>Parts of a workbook (entries of its ZIP archive). Default: 1000; a workbook of one sheet has about ten.</summary>
    public int WorkbookParts { get; init; } = 1_000;

    /// <summary>Bytes of all parts of a workbook together, unpacked. Default: 128 MiB; the reader holds most of a workbook's texts in memory.</summary>
    public long UnpackedBytes { get; init; } = 128L << 20;

    /// <summary>
    /// How many times larger a part of more than 1 MiB becomes when it is unpacked. Default: 200. Sheets of equal rows reach about 100; a part that holds
    /// nothing reaches 1000.
    /// </summary>
    public int CompressionRatio { get; init; } = 200;

    /// <summary>Texts in a workbook's table of shared strings. Default: one million.</summary>
    public int SharedStrings { get; init; } = 1_000_000;

    /// <summary>Levels of nested elements in a part of a workbook. Default: 64; Excel writes about eight.</summary>
    public int XmlDepth { get; init; } = 64;

    /// <summary>
    /// Characters of all examples that a file makes, each counted with the messages that precede its reply, because so it is stored; 50 more a message.
    /// Default: 256 million, half a gigabyte of memory.
    /// </summary>
    public long ExampleCharacters { get; init; } = 256_000_000;

    /// <summary>Conversations of a file of chats. Default: 100,000.</summary>
    public int Chats { get; init; } = 100_000;

    /// <summary>Messages of a conversation in a file of chats, branches included. Default: 2000.</summary>
    public int ChatMessages { get; init; } = 2_000;

    /// <summary>
    /// As <see cref="ExampleCharacters"/>, of the rated replies of one conversation in a file of chats: they are written in one transaction, and chats that
    /// go on wait for it. Default: 16 million, about a second.
    /// </summary>
    public long ChatExampleCharacters { get; init; } = 16_000_000;

    /// <summary>How long reading may take, waiting for the disk included. Default: two minutes.</summary>
    public TimeSpan Time { get; init; } = TimeSpan.FromMinutes(2);
}
