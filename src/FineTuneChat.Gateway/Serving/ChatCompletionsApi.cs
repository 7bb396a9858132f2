using System.Text.RegularExpressions;
using FineTuneChat.Gateway.Access;
using FineTuneChat.Gateway.Assistants;
using FineTuneChat.Gateway.Log;
using FineTuneChat.Gateway.Storage;
using FineTuneChat.Protocol.OpenAi;
using FineTuneChat.Protocol.Routes;

namespace FineTuneChat.Gateway.Serving;

/// <summary><c>POST /v1/chat/completions</c>: passes the request to the engine of its model, the reply back untouched, and logs both.</summary>
internal static partial class ChatCompletionsApi
{
    private const string ConversationHeader = "X-Conversation-Id";

    public static void MapChatCompletions(this IEndpointRouteBuilder routes) => routes.MapPost("/v1/chat/completions", CompleteAsync)
        .WithTags("OpenAI").WithSummary("A reply, whole or streamed").RequireScope(Scopes.Chat).IsChat()
        .Takes(typeof(ChatCompletionRequest)).Answers(typeof(ChatCompletion)).Streams(typeof(ChatCompletionChunk))
        .Refuses(StatusCodes.Status404NotFound, StatusCodes.Status409Conflict, StatusCodes.Status507InsufficientStorage);

    private static async Task CompleteAsync(
        HttpContext http, Caller caller, EngineRouter engines, ExchangeLog log, ConversationStore conversations, StorageRoom room, TimeProvider time,
        ILogger<ExchangeLog> logger)
    {
        // 1. Read and check what the gateway itself needs to know; the engine checks the rest.
        byte[] body = await RequestReader.ReadBodyAsync(http.Request);
        ChatCompletionRequest request = ChatRequestReader.Read(body);
        string? conversation = ConversationId(http);
        if (conversation is not null && conversations.IsAnothers(conversation, caller))
            throw OpenAiException.Conflict(
                $"The id '{conversation}' in {ConversationHeader} is taken. Choose one of your own, such as a UUID.", "conversation_taken");
        if (request.Store != false)
            room.Require();

        // 2. The engine that is leased here writes the whole reply, even when a swap comes in between.
        using EngineLease lease = engines.Acquire(request.Model);

        // 3. Pass on, pass back, log.
        DateTimeOffset startedAt = time.GetUtcNow();
        long clock = time.GetTimestamp();
        var entry = new LogEntry(log, request.Stream == true, reply => new Exchange
        {
            Reply = request.BegunReply is { } begun ? reply.GoingOn(begun) : reply,
            Request = request.BegunReply is null ? request : request with { Messages = [.. request.Messages!.SkipLast(1)] },
            ConversationId = conversation,
            Caller = caller,
            Assistant = AssistantNames.Default,
            Version = lease.Specification.Version,
            Model = lease.Specification.Alias,
            StartedAt = startedAt,
            Duration = time.GetElapsedTime(clock),
        });
        try
        {
            await EngineProxy.RunAsync(http, lease, body, entry);
        }
        finally
        {
            await EndAsync(entry);
            if (entry.Reply is { } reply)
            {
                string end = reply.FinishReason ?? entry.Error ?? "cut off";
                LogReply(logger, lease.Specification.Alias, reply.Tokens, time.GetElapsedTime(clock).TotalSeconds, end);
            }
        }
    }

    /// <summary>Logs a reply that was cut off. When that fails no client is left to be told; it is in the server's log.</summary>
    private static async Task EndAsync(LogEntry entry)
    {
        try
        {
            await entry.EndAsync();
        }
        catch (OpenAiException)
        {
        }
    }

    private static string? ConversationId(HttpContext http)
    {
        string? id = http.Request.Headers[ConversationHeader];
        if (id is null)
            return null;
        if (!AllowedId().IsMatch(id))
            throw OpenAiException.InvalidRequest($"{ConversationHeader} must be 1 to 64 letters, digits, '-' or '_'.", ConversationHeader);
        http.Response.Headers[ConversationHeader] = id;
        return id;
    }

    [LoggerMessage(3021, LogLevel.Debug, "{Alias} wrote {Tokens} tokens in {Seconds:0.00} s: {Reason}")]
    private static partial void LogReply(ILogger logger, string alias, int tokens, double seconds, string reason);

    [GeneratedRegex("^[A-Za-z0-9_-]{1,64}$")]
    private static partial Regex AllowedId();
}
