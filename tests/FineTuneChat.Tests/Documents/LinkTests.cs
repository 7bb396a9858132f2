using System.Text.RegularExpressions;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Tests.Documents;

/// <summary>Every relative link in the documents leads to a file and a heading that exist, and every picture is shown by one of them.</summary>
public sealed partial class LinkTests
{
    private static readonly string[] Documents =
    [
        .. Directory.GetFiles(Repository.Root, "*.md"),
        .. Directory.GetFiles(Path.Combine(Repository.Root, "docs"), "*.md", SearchOption.AllDirectories),
        Path.Combine(Repository.Root, "models", "starter", "README.md"),
    ];

    [Fact]
    public void Every_relative_link_leads_to_a_file_and_a_heading() =>
        Assert.Empty(
            from document in Documents
            from link in Links(document)
            where !Exists(link)
            select $"{Path.GetRelativePath(Repository.Root, document)}: {link.File}{link.Heading}");

    [Fact]
    public void Every_picture_is_shown_by_a_document() =>
        Assert.Empty(
            Directory.GetFiles(Path.Combine(Repository.Root, "docs"), "*.png", SearchOption.AllDirectories)
                .Except(Documents.SelectMany(Links).Select(link => link.File)));

    private static bool Exists((string File, string Heading) link) =>
        link.Heading.Length == 0
            ? Path.Exists(link.File)
            : File.Exists(link.File) && Text(link.File).Split('\n').Any(line => line.StartsWith('#') && Anchor(line) == link.Heading);

    private static IEnumerable<(string File, string Heading)> Links(string document) =>
        from Match match in Target().Matches(CodeSpan().Replace(Text(document), ""))
        let target = match.Groups["target"].Value
        where !target.Contains(':', StringComparison.Ordinal) // https:, mailto:
        let parts = target.Split('#', 2)
        let file = parts[0].Length == 0 ? document : Path.GetFullPath(Path.Combine(Path.GetDirectoryName(document)!, parts[0]))
        select (file, parts.Length == 2 ? $"#{parts[1]}" : "");

    /// <summary>Without blocks of code: what looks like a link or a heading there is none.</summary>
    private static string Text(string document) => CodeBlock().Replace(File.ReadAllText(document).ReplaceLineEndings("\n"), "");

    /// <summary>As GitHub derives it from a heading.</summary>
    private static string Anchor(string heading) =>
        $"#{NotInAnchors().Replace(heading.TrimStart('#').Trim().ToLowerInvariant(), "").Replace(' ', '-')}";

    [GeneratedRegex("""\]\((?<target>[^)\s]+)\)|(?:src|srcset|href)="(?<target>[^"]+)"|^\[[^\]]+\]:\s*(?<target>\S+)""", RegexOptions.Multiline)]
    private static partial Regex Target();

    [GeneratedRegex(@"^```.*?^```", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex CodeBlock();

    [GeneratedRegex("`[^`\n]+`")]
    private static partial Regex CodeSpan();

    [GeneratedRegex(@"[^\p{L}\p{N} _-]")]
    private static partial Regex NotInAnchors();
}
