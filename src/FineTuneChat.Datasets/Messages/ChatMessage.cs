namespace FineTuneChat.Datasets.Messages;

/// <summary>One message of a conversation, as serving and training both see it.</summary>
/// <param name="Role">Who speaks.</param>
/// <param name="Content">The text; null only where there is none, as in an assistant's message that holds tool calls alone.</param>
public sealed record ChatMessage(ChatRole Role, string? Content)
{
    /// <summary>What a reasoning model thought before it answered, without its tags. Null when there is none.</summary>
    public string? Reasoning { get; init; }

    /// <summary>The tools that the assistant called, in order; empty when none.</summary>
    public IReadOnlyList<ChatToolCall> ToolCalls { get; init; } = [];

    /// <summary>In a tool's message: the id of the call that it answers.</summary>
    public string? ToolCallId { get; init; }

    /// <summary>The speaker's or the tool's name, where a client gives one.</summary>
    public string? Name { get; init; }

    /// <summary>
    /// Training only: 1 trains on this assistant's message, 0 does not. Null takes the default: when no message of the
    /// conversation has a weight every assistant's message is trained on, otherwise only the last of them. Serving ignores it.
    /// </summary>
    public int? Weight { get; init; }
}
