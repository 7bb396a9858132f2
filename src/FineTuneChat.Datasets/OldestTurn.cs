using FineTuneChat.Datasets.Messages;

namespace FineTuneChat.Datasets;

/// <summary>Shortens conversations that are too long to be learned whole: from the front, by whole turns, so that what is left is a conversation.</summary>
public static class OldestTurn
{
    /// <summary>The conversation without its first turn, a question and all up to the next one. What stands before it (a system message) stays.</summary>
    /// <param name="conversation">What is too long.</param>
    /// <returns>Null when there is only one turn.</returns>
    public static Conversation? Remove(Conversation conversation)
    {
        ChatMessage[] messages = [.. Weighted(conversation.Messages)];
        int first = Array.FindIndex(messages, m => m.Role == ChatRole.User);
        int second = first < 0 ? -1 : Array.FindIndex(messages, first + 1, m => m.Role == ChatRole.User);
        return second < 0 ? null : conversation with { Messages = [.. messages[..first], .. messages[second..]] };
    }

    /// <summary>With the weights that are meant where none is written: they depend on messages that may go.</summary>
    private static IEnumerable<ChatMessage> Weighted(IReadOnlyList<ChatMessage> messages)
    {
        bool isWeighted = messages.Any(m => m.Weight is not null);
        return messages.Select((m, i) => m.Role != ChatRole.Assistant || m.Weight is not null
            ? m
            : m with { Weight = !isWeighted || i == messages.Count - 1 ? 1 : 0 });
    }
}
