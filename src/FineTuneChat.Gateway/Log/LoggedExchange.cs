using System.Data.Common;
using System.Text.Json;
using Dapper;
using FineTuneChat.Gateway.Access;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Log;

/// <summary>An exchange as it was logged, with its whole context.</summary>
internal sealed record LoggedExchange
{
    public required string CompletionId { get; init; }
    public required string ConversationId { get; init; }
    public required string Assistant { get; init; }
    public required IReadOnlyList<RequestMessage> Prompt { get; init; }
    public required RequestMessage Reply { get; init; }

    /// <summary>How many of the oldest messages the model did not see, because the talk had outgrown the context.</summary>
    public int Folded { get; init; }

    /// <summary>What stood for them; null: nothing.</summary>
    public string? Summary { get; init; }

    /// <summary>The prompt as the model saw it: what its reply answers.</summary>
    public IReadOnlyList<RequestMessage> Seen => Folded == 0 ? Prompt : FoldedTalk.Of(Prompt, Folded, Summary);

    /// <summary>The request without its messages.</summary>
    public required ChatCompletionRequest Request { get; init; }

    /// <summary>Null when the reply was cut off.</summary>
    public required string? FinishReason { get; init; }

    /// <summary>Passages of documents that stood before the question; null: none were asked.</summary>
    public IReadOnlyList<DocumentSource>? Sources { get; init; }

    /// <summary>Null: there is none that the caller sees.</summary>
    public static LoggedExchange? FindFor(Caller caller, DbConnection connection, string completionId) =>
        Find(connection, completionId) is { } exchange && caller.MayAsk(exchange.Assistant)
            && !ConversationStore.IsAnothers(connection, exchange.ConversationId, caller)
            ? exchange
            : null;

    public static LoggedExchange? Find(DbConnection connection, string completionId)
    {
        Row? row = connection.QueryFirstOrDefault<Row>(
            """
            SELECT e.conversation_id, e.assistant, e.prompt_id, e.request, e.finish_reason, e.sources, e.folded, s.summary, m.message AS reply
            FROM exchanges e JOIN messages m ON m.id = e.reply_id LEFT JOIN messages s ON s.id = e.summary_of
            WHERE e.completion_id = @completionId
            """,
            new { completionId });
        if (row is null)
            return null;
        IEnumerable<string> prompt = connection.Query<string>(
            """
            WITH RECURSIVE path (id, parent_id, message, depth) AS (
                SELECT id, parent_id, message, 0 FROM messages WHERE id = @PromptId
                UNION ALL
                SELECT m.id, m.parent_id, m.message, depth + 1 FROM messages m JOIN path p ON m.id = p.parent_id
            )
            SELECT message FROM path ORDER BY depth DESC
            """,
            new { row.PromptId });
        return new()
        {
            CompletionId = completionId,
            ConversationId = row.ConversationId,
            Assistant = row.Assistant,
            Prompt = [.. prompt.Select(Message)],
            Reply = Message(row.Reply),
            Request = JsonSerializer.Deserialize(row.Request, OpenAiJson.Default.ChatCompletionRequest)!,
            FinishReason = row.FinishReason,
            Sources = row.Sources is null ? null : JsonSerializer.Deserialize(row.Sources, OpenAiJson.Default.IReadOnlyListDocumentSource),
            Folded = row.Folded,
            Summary = row.Summary,
        };
    }

    /// <summary>What was said; where it was looked up is nothing to learn.</summary>
    private static RequestMessage Message(string json) =>
        JsonSerializer.Deserialize(json, OpenAiJson.Default.RequestMessage)! with { VectorStoreIds = null };

    private sealed class Row
    {
        public required string ConversationId { get; init; }
        public required string Assistant { get; init; }
        public required long PromptId { get; init; }
        public required string Request { get; init; }
        public string? FinishReason { get; init; }
        public string? Sources { get; init; }
        public int Folded { get; init; }
        public string? Summary { get; init; }
        public required string Reply { get; init; }
    }
}
