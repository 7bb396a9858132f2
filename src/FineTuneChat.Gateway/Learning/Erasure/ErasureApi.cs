using FineTuneChat.Gateway.Access;
using FineTuneChat.Gateway.Log.StoredCompletions;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Learning.Erasure;

/// <summary>Everything that erases: a conversation, a reply, an import. The answers name the versions that have learned from it.</summary>
internal static class ErasureApi
{
    public static void MapErasure(this IEndpointRouteBuilder routes)
    {
        routes.MapDelete("/api/conversations/{id}", ConversationAsync).RequireScope(Scopes.Chat);
        routes.MapDelete("/v1/chat/completions/{id}", CompletionAsync).RequireScope(Scopes.Chat);
        routes.MapDelete("/api/dataset/imports/{id}", ImportAsync).RequireScope(Scopes.Train);
    }

    private static async Task<IResult> ConversationAsync(string id, Caller caller, Eraser eraser) =>
        ApiJson.Result(await eraser.ConversationAsync(caller, id) ?? throw OpenAiException.NotFound("conversation", id), ErasureJson.Wire.Erased);

    private static async Task<IResult> CompletionAsync(string id, Caller caller, Eraser eraser)
    {
        if (await eraser.CompletionAsync(caller, id) is null)
            throw OpenAiException.NotFound("stored completion", id);
        return ApiJson.Result(new StoredCompletionDeleted(id), StoredCompletionJson.Wire.StoredCompletionDeleted);
    }

    private static async Task<IResult> ImportAsync(string id, Eraser eraser) =>
        ApiJson.Result(await eraser.ImportAsync(id) ?? throw OpenAiException.NotFound("import", id), ErasureJson.Wire.Erased);
}
