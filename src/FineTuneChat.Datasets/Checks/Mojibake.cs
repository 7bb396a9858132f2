using System.Buffers;
using System.Text;

namespace FineTuneChat.Datasets.Checks;

/// <summary>
/// Letters that were decoded wrongly before the file was written: UTF-8 that was read as Windows-1252 (<c>Ã±</c> for ñ), and letters that were lost
/// altogether (U+FFFD).
/// </summary>
internal static class Mojibake
{
    // What the first byte of a letter of two bytes, or of a sign of three, looks like.
    private static readonly SearchValues<char> Starts = SearchValues.Create("ÂÃâ\uFFFDÐÑÅÄ");

    private static readonly Encoding Western = CodePagesEncodingProvider.Instance.GetEncoding(
        1252, EncoderFallback.ExceptionFallback, DecoderFallback.ExceptionFallback)!;
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The first wrong letters, with what they were where that is known; null where there are none.</summary>
    public static string? Find(string text)
    {
        for (int i = text.AsSpan().IndexOfAny(Starts); i >= 0; i = Next(text, i))
        {
            if (text[i] == '\uFFFD')
                return "a letter is lost (U+FFFD)";
            int length = text[i] == 'â' ? 3 : 2;
            bool isWordInCapitals = i > 0 && char.IsUpper(text[i - 1]); // MANHÃ”
            if (i + length <= text.Length && !isWordInCapitals && Decoded(text.AsSpan(i, length)) is { } meant)
                return $"\"{text.AsSpan(i, length)}\" for \"{meant}\"";
        }
        return null;
    }

    /// <summary>The text as it was before its letters were decoded wrongly; null where that is not sure for all of it.</summary>
    public static string? Repair(string text)
    {
        try
        {
            return Strict.GetString(Western.GetBytes(text));
        }
        catch (ArgumentException) // a letter that was not decoded so
        {
            return null;
        }
    }

    private static int Next(string text, int i) => text.AsSpan(i + 1).IndexOfAny(Starts) is >= 0 and var more ? i + 1 + more : -1;

    private static string? Decoded(ReadOnlySpan<char> letters)
    {
        if (char.IsAsciiLetterOrDigit(letters[1]) || letters[1] < '\u0080')
            return null;
        try
        {
            var bytes = new byte[letters.Length];
            int count = Western.GetBytes(letters, bytes);
            return Strict.GetString(bytes, 0, count);
        }
        catch (ArgumentException) // no character of Windows-1252, or no UTF-8
        {
            return null;
        }
    }
}
