using FineTuneChat.Feedback;

namespace FineTuneChat.Conversations;

/// <summary>A conversation in a list. Times are Unix seconds.</summary>
internal sealed record ConversationSummary
{
    public required string Id { get; init; }
    public string Object => "conversation";
    public required string Title { get; init; }
    public required long CreatedAt { get; init; }
    public required long UpdatedAt { get; init; }
}

/// <summary>A conversation with the messages of its newest branch, oldest first.</summary>
internal sealed record Conversation
{
    public required string Id { get; init; }
    public string Object => "conversation";
    public required string Title { get; init; }
    public required long CreatedAt { get; init; }
    public required long UpdatedAt { get; init; }
    public required IReadOnlyList<ConversationMessage> Messages { get; init; }
}

internal sealed record ConversationMessage
{
    public required string Role { get; init; }
    public required string? Content { get; init; }

    /// <summary>Null where the message is no logged reply.</summary>
    public required string? CompletionId { get; init; }

    /// <summary>The version that wrote the reply.</summary>
    public required int? Version { get; init; }
    public required string? Model { get; init; }
    public required string? FinishReason { get; init; }
    public required long CreatedAt { get; init; }
    public required RatingSummary? Rating { get; init; }
}

/// <summary>The body of <c>PATCH /api/conversations/{id}</c>.</summary>
internal sealed record ConversationChange
{
    public string? Title { get; init; }
}
