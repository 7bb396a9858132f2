using System.Text.RegularExpressions;
using FineTuneChat.Gateway.Access;
using FineTuneChat.Gateway.Log;
using FineTuneChat.Gateway.Storage;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Serving;

/// <summary><c>POST /v1/chat/completions</c>: passes the request to the engine of its model, the reply back untouched, and logs both.</summary>
internal static partial class ChatCompletionsApi
{
    private const string ConversationHeader = "X-Conversation-Id";

    public static void MapChatCompletions(this IEndpointRouteBuilder routes) => routes.MapPost("/v1/chat/completions", CompleteAsync);

    private static async Task CompleteAsync(HttpContext http, Caller caller, EngineRouter engines, CompletionRelay relay, ConversationStore conversations, StorageRoom room)
    {
        // 1. Read and check what the gateway itself needs to know; the engine checks the rest.
        byte[] body = await RequestReader.ReadBodyAsync(http.Request);
        ChatCompletionRequest request = RequestReader.Read(body, OpenAiJson.Default.ChatCompletionRequest);
        ChatCompletionValidator.Validate(request);
        string? conversation = ConversationId(http);
        if (conversation is not null && conversations.IsAnothers(conversation, caller))
            throw OpenAiException.Conflict($"The id '{conversation}' in {ConversationHeader} is taken. Choose one of your own, such as a UUID.", "conversation_taken");
        if (request.Store != false)
            room.Require();

        // 2. The engine that stands for the model now keeps standing for it until the reply is complete.
        using EngineLease lease = engines.Acquire(request.Model);

        // 3. Pass on, pass back, log.
        await relay.RunAsync(http, body, request, conversation, lease);
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
