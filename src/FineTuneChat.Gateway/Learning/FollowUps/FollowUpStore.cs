using System.Data.Common;
using System.Text.Json;
using Dapper;
using FineTuneChat.Gateway.Access;
using FineTuneChat.Gateway.Learning.Examples;
using FineTuneChat.Gateway.Log;
using FineTuneChat.Gateway.Storage;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Learning.FollowUps;

/// <summary>
/// Follow-ups and what became of them. The reply that the model wrote with the follow-up in its context is the target without it (self-distillation); it is
/// an ordinary example, which hangs on that reply and goes with it.
/// </summary>
internal sealed class FollowUpStore(Database database, TimeProvider time)
{
    /// <summary>The reply as it was logged; null where there is none that the caller sees.</summary>
    public LoggedExchange? Find(Caller caller, string completionId) => database.Read(connection =>
        LoggedExchange.FindFor(caller, connection, completionId));

    /// <summary>What it could teach, or has been taken for.</summary>
    /// <param name="exchange">The better reply.</param>
    /// <param name="isFollowUp">Whether its question is a follow-up.</param>
    public FollowUp View(LoggedExchange exchange, bool isFollowUp) => database.Read(connection => View(connection, exchange, isFollowUp));

    /// <summary>Makes it an example, as the user has asked; accepts it again, where it was kept aside. Null where there is no such reply.</summary>
    /// <exception cref="OpenAiException">422: it teaches nothing.</exception>
    public Task<FollowUp?> RememberAsync(Caller caller, string completionId) => database.WriteAsync(connection =>
    {
        if (LoggedExchange.FindFor(caller, connection, completionId) is not { } exchange)
            return null;
        if (Example(exchange) is not { } draft)
            throw OpenAiException.Unprocessable(
                "This reply teaches nothing by itself: there is no question with a reply before its own, or it was cut off, or functions were called.",
                "no_follow_up");
        long now = time.GetUtcNow().ToUnixTimeMilliseconds();
        connection.Execute(
            """
            INSERT INTO examples (id, assistant, follow_up_of, conversation_id, status, source, messages, flags, created_at, updated_at)
            VALUES (@id, @Assistant, @CompletionId, @ConversationId, @Status, @Source, @messages, @flags, @now, @now)
            ON CONFLICT (follow_up_of) DO UPDATE SET status = @Status, messages = @messages, flags = @flags, updated_at = @now
            """,
            new
            {
                id = ExampleDraft.NewId(time.GetUtcNow()),
                exchange.Assistant,
                exchange.CompletionId,
                exchange.ConversationId,
                draft.Status,
                draft.Source,
                messages = JsonSerializer.Serialize(draft.Messages, StoredJson.Messages),
                flags = StoredJson.Array(draft.Flags),
                now,
            });
        return View(connection, exchange, isFollowUp: true);
    });

    private static FollowUp View(DbConnection connection, LoggedExchange exchange, bool isFollowUp)
    {
        ExampleDraft? draft = Example(exchange);
        (string? id, string? status) = connection.QueryFirstOrDefault<(string?, string?)>(
            "SELECT id, status FROM examples WHERE follow_up_of = @CompletionId", new { exchange.CompletionId });
        return new()
        {
            CompletionId = exchange.CompletionId,
            IsSuggested = isFollowUp && draft is not null && id is null,
            Question = draft?.Messages[^2].Content,
            Reply = draft?.Messages[^1].Content,
            ExampleId = id,
            ExampleStatus = status,
        };
    }

    private static ExampleDraft? Example(LoggedExchange exchange)
    {
        if (exchange is not { FinishReason: FinishReasons.Stop, Reply: { Content: { } reply, ToolCalls: null }, Request.Tools: null }
            || string.IsNullOrWhiteSpace(reply) || FollowUpRules.Question(exchange.Seen) is not { } question)
            return null;
        return ExampleRules.FromFollowUp([.. question, new RequestMessage { Role = "assistant", Content = FollowUpRules.Target(reply) }]);
    }
}
