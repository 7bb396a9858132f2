using FineTuneChat.Gateway.Access;
using FineTuneChat.Gateway.Storage;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.Lists;
using FineTuneChat.Protocol.OpenAi;
using FineTuneChat.Protocol.Routes;

namespace FineTuneChat.Gateway.Log;

/// <summary><c>/api/conversations</c>: the history.</summary>
internal static class ConversationsApi
{
    private const int MaxTitle = 200;

    public static void MapConversations(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder group = routes.MapGroup("/api/conversations").WithTags("Conversations").RequireScope(Scopes.Chat);
        group.MapGet("", List).WithSummary("Conversations; q searches titles and messages, assistant=ID those with one assistant")
            .Refuses(StatusCodes.Status400BadRequest);
        group.MapGet("{id}", Get).WithSummary("A conversation: its messages as they are shown, the other branches, ratings")
            .Refuses(StatusCodes.Status404NotFound);
        group.MapPatch("{id}", ChangeAsync).WithSummary("Renames a conversation; shows the branch of a reply")
            .Takes(typeof(ConversationChange)).Stores().Refuses(StatusCodes.Status404NotFound);
    }

    private static JsonAnswer<ListPage<ConversationSummary>> List(
        Caller caller, ConversationStore store, string? assistant, string? q, string? limit, string? after) =>
        ApiJson.Result(store.List(caller, assistant, q, ListQuery.Of(limit, after)), LogJson.Wire.ListPageConversationSummary);

    private static JsonAnswer<Conversation> Get(string id, Caller caller, ConversationStore store) =>
        ApiJson.Result(store.Find(caller, id) ?? throw OpenAiException.NotFound("conversation", id), LogJson.Wire.Conversation);

    private static async Task<JsonAnswer<Conversation>> ChangeAsync(
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
