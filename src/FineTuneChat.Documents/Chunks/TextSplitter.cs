namespace FineTuneChat.Documents.Chunks;

/// <summary>Cuts a text that is too long for one chunk: after lines, else after sentences, else between words, else anywhere between characters.</summary>
internal static class TextSplitter
{
    private const string SentenceEnds = ".!?…。！？";

    /// <summary>The pieces in order; together they are the text without the spaces between them.</summary>
    /// <param name="text">Any.</param>
    /// <param name="most">Words of a piece.</param>
    public static IEnumerable<string> Split(string text, int most)
    {
        while (TextSize.Of(text) > most)
        {
            int end = Cut(text, most);
            string piece = text[..end].TrimEnd();
            if (piece.Length > 0)
                yield return piece;
            text = text[end..].TrimStart();
        }
        if (text.Length > 0)
            yield return text;
    }

    /// <summary>Where the first piece ends: the last good place in its second half, or where it is full.</summary>
    private static int Cut(string text, int most)
    {
        int full = Full(text, most), least = full / 2;
        ReadOnlySpan<char> piece = text.AsSpan(0, full);
        int line = piece.LastIndexOf('\n');
        if (line >= least)
            return line + 1;
        for (int i = full - 1; i > least; i--)
            if (SentenceEnds.Contains(text[i]) && (i + 1 == text.Length || char.IsWhiteSpace(text[i + 1]) || text[i] > '\u2FFF') && i + 1 <= full)
                return i + 1;
        for (int i = full - 1; i > least; i--)
            if (char.IsWhiteSpace(text[i]))
                return i + 1;
        return char.IsHighSurrogate(text[full - 1]) && full > 1 ? full - 1 : full;
    }

    /// <summary>How many characters have the words.</summary>
    private static int Full(string text, int most)
    {
        int low = 1, high = text.Length;
        while (low < high)
        {
            int middle = (low + high + 1) / 2;
            if (TextSize.Of(text.AsSpan(0, middle)) <= most)
                low = middle;
            else
                high = middle - 1;
        }
        return low;
    }
}
