using System.Text.Json;
using FineTuneChat.Datasets.Formats;
using FineTuneChat.Datasets.Messages;
using FineTuneChat.Datasets.Reports;

namespace FineTuneChat.Datasets.Chats;

/// <summary>A conversation of ChatGPT's <c>conversations.json</c>: a tree of messages, and the one that is shown.</summary>
internal static class ChatGptExport
{
    public static IEnumerable<ChatMessage> Read(JsonElement chat, RowNotes notes)
    {
        JsonElement mapping = chat.Object("mapping");
        string? last = chat.TextOrNull("current_node")
            ?? mapping.EnumerateObject().Where(n => !n.Value.Items("children").Any()).Select(n => n.Name).LastOrDefault();
        IEnumerable<JsonElement> path = ChatExport.Path(last, mapping, "parent");
        if (mapping.EnumerateObject().Any(n => n.Value.Items("children").Count() > 1))
            notes.Tell(NoticeKinds.Branches, "chats with questions that were edited or answered anew: only what was shown last is read");
        return path.Select(node => Message(node.Object("message"), notes)).OfType<ChatMessage>();
    }

    private static ChatMessage? Message(JsonElement message, RowNotes notes)
    {
        string? role = message.Object("author").TextOrNull("role");
        JsonElement content = message.Object("content"), metadata = message.Object("metadata");
        string text = string.Join("\n", content.Items("parts").Where(p => p.ValueKind == JsonValueKind.String).Select(p => p.GetString())).Trim();
        bool isHidden = metadata.ValueKind == JsonValueKind.Object && metadata.TryGetProperty("is_visually_hidden_from_conversation", out JsonElement hidden)
            && hidden.ValueKind == JsonValueKind.True;
        if (content.Items("parts").Any(p => p.ValueKind == JsonValueKind.Object))
            notes.Tell(NoticeKinds.Media, "chats with pictures, sounds or files: only their text is read");
        if (role is null || (text.Length == 0 && content.TextOrNull("text") is null && !content.Has("thoughts")))
            return null; // the root, and empty messages of the system
        bool isTurn = role is "user" or "assistant" && content.TextOrNull("content_type") is "text" or "multimodal_text" or null
            && (message.TextOrNull("recipient") ?? "all") == "all" && !isHidden;
        if (!isTurn && role == "tool" || message.TextOrNull("recipient") is { } recipient && recipient != "all")
            notes.Tell(NoticeKinds.Tools, "chats with calls of ChatGPT's tools: they and their results are left out");
        else if (!isTurn)
            notes.Tell(NoticeKinds.LeftOut, "chats with hidden messages (instructions, memory, reasoning): they are left out");
        return isTurn ? new ChatMessage(role == "user" ? ChatRole.User : ChatRole.Assistant, text) : null;
    }
}
