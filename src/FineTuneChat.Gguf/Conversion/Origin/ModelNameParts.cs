using System.Globalization;
using System.Text.RegularExpressions;

namespace FineTuneChat.Gguf.Conversion.Origin;

/// <summary>
/// What a model's name at the hub says, e.g. <c>mistralai/Mistral-7B-Instruct-v0.2</c>: organisation, base, size, kind, version. Read as llama.cpp's converter
/// does, so that files of both are named alike.
/// </summary>
internal sealed partial record ModelNameParts(string Name, string? Organization, string? Basename, string? Finetune, string? Version, string? SizeLabel)
{
    private const string Magnitudes = " KMBT";

    /// <summary>A word of the name, and what it may be.</summary>
    private sealed class Word(string text)
    {
        public string Text { get; set; } = text;

        public HashSet<Kind> Kinds { get; } = [];
    }

    private enum Kind
    {
        Basename,
        Size,
        Finetune,
        Version,
        Type,
    }

    public static ModelNameParts Of(string id, long parameters)
    {
        if (id.Contains(' ', StringComparison.Ordinal))
            return new ModelNameParts(id, null, null, null, null, null); // a sentence
        int slash = id.IndexOf('/', StringComparison.Ordinal);
        string? organization = slash > 0 && id[0] != '.' ? id[..slash] : null;
        string name = id[(slash + 1)..];
        Word[] words = [.. name.Split('-', StringSplitOptions.RemoveEmptyEntries).Select(w => new Word(w))];
        for (int i = 0; i < words.Length; i++)
            Annotate(words[i], isFirst: i == 0, parameters);
        DropWordSizes(words);
        MarkBasename(words);

        string? size = Joined(words.Where(w => w.Kinds.Contains(Kind.Size)).DistinctBy(w => w.Text)), finetune = Joined(words.Where(w => w.Kinds.Contains(Kind.Finetune))),
            version = Joined(words.Where(w => w.Kinds.Contains(Kind.Version) && !w.Kinds.Contains(Kind.Basename)));
        string? basename = size is null && finetune is null && version is null ? null : Joined(words.Where(w => w.Kinds.Contains(Kind.Basename)));
        return new ModelNameParts(name, organization, basename, finetune, version, size);
    }

    /// <summary>As a title: words in lower case begin with a capital.</summary>
    public static string Title(string id) =>
        string.Join(' ', id.Replace('-', ' ').Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(w => w == w.ToLowerInvariant() && w.Any(char.IsLetter) && !NoTitle().IsMatch(w) ? CultureInfo.InvariantCulture.TextInfo.ToTitleCase(w) : w));

    private static void Annotate(Word word, bool isFirst, long parameters)
    {
        if (VersionWord().IsMatch(word.Text))
        {
            word.Kinds.Add(Kind.Version);
        }
        else if (TypeWord().IsMatch(word.Text))
        {
            word.Kinds.Add(Kind.Type);
            word.Text = word.Text.ToUpperInvariant();
        }
        else if (!isFirst && SizeWord().IsMatch(word.Text))
        {
            AnnotateSize(word, parameters);
        }
        else if (!isFirst && FinetuneWord().IsMatch(word.Text))
        {
            word.Kinds.Add(Kind.Finetune);
        }
    }

    /// <summary>A size that is far from the model's is a length of context.</summary>
    private static void AnnotateSize(Word word, long parameters)
    {
        string size = word.Text.Replace('_', '.');
        if (char.IsDigit(size[^1]) && size.Length > 2)
            size = $"{size[..^2]}.{size[^1]}{size[^2]}"; // 7b1
        if (size.Length > 1 && char.IsDigit(size[^2]) && "kmbt".Contains(size[^1], StringComparison.Ordinal))
            size = size[..^1] + char.ToUpperInvariant(size[^1]);
        if (double.TryParse(size[..^1], CultureInfo.InvariantCulture, out double number))
        {
            double said = number * Math.Pow(1000, Magnitudes.IndexOf(size[^1], StringComparison.Ordinal));
            if (parameters > 0 && Math.Abs(said - parameters) > 7 * parameters / 8)
            {
                word.Kinds.Add(Kind.Finetune);
                size = size[..^1] + char.ToLowerInvariant(size[^1]);
            }
        }

        if (word.Kinds.Count == 0)
            word.Kinds.Add(Kind.Size);
        word.Text = size;
    }

    /// <summary>"mini" says nothing beside "3.8B".</summary>
    private static void DropWordSizes(Word[] words)
    {
        if (!words.Any(w => w.Kinds.Contains(Kind.Size) && w.Text.Any(char.IsDigit)))
            return;
        foreach (Word word in words.Where(w => w.Text.All(char.IsLetter)))
            word.Kinds.Remove(Kind.Size);
    }

    private static void MarkBasename(Word[] words)
    {
        bool atStart = true;
        foreach (Word word in words)
        {
            atStart = atStart && ((word.Kinds.Count == 0 && char.IsLetter(word.Text[0])) || word.Kinds.Contains(Kind.Version));
            if (atStart)
                word.Kinds.Add(Kind.Basename);
            else if (word.Kinds.Count == 0)
                word.Kinds.Add(Kind.Finetune);
        }

        foreach (Word word in words.Reverse().TakeWhile(w => w.Kinds.Contains(Kind.Basename) && w.Kinds.Count > 1))
            word.Kinds.Remove(Kind.Basename);
    }

    private static string? Joined(IEnumerable<Word> words) => string.Join('-', words.Select(w => w.Text)) is { Length: > 0 } text ? text : null;

    [GeneratedRegex(@"^(v|iter)?\d+([.]\d+)*$", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant)]
    private static partial Regex VersionWord();

    [GeneratedRegex(@"^(i?q\d(_\w)*|b?fp?(16|32))$", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant)]
    private static partial Regex TypeWord();

    [GeneratedRegex(
        @"^((A|\d+x)?\d+([._]\d+)?[KMBT]\d?|small|mini|medium|large|x?xl)$", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant)]
    private static partial Regex SizeWord();

    [GeneratedRegex("^(chat|instruct|vision|lora)$", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant)]
    private static partial Regex FinetuneWord();

    [GeneratedRegex(@"^(v\d+(\.\d+)*|\d.*)$", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant)]
    private static partial Regex NoTitle();
}
