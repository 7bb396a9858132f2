using FineTuneChat.Datasets.Messages;

namespace FineTuneChat.Chat.Templates;

/// <summary>For templates without a system role: instructions go before the text of the user's message that follows them.</summary>
internal static class SystemMerge
{
    // `learned` is an index into the messages, moved along with its message.
    public static IReadOnlyList<ChatMessage> Apply(IReadOnlyList<ChatMessage> messages, ref int learned)
    {
        var merged = new List<ChatMessage>();
        string instructions = "";
        int place = -1;
        for (int i = 0; i < messages.Count; i++)
        {
            ChatMessage message = messages[i];
            if (message.Role == ChatRole.System)
            {
                instructions += message.Content + "\n\n";
                continue;
            }
            if (message.Role == ChatRole.User)
            {
                message = message with { Content = instructions + message.Content };
                instructions = "";
            }
            if (i == learned)
                place = merged.Count;
            merged.Add(message);
        }
        if (instructions.Length > 0)
            merged.Add(new ChatMessage(ChatRole.User, instructions.TrimEnd()));
        learned = place;
        return merged;
    }
}
