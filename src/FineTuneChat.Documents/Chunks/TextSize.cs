namespace FineTuneChat.Documents.Chunks;

/// <summary>How much a text is, in words. A word of more than twelve characters counts as several: in some writings there are no spaces.</summary>
public static class TextSize
{
    private const int LongWord = 12;

    /// <summary>Words of a text.</summary>
    public static int Of(ReadOnlySpan<char> text)
    {
        int words = 0, length = 0;
        foreach (char c in text)
        {
            if (char.IsWhiteSpace(c))
                length = 0;
            else if (length++ % LongWord == 0)
                words++;
        }
        return words;
    }
}
