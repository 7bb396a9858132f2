using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using FineTuneChat.Protocol.OpenAi;
using FineTuneChat.Protocol.Routes;

namespace FineTuneChat.Gateway.Log;

/// <summary>A conversation in a list. Times are Unix seconds.</summary>
internal sealed record ConversationSummary
{
    public required string Id { get; init; }
    public string Object => "conversation";

    /// <summary>With which assistant it is.</summary>
    public required string Assistant { get; init; }
    public required string Title { get; init; }

    /// <summary>Whether it stands at the top of the list.</summary>
    public required bool Pinned { get; init; }

    /// <summary>Whether it is put away.</summary>
    public required bool Archived { get; init; }

    /// <summary>Words that its reader has put on it.</summary>
    public required IReadOnlyList<string> Tags { get; init; }
    public required long CreatedAt { get; init; }
    public required long UpdatedAt { get; init; }
}

/// <summary>A conversation: a tree of messages, of which one branch is shown.</summary>
internal sealed record Conversation
{
    public required string Id { get; init; }
    public string Object => "conversation";

    /// <summary>With which assistant it is.</summary>
    public required string Assistant { get; init; }
    public required string Title { get; init; }
    public required bool Pinned { get; init; }
    public required bool Archived { get; init; }
    public required IReadOnlyList<string> Tags { get; init; }
    public required long CreatedAt { get; init; }
    public required long UpdatedAt { get; init; }

    /// <summary>The branch that is shown, oldest first: the newest, or the one that the user has stepped to.</summary>
    public required IReadOnlyList<ConversationMessage> Messages { get; init; }

    /// <summary>What the other branches have besides, oldest first: regenerated replies, edited questions, and all that followed them.</summary>
    public required IReadOnlyList<ConversationMessage> OtherMessages { get; init; }

    /// <summary>The request of the last reply shown, without its messages.</summary>
    [WireType(typeof(ChatCompletionRequest))] public required JsonElement? Request { get; init; }
}

internal sealed record ConversationMessage
{
    /// <summary>Its place in the tree. Replies that say the same share it; their completions tell them apart.</summary>
    public required long Id { get; init; }

    /// <summary>Of replies that share a place, in the order in which they were asked for: 0 for the first. Of other messages 0.</summary>
    public required int Variant { get; init; }

    /// <summary>The message before it; null at the beginning.</summary>
    public required long? ParentId { get; init; }
    [AllowedValues("system", "developer", "user", "assistant", "tool")] public required string Role { get; init; }
    public required string? Content { get; init; }

    /// <summary>Tools that the reply calls; null: none.</summary>
    public required IReadOnlyList<ToolCall>? ToolCalls { get; init; }

    /// <summary>Of a result: the id of the call that it answers.</summary>
    public required string? ToolCallId { get; init; }

    /// <summary>Of a question: collections of documents that it alone was looked up in; null: none.</summary>
    public required IReadOnlyList<string>? VectorStoreIds { get; init; }

    /// <summary>What the model thought before the reply, where it reasons.</summary>
    public required string? ReasoningContent { get; init; }

    /// <summary>Null where the message is no logged reply.</summary>
    public required string? CompletionId { get; init; }

    /// <summary>The version that wrote the reply.</summary>
    public required int? Version { get; init; }
    public required string? Model { get; init; }
    public required string? FinishReason { get; init; }
    public required long CreatedAt { get; init; }
    public required RatingSummary? Rating { get; init; }

    /// <summary>Examples that stood before the question.</summary>
    public required IReadOnlyList<string> Recalled { get; init; }

    /// <summary>Passages of documents that stood before it; empty: the documents held nothing about it. Null: none were asked.</summary>
    public required IReadOnlyList<DocumentSource>? Sources { get; init; }

    /// <summary>Of prompt and reply together: what the talk took of the context by then; null where it was not counted.</summary>
    public required int? Tokens { get; init; }

    /// <summary>How many of the oldest messages the model did not see when it wrote the reply: the talk had outgrown the context.</summary>
    public required int Folded { get; init; }

    /// <summary>Whether a summary stood for them.</summary>
    public required bool IsSummarised { get; init; }
}

/// <summary>The body of <c>PATCH /api/conversations/{id}</c>.</summary>
internal sealed record ConversationChange
{
    public string? Title { get; init; }

    /// <summary>The last reply of the branch to show from now on.</summary>
    public string? Shown { get; init; }

    /// <summary>Whether it stands at the top of the list.</summary>
    public bool? Pinned { get; init; }

    /// <summary>Whether it is put away: not in the list, found by a search.</summary>
    public bool? Archived { get; init; }

    /// <summary>Its tags from now on.</summary>
    public IReadOnlyList<string>? Tags { get; init; }
}

/// <summary>Which conversations of a list; null: whatever it is.</summary>
/// <param name="Assistant">With which assistant.</param>
/// <param name="Search">What titles or messages must contain.</param>
/// <param name="Tag">A tag that they must have.</param>
/// <param name="Pinned">Whether they stand at the top.</param>
/// <param name="Archived">Whether they are put away.</param>
internal sealed record ConversationFilter(string? Assistant = null, string? Search = null, string? Tag = null, bool? Pinned = null, bool? Archived = null);

/// <summary>A tag, and how many conversations have it.</summary>
internal sealed record ConversationTag
{
    public string Object => "conversation.tag";
    public required string Tag { get; init; }
    public required long Conversations { get; init; }
}

/// <summary>The rating of a reply that counts now.</summary>
/// <param name="Rating">The thumb.</param>
/// <param name="Correction">The reply that the user wants.</param>
/// <param name="Comment">In the user's words.</param>
/// <param name="Reasons">Of a thumb down: what is wrong with the reply.</param>
internal sealed record RatingSummary([property: AllowedValues("up", "down")] string Rating, string? Correction, string? Comment, IReadOnlyList<string> Reasons);
