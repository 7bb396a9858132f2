using FineTuneChat.Gateway.Access;
using FineTuneChat.Gateway.Log.StoredCompletions;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.OpenAi;
using FineTuneChat.Protocol.Routes;

namespace FineTuneChat.Gateway.Learning.Erasure;

/// <summary>Everything that erases: a conversation, a reply, an import. The answers name the versions that have learned from it.</summary>
internal static class ErasureApi
{
    public static void MapErasure(this IEndpointRouteBuilder routes)
    {
        routes.MapDelete("/api/conversations/{id}", ConversationAsync)
            .WithTags("Conversations")
            .WithSummary("Deletes a conversation from log, dataset and files of past runs; names the versions that have learned from it")
            .RequireScope(Scopes.Chat).Refuses(StatusCodes.Status404NotFound);
        routes.MapDelete("/v1/chat/completions/{id}", CompletionAsync)
            .WithTags("OpenAI").WithSummary("Deletes a stored completion").RequireScope(Scopes.Chat).Refuses(StatusCodes.Status404NotFound);
        routes.MapDelete("/api/dataset/imports/{id}", ImportAsync)
            .WithTags("Learning").WithSummary("Deletes what was imported together").RequireScope(Scopes.Train).Refuses(StatusCodes.Status404NotFound);
    }

    private static async Task<JsonAnswer<Erased>> ConversationAsync(string id, Caller caller, Eraser eraser) =>
        ApiJson.Result(await eraser.ConversationAsync(caller, id) ?? throw OpenAiException.NotFound("conversation", id), ErasureJson.Wire.Erased);

    private static async Task<JsonAnswer<StoredCompletionDeleted>> CompletionAsync(string id, Caller caller, Eraser eraser)
    {
        if (await eraser.CompletionAsync(caller, id) is null)
            throw OpenAiException.NotFound("stored completion", id);
        return ApiJson.Result(new StoredCompletionDeleted(id), StoredCompletionJson.Wire.StoredCompletionDeleted);
    }

    private static async Task<JsonAnswer<Erased>> ImportAsync(string id, Eraser eraser) =>
        ApiJson.Result(await eraser.ImportAsync(id) ?? throw OpenAiException.NotFound("import", id), ErasureJson.Wire.Erased);
}
