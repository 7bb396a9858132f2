namespace FineTuneChat.Datasets.Messages;

/// <summary>Which messages a conversation is trained on; the rule stands at <see cref="ChatMessage.Weight"/>.</summary>
public static class TrainedTurns
{
    /// <summary>Their places in the conversation, in order.</summary>
    /// <param name="messages">The conversation, oldest first.</param>
    /// <exception cref="ArgumentException">A weight is neither 0 nor 1, or stands at a message that is not the assistant's and is not 0.</exception>
    public static List<int> Of(IReadOnlyList<ChatMessage> messages)
    {
        bool hasWeights = messages.Any(message => message.Weight is not null);
        int last = messages.Count - 1;
        while (last >= 0 && messages[last].Role != ChatRole.Assistant)
            last--;
        var turns = new List<int>();
        for (int i = 0; i < messages.Count; i++)
        {
            ChatMessage message = messages[i];
            if (message.Weight is not (null or 0 or 1) || (message.Weight == 1 && message.Role != ChatRole.Assistant))
                throw new ArgumentException(
                    $"Message {i + 1} ({message.Role.Name()}) has weight {message.Weight}; allowed are 0 and 1, and 1 for the assistant's messages only.",
                    nameof(messages));
            int weight = message.Weight ?? (!hasWeights || i == last ? 1 : 0);
            if (message.Role == ChatRole.Assistant && weight == 1)
                turns.Add(i);
        }
        return turns;
    }
}
