namespace FineTuneChat.Protocol.OpenAi;

/// <summary>
/// A talk without its oldest turns. A turn is a question of the user and all up to the next one, so a call of a tool and its result are never parted. What
/// stands before the first question (a system prompt) always stays. Pure.
/// </summary>
internal static class FoldedTalk
{
    private const string Heading = "Summary of the conversation so far:\n";

    /// <summary>How many messages stand before the first question.</summary>
    public static int HeadOf(IReadOnlyList<RequestMessage> messages) => messages.TakeWhile(m => m.Role != "user").Count();

    /// <summary>The turns after the head.</summary>
    public static IReadOnlyList<RequestMessage[]> TurnsOf(IReadOnlyList<RequestMessage> messages)
    {
        var turns = new List<List<RequestMessage>>();
        foreach (RequestMessage message in messages.Skip(HeadOf(messages)))
        {
            if (message.Role == "user")
                turns.Add([]);
            turns[^1].Add(message);
        }
        return [.. turns.Select(turn => turn.ToArray())];
    }

    /// <summary>The talk as the model sees it.</summary>
    /// <param name="messages">The whole talk.</param>
    /// <param name="count">How many messages after the head are left out.</param>
    /// <param name="summary">What stands for them, in the system prompt: many templates know one only, and only at the beginning; null: nothing.</param>
    public static IReadOnlyList<RequestMessage> Of(IReadOnlyList<RequestMessage> messages, int count, string? summary)
    {
        int head = HeadOf(messages);
        RequestMessage[] kept = [.. messages.Take(head), .. messages.Skip(head + count)];
        if (summary is null)
            return kept;
        return kept is [{ Role: "system" or "developer" } first, .. RequestMessage[] rest]
            ? [first with { Content = $"{first.Content}\n\n{Heading}{summary}" }, .. rest]
            : [new RequestMessage { Role = "system", Content = Heading + summary }, .. kept];
    }
}
