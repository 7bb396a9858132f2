namespace FineTuneChat.Datasets.Files;

/// <summary>
/// Whether bytes that are no UTF-8 make sense as Windows-1252. In another encoding they would show as signs in the middle of words, as capitals after small
/// letters, or as words of nothing but accents.
/// </summary>
internal static class WesternText
{
    private const double MostWrong = 0.02; // of the bytes that are not ASCII
    private const int MostInRow = 3; // accented letters; a Cyrillic word has nothing else

    // Letters above 0x9F are all from 0xC0 on but × and ÷. 0xFF (ÿ) is oftener a damaged byte than a letter.
    private static bool IsSmall(byte b) => b is (>= (byte)'a' and <= (byte)'z') or (>= 0xDF and <= 0xFE and not 0xF7) or 0x9A or 0x9C or 0x9E;

    private static bool IsCapital(byte b) => b is (>= (byte)'A' and <= (byte)'Z') or (>= 0xC0 and <= 0xDE and not 0xD7) or 0x8A or 0x8C or 0x8E or 0x9F;

    private static bool IsSign(byte b) => b is 0x80 or 0x82 or (>= 0x84 and <= 0x87) or 0x89 or 0x8B or (>= 0x91 and <= 0x97) or 0x99 or 0x9B
        or (>= 0xA0 and <= 0xBF) or 0xD7 or 0xF7;

    private static bool MayStandInWord(byte b) => b is 0x91 or 0x92 or 0x96 or 0x97 or 0xB7 or 0xAD or 0xAA or 0xBA; // apostrophe, dash, l·l, soft hyphen, ª, º

    public static bool IsLikely(Stream bytes)
    {
        long high = 0, wrong = 0;
        int inRow = 0;
        byte before = (byte)' ', last = (byte)' ';
        var buffer = new byte[64 << 10];
        while (bytes.Read(buffer) is > 0 and var count)
            foreach (byte b in buffer.AsSpan(0, count))
            {
                if (last >= 0x80)
                {
                    high++;
                    if (!IsLikelyBetween(before, last, b))
                        wrong++;
                }
                inRow = b >= 0x80 && (IsSmall(b) || IsCapital(b)) ? inRow + 1 : 0;
                if (inRow > MostInRow)
                    wrong++;
                (before, last) = (last, b);
            }
        if (last >= 0x80 && ++high > 0 && !IsLikelyBetween(before, last, (byte)' '))
            wrong++;
        return high > 0 && wrong <= MostWrong * high;
    }

    private static bool IsLikelyBetween(byte before, byte b, byte after)
    {
        bool isInWord = IsLetter(before) && IsLetter(after);
        return IsSmall(b) || (IsCapital(b) ? !IsSmall(before) : IsSign(b) && (!isInWord || MayStandInWord(b)));
    }

    private static bool IsLetter(byte b) => IsSmall(b) || IsCapital(b);
}
