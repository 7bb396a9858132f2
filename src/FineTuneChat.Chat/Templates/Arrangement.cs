using FineTuneChat.Datasets.Messages;

namespace FineTuneChat.Chat.Templates;

/// <summary>Messages as a template may take them, where it does not take them as they are. Nothing of them is left out.</summary>
/// <param name="Messages">The messages.</param>
/// <param name="Learned">The index of the message that is learned; -1 for none. It moves along with its message.</param>
internal readonly record struct Arrangement(IReadOnlyList<ChatMessage> Messages, int Learned)
{
    private const string Gap = "\n\n";

    /// <summary>The ways to arrange a conversation, the one that changes least first.</summary>
    /// <param name="messages">The conversation.</param>
    /// <param name="learned">See <see cref="Learned"/>.</param>
    /// <param name="takesSystem">Whether the template has a system role at all.</param>
    public static IEnumerable<Arrangement> Of(IReadOnlyList<ChatMessage> messages, int learned, bool takesSystem)
    {
        var given = new Arrangement(messages, learned);
        Arrangement oneSystem = given.WithSystem(keepsFirst: true), noSystem = given.WithSystem(keepsFirst: false);
        Arrangement[] all = takesSystem
            ? [given, oneSystem, oneSystem.Alternating(), noSystem, noSystem.Alternating()]
            : [noSystem, noSystem.Alternating()];
        return all.DistinctBy(a => string.Join(',', a.Messages.Select(m => (int)m.Role)));
    }

    /// <summary>
    /// System messages at the beginning become one; without that, and of those that come later, the text goes before that of the user's message that
    /// follows them.
    /// </summary>
    private Arrangement WithSystem(bool keepsFirst)
    {
        var merged = new List<ChatMessage>();
        var instructions = new List<string?>();
        int place = -1;
        foreach ((int i, ChatMessage message) in Messages.Index())
        {
            if (message.Role == ChatRole.System && keepsFirst && merged is [{ Role: ChatRole.System } first])
                merged[0] = first with { Content = first.Content + Gap + message.Content };
            else if (message.Role == ChatRole.System && !(keepsFirst && merged.Count == 0))
                instructions.Add(message.Content);
            else
            {
                if (i == Learned)
                    place = merged.Count;
                bool takes = message.Role == ChatRole.User && instructions.Count > 0;
                merged.Add(takes ? message with { Content = string.Join(Gap, [.. instructions, message.Content]) } : message);
                if (takes)
                    instructions.Clear();
            }
        }
        if (instructions.Count > 0)
            merged.Add(new ChatMessage(ChatRole.User, string.Join(Gap, instructions)));
        return new Arrangement(merged, place);
    }

    /// <summary>Messages of the user, or of the assistant, that follow each other become one.</summary>
    private Arrangement Alternating()
    {
        var merged = new List<ChatMessage>();
        int place = -1;
        foreach ((int i, ChatMessage message) in Messages.Index())
        {
            if (i != Learned && merged is [.., var before] && place != merged.Count - 1 && CanJoin(before, message))
            {
                merged[^1] = before with { Content = before.Content + Gap + message.Content };
                continue;
            }
            if (i == Learned)
                place = merged.Count;
            merged.Add(message);
        }
        return new Arrangement(merged, place);
    }

    private static bool CanJoin(ChatMessage one, ChatMessage next) =>
        one.Role == next.Role && one.Role is ChatRole.User or ChatRole.Assistant && one.ToolCalls.Count + next.ToolCalls.Count == 0;
}
