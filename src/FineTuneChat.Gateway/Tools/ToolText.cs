using System.Text;

namespace FineTuneChat.Gateway.Tools;

/// <summary>Text of a server before people and models read it.</summary>
internal static class ToolText
{
    /// <summary>Without control characters, which hide what a terminal or a page shows; cut where it is too long.</summary>
    public static (string Text, bool IsCut) Clean(string text, int most)
    {
        var clean = new StringBuilder(Math.Min(text.Length, most));
        foreach (Rune rune in text.EnumerateRunes()) // halves of a character become U+FFFD
        {
            if (Rune.IsControl(rune) && rune.Value is not ('\n' or '\t'))
                continue;
            if (clean.Length + rune.Utf16SequenceLength > most)
                return (clean.ToString(), true);
            clean.Append(rune);
        }
        return (clean.ToString(), false);
    }

    /// <summary>A name in a message about it.</summary>
    public static string Shown(string name) => Clean(name, 60) is var (text, isCut) ? text + (isCut ? "…" : "") : "";
}
