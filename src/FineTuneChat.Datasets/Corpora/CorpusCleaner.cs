using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using FineTuneChat.Datasets.Cleaning;
using FineTuneChat.Datasets.Messages;

namespace FineTuneChat.Datasets.Corpora;

/// <summary>
/// Cleans texts paragraph by paragraph, over all documents of a corpus; what each rule does is counted. A paragraph ends where an empty line stands.
/// </summary>
/// <param name="without">Names of rules that are switched off.</param>
public sealed partial class CorpusCleaner(IReadOnlySet<string> without)
{
    private const int FewestCharacters = 60; // of a paragraph that may not be said twice: headings may
    private const int ShortestDocument = 40; // characters

    private const string Duplicates = "duplicates", Blobs = "blobs", ShortDocuments = "short_documents";

    /// <summary>The rules, in the order in which they are applied, with what they do.</summary>
    public static IReadOnlyList<(string Name, string Text)> Rules { get; } =
    [
        (CleaningRule.ControlCharacters, "control characters and byte order marks are removed; tabs and line ends stay"),
        (CleaningRule.WhiteSpace, "white space at line ends is removed, line ends become line feeds, empty lines in a row one"),
        (CleaningRule.Mojibake, "letters that were decoded wrongly (Ã± for ñ) are put right; where that is not sure, the paragraph is left out"),
        (Blobs, "paragraphs with a word of more than 200 characters are left out: encoded files, keys, tables of numbers"),
        (Duplicates, "a paragraph of 60 characters or more that stood there before, whatever its case and marks, is left out"),
        (ShortDocuments, "documents of which fewer than 40 characters are left are left out"),
    ];

    private readonly HashSet<UInt128> _seen = [];
    private readonly Dictionary<string, (int Changed, int LeftOut)> _figures =
        Rules.Where(r => !without.Contains(r.Name)).ToDictionary(r => r.Name, _ => (0, 0));

    /// <summary>What was done so far, in the order of the rules.</summary>
    public IReadOnlyList<CorpusFigure> Figures => [.. _figures.Select(f => new CorpusFigure(f.Key, f.Value.Changed, f.Value.LeftOut))];

    /// <summary>A document as it is learned; null: nothing of it is.</summary>
    /// <param name="document">As it was read.</param>
    public CorpusDocument? Clean(CorpusDocument document)
    {
        string[] kept = [.. Paragraphs().Split(document.Text.ReplaceLineEndings("\n").Trim('\n')).Select(Cleaned).OfType<string>()];
        string text = string.Join("\n\n", kept.Where(paragraph => paragraph.Length > 0));
        if (text.Length < ShortestDocument && _figures.ContainsKey(ShortDocuments))
        {
            Count(ShortDocuments, isLeftOut: true);
            return null;
        }
        return text.Length == 0 ? null : document with { Text = text };
    }

    private string? Cleaned(string paragraph)
    {
        foreach (string rule in _figures.Keys)
        {
            string? cleaned = Apply(rule, paragraph);
            if (cleaned != paragraph)
                Count(rule, isLeftOut: cleaned is null);
            if (cleaned is null)
                return null;
            paragraph = cleaned;
        }
        return paragraph;
    }

    private string? Apply(string rule, string paragraph) => rule switch
    {
        CleaningRule.WhiteSpace => LineEnds().Replace(paragraph, "").Trim('\n'),
        Blobs => Blob().IsMatch(paragraph) ? null : paragraph,
        Duplicates => IsNew(paragraph) ? paragraph : null,
        ShortDocuments => paragraph,
        _ => TextCleaning.Apply(rule, paragraph, ChatRole.User),
    };

    private bool IsNew(string paragraph)
    {
        if (paragraph.Length < FewestCharacters)
            return true;
        string letters = string.Concat(paragraph.Where(char.IsLetterOrDigit)).ToLowerInvariant();
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(letters), hash);
        return _seen.Add(System.Buffers.Binary.BinaryPrimitives.ReadUInt128LittleEndian(hash));
    }

    private void Count(string rule, bool isLeftOut)
    {
        (int changed, int leftOut) = _figures[rule];
        _figures[rule] = isLeftOut ? (changed, leftOut + 1) : (changed + 1, leftOut);
    }

    [GeneratedRegex(@"\n[ \t]*\n")]
    private static partial Regex Paragraphs();

    [GeneratedRegex(@"[ \t]+$", RegexOptions.Multiline)]
    private static partial Regex LineEnds();

    [GeneratedRegex(@"\S{201,}")]
    private static partial Regex Blob();
}
