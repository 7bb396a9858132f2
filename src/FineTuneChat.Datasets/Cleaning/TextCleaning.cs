using System.Text.RegularExpressions;
using FineTuneChat.Datasets.Checks;
using FineTuneChat.Datasets.Messages;

namespace FineTuneChat.Datasets.Cleaning;

/// <summary>The rules that change texts. Pure.</summary>
internal static partial class TextCleaning
{
    /// <summary>A message's text after a rule; null: it cannot be put right, and its row is to be left out.</summary>
    public static string? Apply(string rule, string text, ChatRole role) => rule switch
    {
        CleaningRule.ControlCharacters => Controls().Replace(text, ""),
        CleaningRule.WhiteSpace => text.ReplaceLineEndings("\n").Trim(),
        CleaningRule.Mojibake => Mojibake.Find(text) is null ? text : Mojibake.Repair(text),
        CleaningRule.HalfEscapedJson when role == ChatRole.Assistant => JsonReply.Unescaped(text) ?? text,
        CleaningRule.BrokenJson when role == ChatRole.Assistant => JsonReply.Mistake(text) is null ? text : null,
        _ => text,
    };

    /// <summary>C0 but for tab and line ends, DEL, C1, and the byte order mark, which has no business inside of a text.</summary>
    [GeneratedRegex(@"[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F\uFEFF]")]
    private static partial Regex Controls();
}
