namespace FineTuneChat.Datasets.Files;

/// <summary>What a file is, by its first bytes and not by its name.</summary>
internal enum FileKind
{
    Text,
    Gzip,
    Zip, // a workbook is one, too
    Parquet,
}

/// <summary>Knows files by their first bytes.</summary>
internal static class FileKinds
{
    // What people give as data by mistake, with what to give instead.
    private static readonly (byte[] Start, string Name, string Remedy)[] Others =
    [
        ([.. "%PDF"u8], "a PDF", "Copy its text into a table or JSON lines"),
        ([0x89, .. "PNG"u8], "a picture (PNG)", "Only text can be learned"),
        ([0xFF, 0xD8, 0xFF], "a picture (JPEG)", "Only text can be learned"),
        ([.. "GIF8"u8], "a picture (GIF)", "Only text can be learned"),
        ([.. "RIFF"u8], "a sound, film or picture (RIFF)", "Only text can be learned"),
        ([.. "OggS"u8], "a sound (Ogg)", "Only text can be learned"),
        ([.. "ID3"u8], "a sound (MP3)", "Only text can be learned"),
        ([0xD0, 0xCF, 0x11, 0xE0], "a file of an old Excel or Word (.xls, .doc)", "Save it as .xlsx or CSV"),
        ([.. "{\\rtf"u8], "a text with layout (RTF)", "Save it as a table or JSON lines"),
        ([.. "GGUF"u8], "a model (GGUF)", "Give it with --base, and the data here"),
        ([.. "SQLite format 3"u8], "a database (SQLite)", "Export the table as CSV"),
        ([.. "ARROW1"u8], "an Arrow file", "Save it as Parquet or JSON lines: dataset.to_json(\"data.jsonl\")"),
        ([.. "BZh"u8], "packed with bzip2", "Unpack it, or pack it with gzip"),
        ([0xFD, .. "7zXZ"u8], "packed with xz", "Unpack it, or pack it with gzip"),
        ([0x28, 0xB5, 0x2F, 0xFD], "packed with Zstandard", "Unpack it, or pack it with gzip"),
        ([0x37, 0x7A, 0xBC, 0xAF], "packed with 7-Zip", "Unpack it, or pack it with gzip"),
        ([.. "Rar!"u8], "packed with RAR", "Unpack it, or pack it with gzip"),
        ([.. "<!DOCTYPE"u8], "a web page (HTML)", "Copy its text into a table or JSON lines"),
        ([.. "<html"u8], "a web page (HTML)", "Copy its text into a table or JSON lines"),
        ([.. "<?xml"u8], "an XML file", "Save it as CSV or JSON lines"),
    ];

    /// <exception cref="InvalidDataException">It is something that holds no dataset, which is named.</exception>
    public static FileKind Of(ReadOnlySpan<byte> head)
    {
        if (head.StartsWith((ReadOnlySpan<byte>)[0x1F, 0x8B]))
            return FileKind.Gzip;
        if (head.StartsWith("PK\u0003\u0004"u8) || head.StartsWith("PK\u0005\u0006"u8))
            return FileKind.Zip;
        if (head.StartsWith("PAR1"u8))
            return FileKind.Parquet;
        foreach ((byte[] start, string name, string remedy) in Others)
            if (head.StartsWith(start))
                throw new InvalidDataException($"it is {name}, not a dataset. {remedy}.");
        return FileKind.Text;
    }

    /// <summary>What a file is that holds no plain text, for people: "a picture (PNG)"; null: it may.</summary>
    public static string? NameOf(ReadOnlySpan<byte> head)
    {
        foreach ((byte[] start, string name, _) in Others)
            if (head.StartsWith(start))
                return name;
        return null;
    }

    /// <summary>Whether bytes that are no UTF-16 are no text at all.</summary>
    public static bool IsBinary(ReadOnlySpan<byte> head) => head.ContainsAny("\0\u0002\u0003\u0004\u0005\u0006"u8);
}
