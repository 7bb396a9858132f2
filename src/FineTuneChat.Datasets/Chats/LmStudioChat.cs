using System.Text.Json;
using FineTuneChat.Datasets.Formats;
using FineTuneChat.Datasets.Messages;
using FineTuneChat.Datasets.Reports;

namespace FineTuneChat.Datasets.Chats;

/// <summary>A conversation as LM Studio keeps it: of each message its versions and the one that is shown, of a reply its steps.</summary>
internal static class LmStudioChat
{
    private const string SystemPromptKey = "llm.prediction.systemPrompt";

    public static IEnumerable<ChatMessage> Read(JsonElement chat, RowNotes notes)
    {
        string? system = chat.TextOrNull("systemPrompt") is { Length: > 0 } given ? given : chat.Object("perChatPredictionConfig").Items("fields")
            .Where(f => f.TextOrNull("key") == SystemPromptKey).Select(f => f.TextOrNull("value")).FirstOrDefault();
        if (!string.IsNullOrWhiteSpace(system))
            yield return new ChatMessage(ChatRole.System, system);
        foreach (JsonElement message in chat.Items("messages"))
        {
            JsonElement[] versions = [.. message.Items("versions")];
            int shown = message.TryGetProperty("currentlySelected", out JsonElement selected) && selected.TryGetInt32(out int place) ? place : 0;
            if (versions.Length > 1)
                notes.Tell(NoticeKinds.Branches, "chats with questions that were edited or answered anew: only what was shown last is read");
            if (shown >= 0 && shown < versions.Length)
                yield return Message(versions[shown], notes);
        }
    }

    private static ChatMessage Message(JsonElement version, RowNotes notes)
    {
        if (version.TextOrNull("role") != "assistant")
            return new ChatMessage(version.TextOrNull("role") == "system" ? ChatRole.System : ChatRole.User, Text(version, notes));
        JsonElement[] steps = [.. version.Items("steps")];
        if (steps.Length == 0)
            return new ChatMessage(ChatRole.Assistant, Text(version, notes));
        ILookup<bool, JsonElement> blocks = steps.Where(s => s.TextOrNull("type") == "contentBlock")
            .ToLookup(s => s.Object("style").TextOrNull("type") == "thinking");
        string reasoning = string.Concat(blocks[true].Select(b => Text(b, notes))).Replace("<think>", "").Replace("</think>", "").Trim();
        return new ChatMessage(ChatRole.Assistant, string.Concat(blocks[false].Select(b => Text(b, notes))).Trim())
        {
            Reasoning = reasoning.Length > 0 ? reasoning : null,
        };
    }

    private static string Text(JsonElement block, RowNotes notes)
    {
        JsonElement[] parts = [.. block.Items("content")];
        if (parts.Any(p => p.TextOrNull("type") is "file" or "image"))
            notes.Tell(NoticeKinds.Media, "chats with pictures, sounds or files: only their text is read");
        if (parts.Any(p => p.TextOrNull("type") is "toolCallRequest" or "toolCallResult"))
            notes.Tell(NoticeKinds.Tools, "chats with calls of tools: they and their results are left out");
        return string.Concat(parts.Where(p => p.TextOrNull("type") == "text").Select(p => p.TextOrNull("text")));
    }
}
