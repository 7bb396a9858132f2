using System.IO.Compression;
using System.Xml;

namespace FineTuneChat.Datasets.Tables;

/// <summary>
/// Looks at a workbook before it is read, part by part and holding none of them: the reader keeps all shared texts in memory. What the archive says of a
/// part's size can be relied on: .NET unpacks no more than that.
/// </summary>
internal static class WorkbookSize
{
    private const long SmallPart = 1 << 20; // bytes; what is smaller may be packed as tightly as it likes

    private const string OfTables = "Save the sheet with the data as CSV, or split it.";

    /// <param name="stream">All of it.</param>
    /// <param name="limits">How much is read.</param>
    /// <param name="cellWithError">Told of each cell that holds an error.</param>
    /// <param name="remedy">What to do about one that is too large.</param>
    /// <exception cref="InvalidDataException">It is larger than is allowed, or no ZIP archive of sound XML.</exception>
    public static void Check(Stream stream, DatasetLimits limits, Action<string> cellWithError, string remedy = OfTables)
    {
        if (stream.Length > limits.WorkbookBytes)
            throw Over("bytes", stream.Length, limits.WorkbookBytes, remedy);
        using var archive = new ZipArchive(stream, ZipArchiveMode.Read, leaveOpen: true);
        if (archive.Entries.Count > limits.WorkbookParts)
            throw Over("parts", archive.Entries.Count, limits.WorkbookParts, remedy);
        if (archive.Entries.Sum(part => (decimal)part.Length) is var unpacked && unpacked > limits.UnpackedBytes) // decimal: forged sizes overflow a long
            throw Over("bytes when unpacked", unpacked, limits.UnpackedBytes, remedy);
        foreach (ZipArchiveEntry part in archive.Entries)
            if (part.Length > SmallPart && part.Length / Math.Max(1, part.CompressedLength) is var ratio && ratio > limits.CompressionRatio)
                throw new InvalidDataException(
                    $"its part {part.FullName} grows {ratio:N0} times when it is unpacked; allowed is {limits.CompressionRatio:N0} times. {remedy}");
        foreach (ZipArchiveEntry part in archive.Entries.Where(part => part.FullName.EndsWith(".xml", StringComparison.OrdinalIgnoreCase)))
            CheckXml(part, limits, cellWithError, remedy);
    }

    private static void CheckXml(ZipArchiveEntry part, DatasetLimits limits, Action<string> cellWithError, string remedy)
    {
        using Stream bytes = part.Open();
        using var xml = XmlReader.Create(bytes, new XmlReaderSettings
        {
            DtdProcessing = DtdProcessing.Prohibit, // no entities
            XmlResolver = null,
            MaxCharactersInDocument = limits.UnpackedBytes,
        });
        var buffer = new char[4 << 10];
        int shared = 0;
        while (xml.Read())
        {
            if (xml.Depth > limits.XmlDepth)
                throw new InvalidDataException($"its part {part.FullName} is nested deeper than the {limits.XmlDepth} levels that are allowed.");
            if (xml is { NodeType: XmlNodeType.Element, LocalName: "si" } && ++shared > limits.SharedStrings)
                throw Over("shared texts or more", shared, limits.SharedStrings, remedy);
            if (xml is { NodeType: XmlNodeType.Element, LocalName: "c" } && xml.GetAttribute("t") == "e") // the reader makes an empty cell of it
                cellWithError(xml.GetAttribute("r") ?? "");
            if (xml.NodeType is not (XmlNodeType.Text or XmlNodeType.CDATA))
                continue;
            long length = 0;
            while (xml.ReadValueChunk(buffer, 0, buffer.Length) is > 0 and var read)
                if ((length += read) > limits.CellCharacters)
                    throw new InvalidDataException(
                        $"it has a text of more than {limits.CellCharacters:N0} characters, which is all that a cell may hold; shorten it.");
        }
    }

    private static InvalidDataException Over(string what, decimal found, long allowed, string remedy) =>
        new($"it has {found:N0} {what}; at most {allowed:N0} are read. {remedy}");
}
