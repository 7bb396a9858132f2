using FineTuneChat.Gateway.Access;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Log;

/// <summary>A request and what came back for it, as it is logged.</summary>
internal sealed record Exchange
{
    public required Reply Reply { get; init; }
    public required ChatCompletionRequest Request { get; init; }

    /// <summary>The client's own id of the conversation; null: recognised by its leading messages.</summary>
    public string? ConversationId { get; init; }

    /// <summary>Who asked: whose the conversation becomes, if it is a new one.</summary>
    public Caller Caller { get; init; } = Caller.Local;

    /// <summary>That answered; null where another local model did: then it is that of the conversation, or the first one.</summary>
    public required string? Assistant { get; init; }

    /// <summary>Null where another local model answered.</summary>
    public int? Version { get; init; }
    public required string Model { get; init; }
    public required DateTimeOffset StartedAt { get; init; }
    public required TimeSpan Duration { get; init; }

    /// <summary>Examples that stood before the question.</summary>
    public IReadOnlyList<string> Recalled { get; init; } = [];

    /// <summary>Passages of documents that stood before the question; null: none were asked.</summary>
    public IReadOnlyList<DocumentSource>? Sources { get; init; }

    /// <summary>How many of the oldest messages the model did not see.</summary>
    public int Folded { get; init; }

    /// <summary>The message up to which a summary stood for those; null: none did.</summary>
    public long? SummaryOf { get; init; }

    /// <summary>Why the reply is cut off, if it is.</summary>
    public string? Error { get; init; }
}

/// <summary>What an engine answered, streamed or not, whole or cut off.</summary>
internal sealed record Reply
{
    public required string CompletionId { get; init; }

    /// <summary>One message per choice, at least one.</summary>
    public required IReadOnlyList<RequestMessage> Messages { get; init; }
    public string? FinishReason { get; init; }
    public Usage? Usage { get; init; }
    public Timings? Timings { get; init; }

    /// <summary>Tokens that were written, as far as they were counted.</summary>
    public int Tokens => Usage?.CompletionTokens ?? Timings?.PredictedN ?? 0;

    /// <summary>The whole reply, where it went on with what the client had begun.</summary>
    public Reply GoingOn(RequestMessage begun) => this with { Messages = [.. Messages.Select(m => m with { Content = begun.Content + m.Content })] };
}
