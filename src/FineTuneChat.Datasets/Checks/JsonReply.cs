using System.Text.Json;
using FineTuneChat.Datasets.Reports;

namespace FineTuneChat.Datasets.Checks;

/// <summary>Replies that are meant as JSON and are none: a model would learn the mistake to the letter.</summary>
internal static class JsonReply
{
    /// <summary>The kind of the mistake; null where there is none.</summary>
    public static string? Mistake(string reply)
    {
        string text = reply.Trim();
        if (text.Length < 2 || !(text[0] == '{' && text[^1] == '}') && !(text[0] == '[' && text[^1] == ']') || !text.Contains('"') || IsJson(text))
            return null;
        if (Unescaped(text) is not null)
            return NoticeKinds.HalfEscapedJson;
        return text[0] == '{' && text[1..].TrimStart() is ['"' or '\\', ..] ? NoticeKinds.BrokenJson : null;
    }

    /// <summary>JSON whose quotes were escaped once too often, as it was meant; null where it is none.</summary>
    public static string? Unescaped(string reply)
    {
        string text = reply.Trim(), meant = text.Replace("\\\\", "\\").Replace("\\\"", "\"");
        return text.Contains("\\\"", StringComparison.Ordinal) && !IsJson(text) && IsJson(meant) ? meant : null;
    }

    private static bool IsJson(string text)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(text);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
