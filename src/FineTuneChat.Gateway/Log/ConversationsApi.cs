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
    private const int MaxTitle = 200, MaxTag = 40, MostTags = 20;

    public static void MapConversations(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder group = routes.MapGroup("/api/conversations").WithTags("Conversations").RequireScope(Scopes.Chat);
        group.MapGet("", List)
            .WithSummary("Conversations; q searches titles and messages, assistant=ID those with one assistant, tag=TAG, pinned and archived = true or false")
            .Refuses(StatusCodes.Status400BadRequest);
        group.MapGet("{id}", Get).WithSummary("A conversation: its messages as they are shown, the other branches, ratings")
            .Refuses(StatusCodes.Status404NotFound);
        group.MapGet("tags", Tags).WithSummary("The tags of the conversations");
        group.MapPatch("{id}", ChangeAsync).WithSummary("Renames, pins, archives or tags a conversation; shows the branch of a reply")
            .Takes(typeof(ConversationChange)).Stores().Refuses(StatusCodes.Status404NotFound);
    }

    private static JsonAnswer<ListPage<ConversationSummary>> List(
        Caller caller, ConversationStore store, string? assistant, string? q, string? tag, string? pinned, string? archived, string? limit, string? after) =>
        ApiJson.Result(
            store.List(caller, new ConversationFilter(assistant, q, tag, Flag(pinned, "pinned"), Flag(archived, "archived")), ListQuery.Of(limit, after)),
            LogJson.Wire.ListPageConversationSummary);

    private static bool? Flag(string? text, string name) => text switch
    {
        null or "" => null,
        "true" => true,
        "false" => false,
        _ => throw OpenAiException.InvalidRequest($"'{name}' is '{text}'; it must be true or false.", name),
    };

    private static JsonAnswer<ListPage<ConversationTag>> Tags(Caller caller, ConversationStore store)
    {
        IReadOnlyList<ConversationTag> tags = store.Tags(caller);
        return ApiJson.Result(ListPage<ConversationTag>.Of(tags, tags.Count, tag => tag.Tag), LogJson.Wire.ListPageConversationTag);
    }

    private static JsonAnswer<Conversation> Get(string id, Caller caller, ConversationStore store) =>
        ApiJson.Result(store.Find(caller, id) ?? throw OpenAiException.NotFound("conversation", id), LogJson.Wire.Conversation);

    private static async Task<JsonAnswer<Conversation>> ChangeAsync(
        string id, Caller caller, HttpRequest request, ConversationStore store, ExchangeLog log, ConversationReporter reporter, CancellationToken cancellation)
    {
        ConversationChange change = await RequestReader.ReadAsync(request, LogJson.Wire.ConversationChange);
        if (change is { Title: null, Shown: null, Pinned: null, Archived: null, Tags: null })
            throw OpenAiException.InvalidRequest("Give 'title', 'pinned', 'archived', 'tags' or 'shown'.", "title");
        change = change with { Title = change.Title?.Trim(), Tags = change.Tags is null ? null : TagsOf(change.Tags) };
        if (change.Title?.Length is 0 or > MaxTitle)
            throw OpenAiException.InvalidRequest($"'title' must have 1 to {MaxTitle} characters.", "title");
        if (change.Shown is not null)
            await log.WhenLoggedAsync(change.Shown).WaitAsync(cancellation);
        Conversation changed = await store.ChangeAsync(caller, id, change) ?? throw OpenAiException.NotFound("conversation", id);
        reporter.Tell(new ConversationNews(id, ConversationNews.Changed));
        return ApiJson.Result(changed, LogJson.Wire.Conversation);
    }

    private static string[] TagsOf(IReadOnlyList<string?> given)
    {
        string[] tags = [.. given.Select(tag => tag?.Trim() ?? "").Distinct(StringComparer.OrdinalIgnoreCase)];
        if (tags.Length > MostTags || tags.Any(tag => tag.Length is 0 or > MaxTag))
            throw OpenAiException.InvalidRequest($"'tags' must be at most {MostTags} tags of 1 to {MaxTag} characters.", "tags");
        return tags;
    }
}
