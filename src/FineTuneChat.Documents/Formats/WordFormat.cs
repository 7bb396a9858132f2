using System.Globalization;
using System.Text;
using DocumentFormat.OpenXml;
using DocumentFormat.OpenXml.Packaging;
using DocumentFormat.OpenXml.Wordprocessing;
using FineTuneChat.Documents.Reading;

namespace FineTuneChat.Documents.Formats;

/// <summary>A Word document: paragraphs under their headings, tables row by row, notes at the end.</summary>
internal sealed class WordFormat(PassageWriter passages, IReadOnlyDictionary<string, int> headings)
{
    private int _page = 1;
    private bool _hasPages;

    public static string Read(Stream stream, PassageWriter passages)
    {
        using var word = WordprocessingDocument.Open(stream, isEditable: false);
        MainDocumentPart main = word.MainDocumentPart ?? throw new InvalidDataException("it has no text part.");
        var reader = new WordFormat(passages, Headings(main));
        reader._hasPages = main.Document?.Body?.Descendants<LastRenderedPageBreak>().Any() == true;
        reader.ReadAll(main.Document?.Body);
        foreach (OpenXmlElement? notes in (OpenXmlElement?[])[main.FootnotesPart?.Footnotes, main.EndnotesPart?.Endnotes])
            foreach (OpenXmlElement note in notes?.Elements() ?? [])
                reader.ReadAll(note);
        return "Word";
    }

    private void ReadAll(OpenXmlElement? container)
    {
        foreach (OpenXmlElement element in container?.Elements() ?? [])
            switch (element)
            {
                case Paragraph paragraph:
                    Add(paragraph);
                    break;
                case Table table:
                    AddTable(table);
                    break;
                case SdtBlock block: // a frame around paragraphs, such as a table of contents
                    ReadAll(block.SdtContentBlock);
                    break;
                case CustomXmlBlock block:
                    ReadAll(block);
                    break;
            }
    }

    private void Add(Paragraph paragraph)
    {
        Place place = _hasPages ? new(PlaceKind.Page, _page) : Place.None;
        string text = Text(paragraph);
        if (Level(paragraph) is { } level)
            passages.AddHeading(level, text, place);
        else
            passages.Add(paragraph.ParagraphProperties?.NumberingProperties is null ? text : $"- {text}", place);
        _page += paragraph.Descendants<LastRenderedPageBreak>().Count();
    }

    private void AddTable(Table table)
    {
        Place place = _hasPages ? new(PlaceKind.Page, _page) : Place.None;
        foreach (TableRow row in table.Elements<TableRow>())
            passages.Add(
                string.Join(" | ", row.Descendants<TableCell>().Select(cell => string.Join(' ', cell.Elements<Paragraph>().Select(Text)).Trim())
                    .Where(cell => cell.Length > 0)), place);
        _page += table.Descendants<LastRenderedPageBreak>().Count();
    }

    private int? Level(Paragraph paragraph) =>
        paragraph.ParagraphProperties?.OutlineLevel?.Val?.Value is { } outline and < 9
            ? outline + 1
            : paragraph.ParagraphProperties?.ParagraphStyleId?.Val?.Value is { } style && headings.TryGetValue(style, out int level) ? level : null;

    /// <summary>What is shown: deleted text is not, and of a picture's two forms only one.</summary>
    private static string Text(OpenXmlElement paragraph)
    {
        var text = new StringBuilder();
        foreach (OpenXmlElement element in paragraph.Descendants())
            if (!element.Ancestors<AlternateContentFallback>().Any())
                text.Append(element switch
                {
                    Text t => t.Text,
                    TabChar => "\t",
                    Break or CarriageReturn => "\n",
                    NoBreakHyphen => "-",
                    _ => "",
                });
        return text.ToString();
    }

    /// <summary>Styles that are headings: by their outline level, or by the name that Word gives them in every language.</summary>
    private static Dictionary<string, int> Headings(MainDocumentPart main)
    {
        var levels = new Dictionary<string, int>();
        foreach (Style style in main.StyleDefinitionsPart?.Styles?.Elements<Style>() ?? [])
            if (style.StyleId?.Value is { } id)
            {
                string name = style.StyleName?.Val?.Value ?? "";
                if (name.Equals("title", StringComparison.OrdinalIgnoreCase))
                    levels[id] = 1;
                else if (name.StartsWith("heading ", StringComparison.OrdinalIgnoreCase)
                    && int.TryParse(name.AsSpan(8), CultureInfo.InvariantCulture, out int level))
                    levels[id] = level;
                else if (style.StyleParagraphProperties?.OutlineLevel?.Val?.Value is { } outline and < 9)
                    levels[id] = outline + 1;
            }
        return levels;
    }
}
