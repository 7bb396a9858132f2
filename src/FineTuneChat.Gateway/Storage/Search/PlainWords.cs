using System.Text;
using FineTuneChat.Datasets.Checks;

namespace FineTuneChat.Gateway.Storage.Search;

/// <summary>The words of a text as the indexes have them: letters and digits, small and without accents.</summary>
internal static class PlainWords
{
    public static IEnumerable<string> Of(string text)
    {
        var word = new StringBuilder();
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (Rune.IsLetterOrDigit(rune))
                word.Append(Plain(rune));
            else if (!(rune.IsBmp && LatinLetters.IsAccent((char)rune.Value)) && word.Length > 0)
            {
                yield return word.ToString();
                word.Clear();
            }
        }
        if (word.Length > 0)
            yield return word.ToString();
    }

    /// <summary>Small, and without the accents that FTS5 takes off; it leaves letters that are of their own.</summary>
    private static Rune Plain(Rune rune) =>
        Rune.ToLowerInvariant(rune) is var small && small.IsBmp && !"ßæœøłđħŧı".Contains((char)small.Value)
            ? new Rune(LatinLetters.PlainOf((char)small.Value))
            : small;
}
