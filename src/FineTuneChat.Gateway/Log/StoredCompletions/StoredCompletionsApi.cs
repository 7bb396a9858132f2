using FineTuneChat.Gateway.Access;
using FineTuneChat.Gateway.Learning.Regret;
using FineTuneChat.Gateway.Learning.Runs;
using FineTuneChat.Gateway.Storage;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.Lists;
using FineTuneChat.Protocol.OpenAi;
using FineTuneChat.Protocol.Routes;

namespace FineTuneChat.Gateway.Log.StoredCompletions;

/// <summary>
/// OpenAI's stored completions, <c>/v1/chat/completions/…</c>: every reply but those asked for with <c>store: false</c>. A client rates one by its
/// metadata: <c>{"rating": "up"}</c>.
/// </summary>
internal static class StoredCompletionsApi
{
    private const string Path = "/v1/chat/completions";

    public static void MapStoredCompletions(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder group = routes.MapGroup(Path).WithTags("OpenAI");
        group.MapGet("", List).WithSummary("Stored completions; metadata[KEY]=VALUE chooses among them")
            .RequireScope(Scopes.Chat).Refuses(StatusCodes.Status400BadRequest);
        group.MapGet("{id}", GetAsync).WithSummary("A stored completion").RequireScope(Scopes.Chat).Refuses(StatusCodes.Status404NotFound);
        group.MapGet("{id}/messages", ListMessages).WithSummary("What a stored completion answered to")
            .RequireScope(Scopes.Chat).Refuses(StatusCodes.Status400BadRequest, StatusCodes.Status404NotFound);
        group.MapPost("{id}", ChangeAsync).WithSummary("Replaces a stored completion's metadata; rating rates the reply")
            .RequireScope(Scopes.Rate).Takes(typeof(StoredCompletionChange)).Stores().Refuses(StatusCodes.Status404NotFound);
    }

    private static JsonAnswer<ListPage<StoredCompletion>> List(
        HttpRequest request, Caller caller, StoredCompletionStore store, string? model, string? limit, string? after, string? order)
    {
        Dictionary<string, string> metadata = request.Query
            .Where(p => p.Key.StartsWith("metadata[", StringComparison.Ordinal) && p.Key.EndsWith(']'))
            .ToDictionary(p => p.Key["metadata[".Length..^1], p => p.Value.ToString());
        var query = new StoredCompletionQuery(ListQuery.Of(limit, after), IsAscending(order), model, metadata);
        return ApiJson.Result(store.List(caller, query), StoredCompletionJson.Wire.ListPageStoredCompletion);
    }

    private static async Task<JsonAnswer<StoredCompletion>> GetAsync(
        string id, Caller caller, StoredCompletionStore store, ExchangeLog log, CancellationToken cancellation)
    {
        await log.WhenLoggedAsync(id).WaitAsync(cancellation);
        return Result(store.Find(caller, id), id);
    }

    private static JsonAnswer<ListPage<StoredMessage>> ListMessages(
        string id, Caller caller, StoredCompletionStore store, string? limit, string? after, string? order)
    {
        ListQuery page = ListQuery.Of(limit, after);
        IEnumerable<StoredMessage> messages = store.Messages(caller, id) ?? throw NotFound(id);
        if (!IsAscending(order))
            messages = messages.Reverse();
        return ApiJson.Result(ListPage<StoredMessage>.Of(messages, page, m => m.Id), StoredCompletionJson.Wire.ListPageStoredMessage);
    }

    private static async Task<JsonAnswer<StoredCompletion>> ChangeAsync(
        string id, Caller caller, HttpRequest request, StoredCompletionStore store, ExchangeLog log, RetrainingService retraining,
        RegretGuard regret, CancellationToken cancellation)
    {
        StoredCompletionChange change = await RequestReader.ReadAsync(request, StoredCompletionJson.Default.StoredCompletionChange);
        change.Validate();
        await log.WhenLoggedAsync(id).WaitAsync(cancellation);
        StoredCompletion? changed = await store.ChangeAsync(caller, id, change.Metadata);
        await retraining.ConsiderAsync();
        regret.Consider(id);
        return Result(changed, id);
    }

    private static bool IsAscending(string? order) => order switch
    {
        null or "" or "asc" => true,
        "desc" => false,
        _ => throw OpenAiException.InvalidRequest($"'order' is '{order}'; allowed: asc, desc.", "order"),
    };

    private static JsonAnswer<StoredCompletion> Result(StoredCompletion? completion, string id) =>
        ApiJson.Result(completion ?? throw NotFound(id), StoredCompletionJson.Wire.StoredCompletion);

    private static OpenAiException NotFound(string id) => OpenAiException.NotFound("stored completion", id);
}
