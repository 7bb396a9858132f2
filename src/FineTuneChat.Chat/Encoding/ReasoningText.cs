using FineTuneChat.Datasets.Messages;

namespace FineTuneChat.Chat.Encoding;

/// <summary>Reasoning that a client left inside the content, as <c>&lt;think&gt;…&lt;/think&gt;</c> before the answer.</summary>
internal static class ReasoningText
{
    private const string Start = "<think>";
    private const string End = "</think>";

    /// <summary>The message with that reasoning moved to where it belongs; as it is when there is none.</summary>
    public static ChatMessage Separate(ChatMessage message)
    {
        string content = message.Content?.TrimStart() ?? "";
        int end = content.IndexOf(End, StringComparison.Ordinal);
        if (end < 0 || !content.StartsWith(Start, StringComparison.Ordinal) || message.Reasoning is not null)
            return message;
        string reasoning = content[Start.Length..end];
        return message with { Reasoning = reasoning.Trim('\n'), Content = content[(end + End.Length)..].TrimStart('\n') };
    }
}
