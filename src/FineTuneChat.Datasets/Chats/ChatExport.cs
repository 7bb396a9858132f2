using System.Text.Json;
using FineTuneChat.Datasets.Formats;
using FineTuneChat.Datasets.Messages;
using FineTuneChat.Datasets.Reports;

namespace FineTuneChat.Datasets.Chats;

/// <summary>Conversations as other chat programs export them, each known by what only it has.</summary>
internal static class ChatExport
{
    /// <summary>Null where it is nothing of these.</summary>
    /// <exception cref="RowException">Nothing can be learned of it.</exception>
    public static Conversation? Read(JsonElement row, RowNotes notes)
    {
        if (row.Object("mapping").ValueKind == JsonValueKind.Object)
            return Of(ChatGptExport.Read(row, notes), notes);
        if (row.Object("chat") is { ValueKind: JsonValueKind.Object } chat && (chat.Has("history") || chat.Has("messages")))
            return Of(OpenWebUiExport.Read(chat, notes), notes);
        if (row.Items("messages").FirstOrDefault() is { ValueKind: JsonValueKind.Object } first && first.Has("versions"))
            return Of(LmStudioChat.Read(row, notes), notes);
        return null;
    }

    /// <summary>The path of a tree from its first message to the one that is shown.</summary>
    /// <param name="last">The message that is shown.</param>
    /// <param name="nodes">All messages by their ids.</param>
    /// <param name="parent">The key under which a message names the one before it.</param>
    public static IEnumerable<JsonElement> Path(string? last, JsonElement nodes, string parent)
    {
        var path = new List<JsonElement>();
        var seen = new HashSet<string>();
        for (string? id = last; id is not null && seen.Add(id) && nodes.Object(id) is { ValueKind: JsonValueKind.Object } node; id = node.TextOrNull(parent))
            path.Add(node); // a ring ends where it began
        path.Reverse();
        return path;
    }

    /// <summary>One turn after the other: messages of one side in a row are one, and what is written last is a reply.</summary>
    private static Conversation Of(IEnumerable<ChatMessage> messages, RowNotes notes)
    {
        var turns = new List<ChatMessage>();
        foreach (ChatMessage message in messages.Where(m => !string.IsNullOrWhiteSpace(m.Content)))
        {
            if (turns.Count > 0 && turns[^1].Role == message.Role && message.Role != ChatRole.System)
                turns[^1] = turns[^1] with { Content = $"{turns[^1].Content}\n\n{message.Content}", Reasoning = turns[^1].Reasoning ?? message.Reasoning };
            else
                turns.Add(message);
        }
        int count = turns.Count;
        while (turns.Count > 0 && turns[^1].Role != ChatRole.Assistant)
            turns.RemoveAt(turns.Count - 1);
        if (turns.Count is > 0 && turns.Count < count)
            notes.Tell(NoticeKinds.LeftOut, "chats whose last question has no reply: it is left out");
        return turns.Count > 0 ? new Conversation(turns) : throw new RowException("the chat has no reply");
    }
}
