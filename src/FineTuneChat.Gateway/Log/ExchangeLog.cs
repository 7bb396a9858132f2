using System.Collections.Concurrent;
using System.Data.Common;
using System.Text.Json;
using Dapper;
using FineTuneChat.Gateway.Storage;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Log;

/// <summary>Writes each exchange once, when it has ended.</summary>
internal sealed partial class ExchangeLog(Database database, ConversationReporter reporter, TimeProvider time, ILogger<ExchangeLog> logger)
{
    private const int TitleLength = 60; // characters of the first user message
    private readonly ConcurrentDictionary<string, Task> _running = new();

    /// <summary>Completes when the reply with this id is logged, if it is still being written: a client may rate it before its last byte is sent.</summary>
    public Task WhenLoggedAsync(string completionId) => _running.GetValueOrDefault(completionId) ?? Task.CompletedTask;

    /// <summary>Announces a reply that has begun; <paramref name="logged"/> completes with its log entry.</summary>
    public void Begin(string completionId, Task logged) => _running[completionId] = logged;

    public void End(string completionId) => _running.TryRemove(completionId, out _);

    /// <exception cref="OpenAiException">507 or 500: the database did not take it, because the disk is full, for instance.</exception>
    public async Task WriteAsync(Exchange exchange)
    {
        try
        {
            string conversation = await database.WriteAsync(connection => Insert(connection, exchange, time.GetUtcNow()));
            reporter.Tell(new ConversationNews(conversation, ConversationNews.Answered, exchange.Reply.CompletionId));
        }
        catch (OpenAiException e)
        {
            LogNotWritten(logger, exchange.Reply.CompletionId, e);
            string message = $"The reply was written but could not be stored, so it is in no history and cannot be rated: {e.Message}";
            throw new OpenAiException(e.Status, e.Error with { Message = message }, e.RetryAfter);
        }
    }

    /// <summary>Writes an exchange inside a transaction; the id of its conversation.</summary>
    /// <param name="connection">Of the transaction.</param>
    /// <param name="exchange">What is written.</param>
    /// <param name="time">When.</param>
    /// <param name="stored">
    /// For many exchanges of one conversation whose prompts share their messages: those that were stored by this transaction. Without it each exchange
    /// looks every message before it up again, a million times in a conversation of a thousand replies.
    /// </param>
    public static string Insert(DbConnection connection, Exchange exchange, DateTimeOffset time, StoredMessages? stored = null)
    {
        IReadOnlyList<RequestMessage> prompt = exchange.Request.Messages!;
        byte[][] path = MessagePath.Of(prompt, stored);
        long now = time.ToUnixTimeMilliseconds();
        string? known = GivenId(connection, exchange) ?? Recognise(connection, prompt, path, exchange);
        string conversation = known ?? $"conv_{Guid.CreateVersion7(time):N}";
        string assistant = exchange.Assistant ?? (known is null ? null : ConversationStore.AssistantOf(connection, known)) ?? AssistantNames.Default;

        connection.Execute(
            """
            INSERT INTO conversations (id, owner, assistant, title, created_at, updated_at) VALUES (@conversation, @Owner, @assistant, @title, @now, @now)
            ON CONFLICT (id) DO UPDATE SET updated_at = @now, shown_id = NULL
            """,
            new { conversation, exchange.Caller.Owner, assistant, title = Title(prompt), now });

        long? parent = null;
        for (int i = 0; i < prompt.Count; i++)
            parent = stored?.Find(prompt[i])?.Id ?? InsertMessage(connection, conversation, parent, path[i], prompt[i], now, stored);
        RequestMessage reply = exchange.Reply.Messages[0];
        long replyId = InsertMessage(connection, conversation, parent, MessagePath.Extend(path[^1], reply), reply, now, stored);

        connection.Execute(
            """
            INSERT INTO exchanges (completion_id, conversation_id, assistant, model, version, prompt_id, reply_id, other_replies, request,
                                   metadata, finish_reason, prompt_tokens, completion_tokens, timings, duration_ms, error, recalled, sources,
                                   folded, summary_of, created_at)
            VALUES (@CompletionId, @conversation, @assistant, @Model, @Version, @parent, @replyId, @others, @request,
                    @metadata, @FinishReason, @promptTokens, @completionTokens, @timings, @duration, @Error, @recalled, @sources,
                    @Folded, @SummaryOf, @startedAt)
            """,
            new
            {
                exchange.Reply.CompletionId,
                conversation,
                assistant,
                exchange.Model,
                exchange.Version,
                parent,
                replyId,
                others = exchange.Reply.Messages.Count > 1 ? JsonSerializer.Serialize([.. exchange.Reply.Messages.Skip(1)], StoredJson.Messages) : null,
                request = JsonSerializer.Serialize(exchange.Request with { Messages = null }, OpenAiJson.Wire.ChatCompletionRequest),
                metadata = StoredJson.Of(exchange.Request.Metadata),
                exchange.Reply.FinishReason,
                promptTokens = exchange.Reply.Usage?.PromptTokens ?? exchange.Reply.Timings?.CacheN + exchange.Reply.Timings?.PromptN,
                completionTokens = exchange.Reply.Usage?.CompletionTokens ?? exchange.Reply.Timings?.PredictedN,
                timings = exchange.Reply.Timings is { } timings ? JsonSerializer.Serialize(timings, OpenAiJson.Wire.Timings) : null,
                duration = exchange.Duration.TotalMilliseconds,
                exchange.Error,
                recalled = StoredJson.ArrayOrNull(exchange.Recalled),
                sources = exchange.Sources is { } sources ? JsonSerializer.Serialize(sources, OpenAiJson.Wire.IReadOnlyListDocumentSource) : null,
                exchange.Folded,
                exchange.SummaryOf,
                startedAt = exchange.StartedAt.ToUnixTimeMilliseconds(),
            });
        return conversation;
    }

    /// <summary>Removes an exchange, and of its messages those that no other needs. Whether there was one.</summary>
    public static bool Remove(DbConnection connection, string completionId)
    {
        var exchange = connection.QueryFirstOrDefault<(string? Conversation, long? Message)>(
            "DELETE FROM exchanges WHERE completion_id = @completionId RETURNING conversation_id, reply_id", new { completionId });
        if (exchange.Conversation is not { } conversation)
            return false;
        for (long? message = exchange.Message; message is not null;)
        {
            var removed = connection.QueryFirstOrDefault<(long Id, long? Parent)>(
                """
                DELETE FROM messages WHERE id = @message
                    AND NOT EXISTS (SELECT 1 FROM messages WHERE parent_id = @message)
                    AND NOT EXISTS (SELECT 1 FROM exchanges WHERE reply_id = @message OR prompt_id = @message)
                RETURNING id, parent_id
                """,
                new { message });
            message = removed.Parent;
        }
        connection.Execute(
            "DELETE FROM conversations WHERE id = @conversation AND NOT EXISTS (SELECT 1 FROM exchanges WHERE conversation_id = @conversation)",
            new { conversation });
        return true;
    }

    /// <summary>The id that the client chose, unless somebody else's conversation, or another assistant's, has taken it since the request began.</summary>
    private static string? GivenId(DbConnection connection, Exchange exchange) =>
        exchange.ConversationId is { } id && !ConversationStore.IsAnothers(connection, id, exchange.Caller)
        && (exchange.Assistant is null || ConversationStore.AssistantOf(connection, id) is not { } other || other == exchange.Assistant)
            ? id
            : null;

    /// <summary>The caller's conversation with the assistant in which this request's history, up to the last reply in it, was logged before.</summary>
    private static string? Recognise(DbConnection connection, IReadOnlyList<RequestMessage> prompt, byte[][] path, Exchange exchange)
    {
        for (int i = prompt.Count - 1; i >= 0; i--)
        {
            if (prompt[i].Role != "assistant")
                continue;
            string? known = connection.QueryFirstOrDefault<string>(
                """
                SELECT c.id FROM messages m JOIN conversations c ON c.id = m.conversation_id
                WHERE m.path_hash = @hash AND c.owner = @Owner AND (@Assistant IS NULL OR c.assistant = @Assistant) ORDER BY m.id DESC LIMIT 1
                """,
                new { hash = path[i], exchange.Caller.Owner, exchange.Assistant });
            if (known is not null)
                return known;
        }
        return null;
    }

    private static long InsertMessage(
        DbConnection connection, string conversation, long? parent, byte[] hash, RequestMessage message, long now, StoredMessages? stored)
    {
        long id = connection.QueryFirstOrDefault<long?>(
            "SELECT id FROM messages WHERE path_hash = @hash AND conversation_id = @conversation", new { hash, conversation })
            ?? connection.ExecuteScalar<long>(
                """
                INSERT INTO messages (conversation_id, parent_id, path_hash, message, created_at) VALUES (@conversation, @parent, @hash, @json, @now)
                RETURNING id
                """,
                new { conversation, parent, hash, json = JsonSerializer.Serialize(message, OpenAiJson.Wire.RequestMessage), now });
        stored?.Add(message, id, hash);
        return id;
    }

    private static string Title(IReadOnlyList<RequestMessage> prompt)
    {
        string text = (prompt.FirstOrDefault(m => m.Role == "user") ?? prompt[0]).Content ?? "";
        string line = text.Split('\n', 2)[0].Replace('\0', ' ').Trim(); // which no text of PostgreSQL may have
        if (line.Length > TitleLength)
            line = line[..(char.IsHighSurrogate(line[TitleLength - 1]) ? TitleLength - 1 : TitleLength)] + "…";
        return line.Length == 0 ? "…" : line;
    }

    [LoggerMessage(2001, LogLevel.Error, "Exchange {CompletionId} could not be written to the database")]
    private static partial void LogNotWritten(ILogger logger, string completionId, Exception e);
}
