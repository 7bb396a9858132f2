using System.Text.RegularExpressions;
using FineTuneChat.Gateway.Access;
using FineTuneChat.Gateway.Log;
using FineTuneChat.Gateway.Storage;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Serving;

/// <summary>What every chat request passes before an engine sees it, whatever dialect it came in.</summary>
internal sealed partial class ChatTurns(
    EngineRouter engines, AssistantRegistry assistants, ExchangeLog log, ConversationStore conversations, IRecall recall, IRetrieval retrieval,
    ITalkFolding folding, StorageRoom room, TimeProvider time, ILogger<ChatTurn> logger)
{
    private const string ConversationHeader = "X-Conversation-Id";

    /// <summary>Checks what the gateway itself needs to know (the engine checks the rest), leases the engine, opens the entry in the log.</summary>
    /// <exception cref="OpenAiException">
    /// 400, 404: a wrong request; 409: somebody else's conversation, or another assistant's; 507: the reply could not be kept.
    /// </exception>
    public async Task<ChatTurn> BeginAsync(HttpContext http, ChatCompletionRequest request)
    {
        ChatCompletionValidator.Validate(request);
        Caller caller = Caller.Of(http);
        string? conversation = ConversationId(http);
        if (conversation is not null && conversations.IsAnothers(conversation, caller))
            throw OpenAiException.Conflict(
                $"The id '{conversation}' in {ConversationHeader} is taken. Choose one of your own, such as a UUID.", "conversation_taken");
        if (request.Store != false)
            room.Require();

        EngineLease lease = engines.Acquire(caller, request.Model);
        Recalled recalled;
        Retrieved retrieved;
        try
        {
            RequireSame(conversation, lease.Specification.Assistant);
            recalled = await RecallAsync(http, request, caller, lease);
            retrieved = await retrieval.ForAsync(request, caller, lease.Specification, http.RequestAborted);
        }
        catch
        {
            lease.Dispose();
            throw;
        }
        DateTimeOffset startedAt = time.GetUtcNow();
        ChatTurn turn = null!;
        return turn = new ChatTurn(http, request, lease, folding, time, logger)
        {
            Recalled = recalled,
            Retrieved = retrieved,
            Assistant = assistants.Find(lease.Specification.Assistant)?.Settings,
            Entry = new LogEntry(log, request.Stream == true, reply => new Exchange
            {
                Reply = request.BegunReply is { } begun ? reply.GoingOn(begun) : reply,
                Request = request.BegunReply is null ? request : request with { Messages = [.. request.Messages!.SkipLast(1)] },
                ConversationId = conversation,
                Caller = caller,
                Assistant = lease.Specification.Assistant,
                Version = lease.Specification.Version,
                Model = lease.Specification.Alias,
                StartedAt = startedAt,
                Duration = turn.Elapsed,
                Recalled = recalled.Ids,
                Sources = retrieved.Sources,
                Folded = turn.Fold.Messages,
                SummaryOf = turn.Fold.SummaryOf,
            }),
        };
    }

    private async Task<Recalled> RecallAsync(HttpContext http, ChatCompletionRequest request, Caller caller, EngineLease lease)
    {
        Recalled recalled = await recall.ForAsync(request, caller, lease.Specification, http.RequestAborted);
        if (recalled.Ids.Count > 0)
            http.Response.Headers[Recalled.Header] = string.Join(',', recalled.Ids);
        return recalled;
    }

    /// <summary>What is said to one assistant, another never hears of. Local models, which are nobody's, may join any conversation.</summary>
    private void RequireSame(string? conversation, string? assistant)
    {
        if (conversation is not null && assistant is not null && conversations.AssistantOf(conversation) is { } other && other != assistant)
            throw OpenAiException.Conflict(
                $"The conversation '{conversation}' is with the assistant '{other}'. Begin another one with '{assistant}'.",
                "conversation_of_another_assistant");
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

    [GeneratedRegex("^[A-Za-z0-9_-]{1,64}$")]
    private static partial Regex AllowedId();
}
