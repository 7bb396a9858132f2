using System.IO.Compression;
using System.Text;

namespace FineTuneChat.Datasets.Tests.Tables;

/// <summary>The smallest workbook that is one, around whatever a test puts into its parts.</summary>
internal sealed class WorkbookBuilder
{
    private const string Main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    private const string Package = "http://schemas.openxmlformats.org/package/2006";
    private const string Document = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

    private readonly MemoryStream _bytes = new();
    private readonly ZipArchive _archive;

    public WorkbookBuilder(params (string Name, string State)[] sheets)
    {
        sheets = sheets.Length > 0 ? sheets : [("A", "visible")];
        _archive = new(_bytes, ZipArchiveMode.Create, leaveOpen: true);
        Part("[Content_Types].xml", $"""
            <Types xmlns="{Package}/content-types"><Default Extension="xml" ContentType="application/xml"/>
            <Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/></Types>
            """);
        Part("_rels/.rels", $"""
            <Relationships xmlns="{Package}/relationships"><Relationship Id="a" Type="{Document}/officeDocument" Target="xl/workbook.xml"/></Relationships>
            """);
        Part("xl/_rels/workbook.xml.rels", $"""
            <Relationships xmlns="{Package}/relationships">
            {string.Concat(sheets.Select((_, i) => $"<Relationship Id=\"a{i + 1}\" Type=\"{Document}/worksheet\" Target=\"worksheets/sheet{i + 1}.xml\"/>"))}
            <Relationship Id="b" Type="{Document}/sharedStrings" Target="sharedStrings.xml"/>
            <Relationship Id="c" Type="{Document}/styles" Target="styles.xml"/></Relationships>
            """);
        Part("xl/workbook.xml", $"""
            <workbook xmlns="{Main}" xmlns:r="{Document}"><sheets>
            {string.Concat(sheets.Select((s, i) => $"<sheet name=\"{s.Name}\" sheetId=\"{i + 1}\" state=\"{s.State}\" r:id=\"a{i + 1}\"/>"))}
            </sheets></workbook>
            """);
    }

    public static string Cell(string place, string text) => $"""<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>""";

    /// <summary>Cells from column A on.</summary>
    public static string Row(int number, params string[] cells) =>
        $"<row r=\"{number}\">{string.Concat(cells.Select((cell, i) => Cell($"{(char)('A' + i)}{number}", cell)))}</row>";

    public WorkbookBuilder Part(string name, string content) => Part(name, stream => stream.Write(Encoding.UTF8.GetBytes(content)));

    public WorkbookBuilder Part(string name, Action<Stream> write)
    {
        using Stream stream = _archive.CreateEntry(name, CompressionLevel.Optimal).Open();
        write(stream);
        return this;
    }

    public WorkbookBuilder Sheet(string rows, string before = "") => Sheet(1, rows, before);

    public WorkbookBuilder Sheet(int number, string rows, string before = "") =>
        Part($"xl/worksheets/sheet{number}.xml", $"{before}<worksheet xmlns=\"{Main}\"><sheetData>{rows}</sheetData></worksheet>");

    /// <summary>A number format that cells use with s="1".</summary>
    public WorkbookBuilder Styles(string format) => Part("xl/styles.xml", $"""
        <styleSheet xmlns="{Main}"><numFmts count="1"><numFmt numFmtId="164" formatCode="{System.Security.SecurityElement.Escape(format)}"/></numFmts>
        <cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="164" applyNumberFormat="1"/></cellXfs></styleSheet>
        """);

    /// <summary>Texts that cells name by their place.</summary>
    public WorkbookBuilder Shared(IEnumerable<string> texts) => Part("xl/sharedStrings.xml", stream =>
    {
        using var writer = new StreamWriter(stream);
        writer.Write($"<sst xmlns=\"{Main}\">");
        foreach (string text in texts)
            writer.Write($"<si><t>{text}</t></si>");
        writer.Write("</sst>");
    });

    public byte[] Build()
    {
        _archive.Dispose();
        return _bytes.ToArray();
    }
}
