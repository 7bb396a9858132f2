using System.Text;
using FineTuneChat.Documents.Reading;
using UglyToad.PdfPig;
using UglyToad.PdfPig.Content;
using UglyToad.PdfPig.DocumentLayoutAnalysis;
using UglyToad.PdfPig.DocumentLayoutAnalysis.PageSegmenter;
using UglyToad.PdfPig.Exceptions;

namespace FineTuneChat.Documents.Formats;

/// <summary>A PDF: its pages' blocks of text in reading order, columns one after the other; what stands in larger letters is a heading.</summary>
internal static class PdfFormat
{
    private const double HeadingSize = 1.15; // of the page's usual letters
    private const int MostHeading = 150; // characters
    private const int MostWords = 20_000; // on a page whose columns are looked for

    public static string Read(ReadOnlyMemory<byte> bytes, PassageWriter passages)
    {
        using PdfDocument pdf = Open(bytes, passages);
        passages.CheckPages(pdf.NumberOfPages);
        for (int number = 1; number <= pdf.NumberOfPages; number++)
        {
            passages.Time.Check();
            AddPage(pdf.GetPage(number), new(PlaceKind.Page, number), passages);
        }
        if (passages.Passages.Count == 0)
            throw new InvalidDataException("it has no text: its pages are pictures. Let a program for recognising text (OCR) add it first.");
        return "PDF";
    }

    private static PdfDocument Open(ReadOnlyMemory<byte> bytes, PassageWriter passages)
    {
        try
        {
            return PdfDocument.Open(bytes.ToArray(), new ParsingOptions { FilterProvider = new PdfFilters(passages), SkipMissingFonts = true });
        }
        catch (PdfDocumentEncryptedException e)
        {
            throw new InvalidDataException("it is protected by a password. Save it without one.", e);
        }
    }

    private static void AddPage(Page page, Place place, PassageWriter passages)
    {
        Word[] words = [.. page.GetWords().Where(word => !string.IsNullOrWhiteSpace(word.Text))];
        if (words.Length == 0)
            return;
        double usual = UsualSize(words);
        IEnumerable<TextBlock> blocks = words.Length <= MostWords ? RecursiveXYCut.Instance.GetBlocks(words) : [];
        if (words.Length > MostWords)
            passages.Add(string.Join(' ', words.Select(word => word.Text)), place);
        foreach (TextBlock block in blocks)
        {
            string text = Text(block);
            if (text.Length <= MostHeading && block.TextLines.Count <= 2 && Size(block.TextLines[0].Words) >= usual * HeadingSize)
                passages.AddHeading(LevelOf(Size(block.TextLines[0].Words) / usual), text, place);
            else
                passages.Add(text, place);
        }
    }

    private static int LevelOf(double times) => times >= 1.6 ? 1 : times >= 1.3 ? 2 : 3;

    /// <summary>Lines as one text; a word that was cut at a line's end is whole again.</summary>
    private static string Text(TextBlock block)
    {
        var text = new StringBuilder();
        foreach (TextLine line in block.TextLines)
        {
            string read = line.Text.Trim();
            if (read.Length == 0)
                continue;
            bool isCut = text.Length > 1 && text[^1] is '-' or '\u00AD' && char.IsLetter(text[^2]) && char.IsLower(read[0]);
            if (isCut)
                text.Length--;
            else if (text.Length > 0)
                text.Append(' ');
            text.Append(read);
        }
        return text.ToString();
    }

    private static double UsualSize(Word[] words)
    {
        double[] sizes = [.. words.Select(word => word.Letters[0].PointSize).Order()];
        return Math.Max(0.1, sizes[sizes.Length / 2]);
    }

    private static double Size(IReadOnlyList<Word> words) => words.Max(word => word.Letters[0].PointSize);
}
