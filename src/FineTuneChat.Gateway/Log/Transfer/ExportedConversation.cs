using System.Text.Json.Serialization;
using FineTuneChat.Protocol.OpenAi;
using FineTuneChat.Protocol.Routes;

namespace FineTuneChat.Gateway.Log.Transfer;

/// <summary>
/// A conversation as <c>GET /api/conversations/{id}</c> shows it and files hold it: of another server, another program or somebody's hand, so nothing
/// is taken for granted. Without ids its messages follow one another. What is not read here is no error: newer programs may write more.
/// </summary>
internal sealed record ExportedConversation
{
    public string? Id { get; init; }
    public string? Title { get; init; }
    public long? CreatedAt { get; init; }
    public long? UpdatedAt { get; init; }
    public IReadOnlyList<ExportedMessage>? Messages { get; init; }
    public IReadOnlyList<ExportedMessage>? OtherMessages { get; init; }

    /// <summary>What the last of <see cref="Messages"/> was asked with.</summary>
    public ChatCompletionRequest? Request { get; init; }
}

/// <summary>A file of conversations.</summary>
internal sealed record ConversationExport<T>
{
    public string? Object { get; init; }
    public required IReadOnlyList<T> Data { get; init; }
}

internal sealed record ExportedMessage
{
    public long? Id { get; init; }
    public long? ParentId { get; init; }
    public string? Role { get; init; }
    [JsonConverter(typeof(MessageContentConverter)), WireType(typeof(string), typeof(ContentPart[]))] public string? Content { get; init; }
    public string? ReasoningContent { get; init; }
    public string? CompletionId { get; init; }
    public string? Model { get; init; }
    public string? FinishReason { get; init; }
    public long? CreatedAt { get; init; }
    public ExportedRating? Rating { get; init; }
}

internal sealed record ExportedRating
{
    public string? Rating { get; init; }
    public string? Correction { get; init; }
    public string? Comment { get; init; }
    public IReadOnlyList<string?>? Reasons { get; init; }
}

/// <summary>A file of conversations as its bytes: this program's or another's, packed or not.</summary>
internal sealed record ConversationUpload
{
    /// <summary>Its name.</summary>
    public string? File { get; init; }

    /// <summary>Its bytes in Base64.</summary>
    public string? Base64 { get; init; }
}
