using System.IO.Compression;
using FineTuneChat.Datasets.Tables;
using FineTuneChat.Documents.Reading;

namespace FineTuneChat.Documents.Formats;

/// <summary>Word, PowerPoint and Excel: archives of XML, looked at before a library unpacks them.</summary>
internal static class OfficeFormat
{
    private const string Remedy = "Split it, or save it as PDF.";

    public static string Read(ReadOnlyMemory<byte> bytes, PassageWriter passages)
    {
        using var stream = new MemoryStream(bytes.ToArray(), writable: false);
        string[] parts = Parts(stream);
        stream.Position = 0;
        if (parts.Contains("xl/workbook.xml"))
            return SheetFormat.Read(stream, passages);
        bool isWord = parts.Contains("word/document.xml");
        if (!isWord && !parts.Contains("ppt/presentation.xml"))
            throw new InvalidDataException(parts.Contains("mimetype")
                ? "it is an OpenDocument file or an e-book. Save it as PDF, .docx or .xlsx."
                : "it is an archive. Unpack it, and give the documents that are in it.");
        WorkbookSize.Check(stream, passages.Limits.OfTables, cellWithError: _ => { }, Remedy);
        stream.Position = 0;
        return isWord ? WordFormat.Read(stream, passages) : SlideFormat.Read(stream, passages);
    }

    private static string[] Parts(Stream stream)
    {
        using var archive = new ZipArchive(stream, ZipArchiveMode.Read, leaveOpen: true);
        return [.. archive.Entries.Select(e => e.FullName)];
    }
}
