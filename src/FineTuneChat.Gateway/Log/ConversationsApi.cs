using FineTuneChat.Gateway.Access;
using FineTuneChat.Gateway.Storage;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.Lists;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Log;

/// <summary><c>/api/conversations</c>: the history.</summary>
internal static class ConversationsApi
{
    private const int MaxTitle = 200;

    public static void MapConversations(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder group = routes.MapGroup("/api/conversations").RequireScope(Scopes.Chat);
        group.MapGet("", List);
        group.MapGet("{id}", Get);
        group.MapPatch("{id}", ChangeAsync).Stores();
    }

    private static IResult List(Caller caller, ConversationStore store, string? q, string? limit, string? after) =>
        ApiJson.Result(store.List(caller, q, ListQuery.Of(limit, after)), LogJson.Wire.ListPageConversationSummary);

    private static IResult Get(string id, Caller caller, ConversationStore store) =>
        ApiJson.Result(store.Find(caller, id) ?? throw OpenAiException.NotFound("conversation", id), LogJson.Wire.Conversation);

    private static async Task<IResult> ChangeAsync(
        string id, Caller caller, HttpRequest request, ConversationStore store, ExchangeLog log, CancellationToken cancellation)
    {
        ConversationChange change = await RequestReader.ReadAsync(request, LogJson.Wire.ConversationChange);
        if (change is { Title: null, Shown: null })
            throw OpenAiException.InvalidRequest("Give 'title', 'shown' or both.", "title");
        string? title = change.Title?.Trim();
        if (title?.Length is 0 or > MaxTitle)
            throw OpenAiException.InvalidRequest($"'title' must have 1 to {MaxTitle} characters.", "title");
        if (change.Shown is not null)
            await log.WhenLoggedAsync(change.Shown).WaitAsync(cancellation);
        return ApiJson.Result(
            await store.ChangeAsync(caller, id, title, change.Shown) ?? throw OpenAiException.NotFound("conversation", id), LogJson.Wire.Conversation);
    }
}
