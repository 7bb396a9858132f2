using System.Data.Common;
using System.Text.Json;
using Dapper;
using FineTuneChat.Gateway.Log;
using FineTuneChat.Gateway.Storage;

namespace FineTuneChat.Gateway.Learning.Examples;

/// <summary>Keeps the example of a reply in step with its rating, inside the rating's transaction.</summary>
internal static class ExampleWriter
{
    /// <summary>The example's id and status; null where the rating teaches nothing.</summary>
    public static (string? Id, string? Status) Follow(DbConnection connection, string completionId, string? rating, string? correction, DateTimeOffset time)
    {
        LoggedExchange exchange = LoggedExchange.Find(connection, completionId)!;
        long now = time.ToUnixTimeMilliseconds();
        if (ExampleRules.FromRating(exchange, rating, correction) is not { } draft)
        {
            // Kept, not deleted: its side of the split must not change should it come back.
            connection.Execute("UPDATE examples SET status = 'withdrawn', updated_at = @now WHERE completion_id = @completionId", new { completionId, now });
            return (null, null);
        }

        string id = connection.ExecuteScalar<string>(
            """
            INSERT INTO examples (id, assistant, completion_id, conversation_id, status, source, messages, tools, flags, created_at, updated_at)
            VALUES (@id, @Assistant, @CompletionId, @ConversationId, @Status, @Source, @messages, @tools, @flags, @now, @now)
            ON CONFLICT (completion_id) DO UPDATE
                SET status = @Status, source = @Source, messages = @messages, tools = @tools, flags = @flags, updated_at = @now
            RETURNING id
            """,
            new
            {
                id = ExampleDraft.NewId(time),
                exchange.Assistant,
                exchange.CompletionId,
                exchange.ConversationId,
                draft.Status,
                draft.Source,
                messages = JsonSerializer.Serialize(draft.Messages, StoredJson.Messages),
                tools = draft.Tools?.GetRawText(),
                flags = StoredJson.Array(draft.Flags),
                now,
            })!;
        return (id, draft.Status);
    }

    /// <summary>The example of a reply as it stands, edited perhaps: what a rating that says nothing new leaves alone.</summary>
    public static (string? Id, string? Status) Find(DbConnection connection, string completionId) => connection.QueryFirstOrDefault<(string?, string?)>(
        "SELECT id, status FROM examples WHERE completion_id = @completionId AND status <> 'withdrawn'", new { completionId });
}
