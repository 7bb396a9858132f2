using System.Text;
using FineTuneChat.Datasets.Files;

namespace FineTuneChat.Documents.Reading;

/// <summary>Collects what a document says, under its headings, as far as the limits allow.</summary>
internal sealed class PassageWriter(DocumentLimits limits, ReadingTime time)
{
    private const int MostHeading = 120; // characters of one in the path above a passage
    private readonly List<Passage> _passages = [];
    private readonly List<(int Level, string Text)> _headings = [];
    private long _characters, _unpacked;

    public DocumentLimits Limits => limits;

    public IReadOnlyList<Passage> Passages => _passages;

    private string Path => string.Join(Passage.HeadingSeparator, _headings.Select(h => h.Text));

    /// <exception cref="InvalidDataException">It becomes too much, or takes too long.</exception>
    public void Add(string text, Place place)
    {
        time.Check();
        text = Clean(text);
        if (text.Length == 0)
            return;
        Count(text);
        _passages.Add(new(text, place, Path));
    }

    /// <param name="level">From 1, the outermost; closes all headings of that level and below.</param>
    /// <param name="text">What it says.</param>
    /// <param name="place">Where.</param>
    public void AddHeading(int level, string text, Place place)
    {
        time.Check();
        text = Clean(text).ReplaceLineEndings(" ");
        if (text.Length == 0)
            return;
        Count(text);
        Open(level, text);
        _passages.Add(new(text, place, Path, IsHeading: true));
    }

    /// <summary>Puts what follows under a heading that is not itself in the text, such as a sheet's name.</summary>
    public void Open(int level, string text)
    {
        _headings.RemoveAll(h => h.Level >= level);
        if (text.Length > 0)
            _headings.Add((level, text.Length <= MostHeading ? text : text[..(char.IsHighSurrogate(text[MostHeading - 1]) ? MostHeading - 1 : MostHeading)]));
    }

    /// <exception cref="InvalidDataException">More is unpacked than is allowed, or it takes too long.</exception>
    public void Unpack(long bytes)
    {
        time.Check();
        if (bytes > limits.PartBytes || (_unpacked += bytes) > limits.UnpackedBytes)
            throw new InvalidDataException(
                $"it grows to more than {(bytes > limits.PartBytes ? limits.PartBytes : limits.UnpackedBytes):N0} bytes when it is unpacked, which is all that "
                + "is allowed. Split it.");
    }

    /// <exception cref="InvalidDataException">There are more than is allowed.</exception>
    public void CheckPages(int pages)
    {
        if (pages > limits.Pages)
            throw new InvalidDataException($"it has {pages:N0} pages; at most {limits.Pages:N0} are read. Split it.");
    }

    public ReadingTime Time => time;

    private void Count(string text)
    {
        if ((_characters += text.Length) > limits.Characters)
            throw new InvalidDataException($"it has more than {limits.Characters:N0} characters of text, which is all that is read. Split it.");
    }

    /// <summary>Without control characters and half surrogates, which a database or a JSON text could not hold.</summary>
    private static string Clean(string text)
    {
        text = text.Trim();
        if (!text.AsSpan().ContainsAny(Unwanted) && !text.Any(char.IsSurrogate))
            return text;
        var clean = new StringBuilder(text.Length);
        foreach (Rune rune in text.EnumerateRunes())
            if (!Rune.IsControl(rune) || rune.Value is '\n' or '\t')
                clean.Append(rune);
            else if (rune.Value != '\r')
                clean.Append(' ');
        return clean.ToString().Trim();
    }

    private static readonly System.Buffers.SearchValues<char> Unwanted = System.Buffers.SearchValues.Create(
        [.. Enumerable.Range(0, 0xA0).Select(i => (char)i).Where(c => char.IsControl(c) && c is not ('\n' or '\t'))]);
}
