using System.Text;
using AngleSharp.Dom;
using AngleSharp.Html.Dom;
using AngleSharp.Html.Parser;
using FineTuneChat.Documents.Reading;

namespace FineTuneChat.Documents.Formats;

/// <summary>A web page's text, as it would be shown: blocks are passages, h1 to h6 their headings. Scripts are not run, nothing is fetched.</summary>
internal sealed class HtmlFormat(PassageWriter passages)
{
    private static readonly HashSet<string> Unseen =
        ["SCRIPT", "STYLE", "TEMPLATE", "NOSCRIPT", "SVG", "HEAD", "IFRAME", "OBJECT", "SELECT", "BUTTON", "INPUT", "TEXTAREA"];

    private static readonly HashSet<string> Inline =
    [
        "A", "ABBR", "B", "BDI", "BDO", "BIG", "CITE", "CODE", "DATA", "DFN", "EM", "FONT", "I", "INS", "KBD", "LABEL", "MARK", "Q", "S", "SAMP", "SMALL",
        "SPAN", "STRONG", "SUB", "SUP", "TIME", "TT", "U", "VAR", "WBR", "IMG",
    ];

    private readonly StringBuilder _block = new();

    public static string Read(string html, PassageWriter passages)
    {
        using IHtmlDocument page = new HtmlParser(new HtmlParserOptions { OnCreated = new DepthGuard(passages).Check }).ParseDocument(html);
        if (page.Title is { Length: > 0 } title)
            passages.AddHeading(1, title, Place.None);
        var reader = new HtmlFormat(passages);
        if (page.Body is { } body)
            reader.ReadAll(body);
        reader.Flush();
        return "HTML";
    }

    private void ReadAll(INode root)
    {
        // Without recursion: a page may be nested as deeply as it likes.
        for (INode? node = root.FirstChild; node is not null;)
        {
            bool goesIn = Begin(node) && node.HasChildNodes;
            if (goesIn)
            {
                node = node.FirstChild;
                continue;
            }
            End(node);
            while (node != root && node!.NextSibling is null)
            {
                node = node.Parent;
                if (node == root)
                    return;
                End(node!);
            }
            node = node.NextSibling;
        }
    }

    /// <summary>Whether its children are read.</summary>
    private bool Begin(INode node)
    {
        if (node is IText text)
            Append(text);
        if (node is not IElement element)
            return false;
        if (Unseen.Contains(element.TagName.ToUpperInvariant()) || element.HasAttribute("hidden") || element.GetAttribute("aria-hidden") == "true")
            return false;
        switch (element.TagName.ToUpperInvariant())
        {
            case "BR":
                _block.Append('\n');
                return false;
            case "TD" or "TH":
                if (_block.Length > 0)
                    _block.Append(" | ");
                return true;
            case ['H', >= '1' and <= '6']:
                Flush();
                passages.AddHeading(element.TagName[1] - '0' + 1, element.TextContent, Place.None);
                return false;
            case "LI":
                Flush();
                _block.Append("- ");
                return true;
            case var tag when !Inline.Contains(tag):
                Flush();
                return true;
            default:
                return true;
        }
    }

    private void End(INode node)
    {
        if (node is IElement element && element.TagName.ToUpperInvariant() is not ("TD" or "TH" or "BR") and var tag && !Inline.Contains(tag))
            Flush();
    }

    private void Append(IText text)
    {
        if (text.ParentElement?.Closest("pre") is not null)
        {
            _block.Append(text.Data);
            return;
        }
        bool isSpaced = _block.Length == 0 || char.IsWhiteSpace(_block[^1]);
        foreach (char c in text.Data)
        {
            bool isSpace = char.IsWhiteSpace(c);
            if (!isSpace || !isSpaced)
                _block.Append(isSpace ? ' ' : c);
            isSpaced = isSpace;
        }
    }

    private void Flush()
    {
        string text = _block.ToString();
        _block.Clear();
        if (text.Trim() is not ("-" or "|"))
            passages.Add(text, Place.None);
    }

    /// <summary>The parser looks for an element to close among all that are open: a page of a few kilobytes could keep it busy for hours.</summary>
    private sealed class DepthGuard(PassageWriter passages)
    {
        private const int Deepest = 2_000, Step = 256; // browsers stop at 512
        private IElement? _last;
        private int _count;

        public void Check(IElement element, AngleSharp.Text.TextPosition position)
        {
            if (_count++ % Step == 0)
            {
                passages.Time.Check();
                if (_last?.Ancestors().Count() > Deepest)
                    throw new InvalidDataException($"line {position.Line} is nested deeper than the {Deepest:N0} levels that are read.");
            }
            _last = element;
        }
    }
}
