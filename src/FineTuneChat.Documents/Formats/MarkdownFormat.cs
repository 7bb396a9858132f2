using System.Text.RegularExpressions;
using FineTuneChat.Documents.Reading;

namespace FineTuneChat.Documents.Formats;

/// <summary>Markdown by its lines: headings, fenced code, paragraphs. What is within a paragraph stays as it was written.</summary>
internal static partial class MarkdownFormat
{
    public static string Read(string text, PassageWriter passages)
    {
        var block = new List<string>();
        string? fence = null;
        int line = 0, first = 1;
        foreach (ReadOnlySpan<char> read in text.AsSpan().EnumerateLines())
        {
            line++;
            string here = read.TrimEnd().ToString();
            if (fence is null && Fence().Match(here) is { Success: true } opened)
                fence = opened.Groups[1].Value;
            else if (fence is not null && here.TrimStart().StartsWith(fence, StringComparison.Ordinal))
                fence = null;
            else if (fence is null && Heading().Match(here) is { Success: true } heading)
            {
                Flush();
                passages.AddHeading(heading.Groups[1].Length, heading.Groups[2].Value, new(PlaceKind.Line, line));
                continue;
            }
            else if (fence is null && block.Count > 0 && Underline().IsMatch(here))
            {
                string title = block[^1];
                block.RemoveAt(block.Count - 1);
                Flush();
                passages.AddHeading(here.StartsWith('=') ? 1 : 2, title, new(PlaceKind.Line, line - 1));
                continue;
            }
            if (fence is null && here.Length == 0)
            {
                Flush();
                continue;
            }
            if (block.Count == 0)
                first = line;
            block.Add(here);
        }
        Flush();
        return "Markdown";

        void Flush()
        {
            if (block.Count > 0)
                passages.Add(string.Join('\n', block), new(PlaceKind.Line, first));
            block.Clear();
        }
    }

    [GeneratedRegex(@"^ {0,3}(#{1,6})[ \t]+(.*?)[ \t]*#*$", RegexOptions.NonBacktracking)]
    private static partial Regex Heading();

    [GeneratedRegex(@"^ {0,3}(```+|~~~+)", RegexOptions.NonBacktracking)]
    private static partial Regex Fence();

    [GeneratedRegex(@"^ {0,3}(=+|-{2,})$", RegexOptions.NonBacktracking)]
    private static partial Regex Underline();
}
