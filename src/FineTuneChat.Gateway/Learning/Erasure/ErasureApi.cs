using FineTuneChat.Gateway.Access;
using FineTuneChat.Gateway.Log.StoredCompletions;
using FineTuneChat.Gateway.Serving;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.Lists;
using FineTuneChat.Protocol.OpenAi;
using FineTuneChat.Protocol.Routes;

namespace FineTuneChat.Gateway.Learning.Erasure;

/// <summary>
/// Everything that erases: a conversation, a reply, an import. The answers name the versions that have learned from it. And what became of that.
/// </summary>
internal static class ErasureApi
{
    private const int MostIds = 100;

    public static void MapErasure(this IEndpointRouteBuilder routes)
    {
        routes.MapDelete("/api/conversations/{id}", ConversationAsync)
            .WithTags("Conversations")
            .WithSummary("Deletes a conversation from log, dataset and files of past runs; names the versions that have learned from it")
            .RequireScope(Scopes.Chat).Refuses(StatusCodes.Status404NotFound);
        routes.MapDelete("/api/conversations", ConversationsAsync)
            .WithTags("Conversations")
            .WithSummary("Deletes several conversations: id=ID for each (up to 100), or all=true; names the versions that have learned from them")
            .RequireScope(Scopes.Chat).Refuses(StatusCodes.Status400BadRequest);
        routes.MapDelete("/v1/chat/completions/{id}", CompletionAsync)
            .WithTags("OpenAI").WithSummary("Deletes a stored completion").RequireScope(Scopes.Chat).Refuses(StatusCodes.Status404NotFound);
        routes.MapDelete("/api/dataset/imports/{id}", ImportAsync)
            .WithTags("Learning").WithSummary("Deletes what was imported together").RequireScope(Scopes.Train).Refuses(StatusCodes.Status404NotFound);

        RouteGroupBuilder group = routes.MapGroup("/api/erasures").WithTags("Learning").RequireScope(Scopes.Train);
        group.MapGet("", List).WithSummary("What was erased after versions had learned it: certificates, without texts")
            .Refuses(StatusCodes.Status400BadRequest);
        group.MapGet("{id}", Get).WithSummary("The certificate of an erasure: what replaced the versions that had learned it, what was deleted, the checks")
            .Refuses(StatusCodes.Status404NotFound);
    }

    private static JsonAnswer<ListPage<ErasureCertificate>> List(Assistant assistant, ErasureStore store, string? limit, string? after) =>
        ApiJson.Result(store.List(assistant.Id, ListQuery.Of(limit, after)), ErasureJson.Wire.ListPageErasureCertificate);

    private static JsonAnswer<ErasureCertificate> Get(string id, Caller caller, ErasureStore store)
    {
        ErasureCertificate? found = store.AssistantOf(id) is { } assistant && caller.MayAsk(assistant) ? store.Find(id) : null;
        return ApiJson.Result(found ?? throw OpenAiException.NotFound("erasure", id), ErasureJson.Wire.ErasureCertificate);
    }

    private static async Task<JsonAnswer<Erased>> ConversationAsync(string id, Caller caller, Eraser eraser) =>
        ApiJson.Result(await eraser.ConversationAsync(caller, id) ?? throw OpenAiException.NotFound("conversation", id), ErasureJson.Wire.Erased);

    private static async Task<JsonAnswer<ErasedConversations>> ConversationsAsync(string[]? id, string? all, Caller caller, Eraser eraser)
    {
        if ((all == "true") == (id is { Length: > 0 }) || id?.Length > MostIds) // never all of them because an id was forgotten
            throw OpenAiException.InvalidRequest($"Say which conversations: id=ID for each, up to {MostIds}, or all=true for all of them.", "id");
        return ApiJson.Result(await eraser.ConversationsAsync(caller, all == "true" ? null : id), ErasureJson.Wire.ErasedConversations);
    }

    private static async Task<JsonAnswer<StoredCompletionDeleted>> CompletionAsync(string id, Caller caller, Eraser eraser)
    {
        Erased erased = await eraser.CompletionAsync(caller, id) ?? throw OpenAiException.NotFound("stored completion", id);
        return ApiJson.Result(new StoredCompletionDeleted(id) { Erasure = erased.Erasure }, StoredCompletionJson.Wire.StoredCompletionDeleted);
    }

    private static async Task<JsonAnswer<Erased>> ImportAsync(string id, Caller caller, Eraser eraser) =>
        ApiJson.Result(await eraser.ImportAsync(caller, id) ?? throw OpenAiException.NotFound("import", id), ErasureJson.Wire.Erased);
}
