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
        if (text.Contains("\\\"", StringComparison.Ordinal) && IsJson(text.Replace("\\\\", "\\").Replace("\\\"", "\"")))
            return NoticeKinds.HalfEscapedJson;
        return text[0] == '{' && text[1..].TrimStart() is ['"' or '\\', ..] ? NoticeKinds.BrokenJson : null;
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
