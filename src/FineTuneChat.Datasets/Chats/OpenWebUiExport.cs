using System.Text.Json;
using System.Text.RegularExpressions;
using FineTuneChat.Datasets.Formats;
using FineTuneChat.Datasets.Messages;
using FineTuneChat.Datasets.Reports;

namespace FineTuneChat.Datasets.Chats;

/// <summary>A chat of Open WebUI's export: a tree of messages by their ids, or a list of them.</summary>
internal static partial class OpenWebUiExport
{
    public static IEnumerable<ChatMessage> Read(JsonElement chat, RowNotes notes)
    {
        JsonElement history = chat.Object("history"), all = history.Object("messages");
        IEnumerable<JsonElement> messages = all.ValueKind != JsonValueKind.Object || history.TextOrNull("currentId") is not { } last
            ? chat.Items("messages")
            : ChatExport.Path(last, all, "parentId");
        if (all.ValueKind == JsonValueKind.Object && all.EnumerateObject().Any(m => m.Value.Items("childrenIds").Count() > 1))
            notes.Tell(NoticeKinds.Branches, "chats with questions that were edited or answered anew: only what was shown last is read");
        IEnumerable<ChatMessage> system = (chat.TextOrNull("system") ?? chat.Object("params").TextOrNull("system")) is { Length: > 0 } text
            ? [new ChatMessage(ChatRole.System, text)]
            : [];
        return system.Concat(messages.Select(m => Message(m, notes)).OfType<ChatMessage>());
    }

    private static ChatMessage? Message(JsonElement message, RowNotes notes)
    {
        if (message.Items("files").Any())
            notes.Tell(NoticeKinds.Media, "chats with pictures, sounds or files: only their text is read");
        string content = message.TextOrNull("content") ?? "";
        if (!ChatRoles.TryParse(message.TextOrNull("role"), out ChatRole role) || role == ChatRole.Tool)
        {
            notes.Tell(NoticeKinds.LeftOut, "chats with messages of other kinds: they are left out");
            return null;
        }
        if (role != ChatRole.Assistant || !content.Contains("<details", StringComparison.Ordinal))
            return new ChatMessage(role, content);

        // What the page folds away: reasoning, and calls of tools.
        string? reasoning = Reasoning().Match(content) is { Success: true } thought ? thought.Groups[1].Value.Trim() : null;
        if (ToolCalls().IsMatch(content))
            notes.Tell(NoticeKinds.Tools, "chats with calls of tools: they and their results are left out");
        return new ChatMessage(role, ToolCalls().Replace(Reasoning().Replace(content, ""), "").Trim()) { Reasoning = reasoning };
    }

    [GeneratedRegex("""<details[^>]*type="reasoning"[^>]*>\s*(?:<summary>.*?</summary>)?(.*?)</details>""", RegexOptions.Singleline, 1_000)]
    private static partial Regex Reasoning();

    [GeneratedRegex("""<details[^>]*type="tool_calls"[^>]*>.*?</details>""", RegexOptions.Singleline, 1_000)]
    private static partial Regex ToolCalls();
}
