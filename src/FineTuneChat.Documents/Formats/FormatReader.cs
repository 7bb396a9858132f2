using FineTuneChat.Datasets.Files;
using FineTuneChat.Documents.Reading;

namespace FineTuneChat.Documents.Formats;

/// <summary>Finds the reader of a file: by its first bytes, and between kinds of text by its name.</summary>
internal static class FormatReader
{
    private static readonly string[] Web = [".html", ".htm", ".xhtml", ".mhtml"];
    private static readonly string[] Office = [".docx", ".pptx", ".xlsx"];
    private static readonly string[] Tables = [".csv", ".tsv", ".tab"];
    private static readonly string[] Marked = [".md", ".markdown", ".mdx", ".rst", ".adoc", ".qmd"];

    /// <summary>Reads a file and tells what it is.</summary>
    /// <param name="bytes">All of it.</param>
    /// <param name="name">By its ending kinds of text are told apart.</param>
    /// <param name="text">Takes what it says.</param>
    /// <param name="levels">Of files within it that may be read.</param>
    /// <exception cref="InvalidDataException">It holds no text, is damaged, or larger than is allowed.</exception>
    public static string Read(ReadOnlyMemory<byte> bytes, string name, PassageWriter text, int levels)
    {
        if (bytes.Length > text.Limits.Bytes)
            throw new InvalidDataException($"it has {bytes.Length:N0} bytes; at most {text.Limits.Bytes:N0} are read. Split it.");
        if (bytes.Length == 0)
            throw new InvalidDataException("it is empty.");
        ReadOnlySpan<byte> head = bytes.Span[..Math.Min(bytes.Length, 1024)];
        if (head.IndexOf("%PDF-"u8) >= 0)
            return PdfFormat.Read(bytes, text);
        if (head.StartsWith("PK\u0003\u0004"u8))
            return OfficeFormat.Read(bytes, text);
        if (FileKinds.NameOf(head) is { } foreign)
            throw new InvalidDataException(
                $"it is {foreign}, which is not read. Read are PDF, Word (.docx), PowerPoint (.pptx), Excel (.xlsx), HTML, Markdown, mail (.eml), CSV, "
                + "text and code.");
        string ending = Path.GetExtension(name).ToLowerInvariant();
        if (ending is ".eml" or ".mhtml" or ".mht")
            return MailFormat.Read(bytes, text, levels);
        DecodedText decoded = DecodedText.Of(bytes, name, text);
        ending = Path.GetExtension(decoded.Name).ToLowerInvariant();
        return ending switch
        {
            _ when Web.Contains(ending) || LooksLikeHtml(decoded.Text) => HtmlFormat.Read(decoded.Text, text),
            _ when Tables.Contains(ending) => CsvFormat.Read(decoded, text),
            _ when Marked.Contains(ending) => MarkdownFormat.Read(decoded.Text, text),
            _ => PlainFormat.Read(decoded.Text, text),
        };
    }

    /// <summary>Whether a file looks like one that can be read. It may be damaged.</summary>
    public static bool HoldsText(ReadOnlySpan<byte> bytes, string name)
    {
        ReadOnlySpan<byte> head = bytes[..Math.Min(bytes.Length, 1024)];
        return head.Length > 0 && (head.IndexOf("%PDF-"u8) >= 0
            || (head.StartsWith("PK\u0003\u0004"u8)
                ? Office.Contains(Path.GetExtension(name).ToLowerInvariant())
                : FileKinds.NameOf(head) is null && !FileKinds.IsBinary(head)));
    }

    private static bool LooksLikeHtml(string text)
    {
        ReadOnlySpan<char> start = text.AsSpan().TrimStart();
        return start.StartsWith("<!doctype html", StringComparison.OrdinalIgnoreCase) || start.StartsWith("<html", StringComparison.OrdinalIgnoreCase);
    }
}
