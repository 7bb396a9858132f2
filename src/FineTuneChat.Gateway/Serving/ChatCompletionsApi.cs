using FineTuneChat.Gateway.Access;
using FineTuneChat.Protocol.OpenAi;
using FineTuneChat.Protocol.Routes;

namespace FineTuneChat.Gateway.Serving;

/// <summary><c>POST /v1/chat/completions</c>: passes the request to the engine of its model, the reply back untouched, and logs both.</summary>
internal static class ChatCompletionsApi
{
    public const string Path = "/v1/chat/completions";

    public static void MapChatCompletions(this IEndpointRouteBuilder routes)
    {
        foreach (string prefix in ApiPaths.Prefixes)
            routes.MapPost($"{prefix}/chat/completions", CompleteAsync)
                .WithTags("OpenAI").WithSummary("A reply, whole or streamed").RequireScope(Scopes.Chat).IsChat()
                .Takes(typeof(ChatCompletionRequest)).Answers(typeof(ChatCompletion)).Streams(typeof(ChatCompletionChunk))
                .Refuses(StatusCodes.Status404NotFound, StatusCodes.Status409Conflict, StatusCodes.Status502BadGateway,
                    StatusCodes.Status507InsufficientStorage);
    }

    private static async Task CompleteAsync(HttpContext http, ChatTurns turns, IAssistantTools tools)
    {
        byte[] given = await RequestReader.ReadBodyAsync(http.Request);
        ChatCompletionRequest request = ChatRequestReader.Read(given);
        byte[] body = await tools.PutIntoAsync(Caller.Of(http), request, given, http.RequestAborted);
        await using ChatTurn turn = await turns.BeginAsync(http, body == given ? request : ChatRequestReader.Read(body));
        await EngineProxy.RunAsync(http, turn.Lease, Path, await turn.CompleteAsync(body), turn.Entry, turn);
    }
}
