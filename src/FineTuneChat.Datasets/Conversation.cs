using FineTuneChat.Datasets.Messages;

namespace FineTuneChat.Datasets;

/// <summary>One training conversation: a row of a dataset.</summary>
/// <param name="Messages">Oldest first; <see cref="ChatMessage.Weight"/> says which replies are learned.</param>
/// <param name="Tools">Functions that the assistant may call; empty when none.</param>
public sealed record Conversation(IReadOnlyList<ChatMessage> Messages, IReadOnlyList<ChatTool> Tools)
{
    /// <summary>A conversation without tools.</summary>
    /// <param name="messages">Oldest first.</param>
    public Conversation(IReadOnlyList<ChatMessage> messages) : this(messages, [])
    {
    }
}
