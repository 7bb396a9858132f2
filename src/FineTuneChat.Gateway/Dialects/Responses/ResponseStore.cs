using FineTuneChat.Gateway.Access;
using FineTuneChat.Gateway.Log;
using FineTuneChat.Gateway.Log.StoredCompletions;
using FineTuneChat.Gateway.Storage;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Dialects.Responses;

/// <summary>The logged replies as responses, as far as the caller sees them.</summary>
internal sealed class ResponseStore(Database database, StoredCompletionStore completions, ExchangeLog log)
{
    /// <summary>What was said up to and with a response, for one that goes on from it. Its instructions are not among it.</summary>
    /// <exception cref="OpenAiException">404: there is no such response.</exception>
    public async Task<IReadOnlyList<RequestMessage>> MessagesAsync(Caller caller, string id, CancellationToken cancellation)
    {
        (_, LoggedExchange exchange) = await FindAsync(caller, id, cancellation);
        return [.. exchange.Prompt.Where((message, i) => i > 0 || message.Role != ResponseBuilder.InstructionsRole), exchange.Reply];
    }

    /// <exception cref="OpenAiException">404: there is no such response.</exception>
    public async Task<Response> GetAsync(Caller caller, string id, CancellationToken cancellation)
    {
        (StoredCompletion stored, LoggedExchange exchange) = await FindAsync(caller, id, cancellation);
        ChatCompletionRequest request = exchange.Request with { Messages = exchange.Prompt };
        return ResponseBuilder.End(
            ResponseBuilder.Begin(request, stored.Id, stored.Model, stored.Created, previous: null) with
            {
                Metadata = stored.Metadata ?? new Dictionary<string, string>(),
            },
            ResponseBuilder.Output(stored.Id, exchange.Reply.Content, exchange.Reply.ReasoningContent, exchange.Reply.ToolCalls,
                FileSearchCall.Of(exchange.Sources, request, include: null)),
            exchange.FinishReason ?? FinishReasons.Length, // cut off
            stored.Usage);
    }

    private async Task<(StoredCompletion, LoggedExchange)> FindAsync(Caller caller, string id, CancellationToken cancellation)
    {
        string completion = ReplyIds.OfCompletion(id);
        await log.WhenLoggedAsync(completion).WaitAsync(cancellation);
        return completions.Find(caller, completion) is { } stored && database.Read(c => LoggedExchange.Find(c, completion)) is { } exchange
            ? (stored, exchange)
            : throw OpenAiException.NotFound("response", id);
    }
}
