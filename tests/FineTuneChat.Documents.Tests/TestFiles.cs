using System.IO.Compression;
using System.Text;
using DocumentFormat.OpenXml;
using DocumentFormat.OpenXml.Packaging;
using DocumentFormat.OpenXml.Wordprocessing;
using UglyToad.PdfPig.Core;
using UglyToad.PdfPig.Fonts.Standard14Fonts;
using UglyToad.PdfPig.Writer;
using PageSize = UglyToad.PdfPig.Content.PageSize;

namespace FineTuneChat.Documents.Tests;

/// <summary>Files as the programs write them that people use.</summary>
internal static class TestFiles
{
    public static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    /// <summary>A PDF with a page for each text; a line that begins with '#' stands in large letters.</summary>
    public static byte[] Pdf(params string[] pages)
    {
        using var pdf = new PdfDocumentBuilder();
        PdfDocumentBuilder.AddedFont font = pdf.AddStandard14Font(Standard14Font.Helvetica);
        foreach (string text in pages)
        {
            PdfPageBuilder page = pdf.AddPage(PageSize.A4);
            double y = 780;
            foreach (string line in text.Split('\n'))
            {
                bool isHeading = line.StartsWith('#');
                if (line.Length > 0)
                    page.AddText(line.TrimStart('#'), isHeading ? 18 : 10, new PdfPoint(50, y), font);
                y -= isHeading ? 40 : line.Length == 0 ? 24 : 12;
            }
        }
        return pdf.Build();
    }

    public static byte[] Word(params OpenXmlElement[] body)
    {
        using var stream = new MemoryStream();
        using (var word = WordprocessingDocument.Create(stream, WordprocessingDocumentType.Document))
        {
            MainDocumentPart main = word.AddMainDocumentPart();
            main.Document = new(new Body(body));
            main.AddNewPart<StyleDefinitionsPart>().Styles = new(
                new Style(new StyleName { Val = "heading 1" }) { StyleId = "Ttulo1", Type = StyleValues.Paragraph },
                new Style(new StyleName { Val = "heading 2" }) { StyleId = "Ttulo2", Type = StyleValues.Paragraph });
        }
        return stream.ToArray();
    }

    public static Paragraph Heading(int level, string text) =>
        new(new ParagraphProperties(new ParagraphStyleId { Val = $"Ttulo{level}" }), new Run(new Text(text)));

    public static Paragraph Said(string text) => new(new Run(new Text(text)));

    public static byte[] Zip(params (string Name, byte[] Bytes)[] parts)
    {
        using var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
            foreach ((string name, byte[] bytes) in parts)
            {
                using Stream part = zip.CreateEntry(name, CompressionLevel.SmallestSize).Open();
                part.Write(bytes);
            }
        return stream.ToArray();
    }

    public static byte[] Zlib(byte[] bytes)
    {
        using var stream = new MemoryStream();
        using (var zlib = new ZLibStream(stream, CompressionLevel.SmallestSize, leaveOpen: true))
            zlib.Write(bytes);
        return stream.ToArray();
    }
}
