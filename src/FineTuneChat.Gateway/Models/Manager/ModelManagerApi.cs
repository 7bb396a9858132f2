using FineTuneChat.Gateway.Access;
using FineTuneChat.Gateway.Models.Downloads;
using FineTuneChat.Gateway.Models.Hub;
using FineTuneChat.Gateway.Storage;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.Lists;
using FineTuneChat.Protocol.OpenAi;
using FineTuneChat.Protocol.Routes;

namespace FineTuneChat.Gateway.Models.Manager;

/// <summary><c>/api/models</c>: the model manager. Looking is for everybody who may chat; what fetches, loads and deletes is for admins.</summary>
internal static class ModelManagerApi
{
    private const int NotFound = StatusCodes.Status404NotFound, Conflict = StatusCodes.Status409Conflict;

    private static readonly int[] HubFaults =
    [
        StatusCodes.Status400BadRequest, NotFound, Conflict, StatusCodes.Status422UnprocessableEntity, StatusCodes.Status502BadGateway,
        StatusCodes.Status507InsufficientStorage,
    ];

    public static void MapModelManager(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder group = routes.MapModelHub();
        group.MapGet("", List).WithSummary("Local models: what they are, whether they are usable, loaded, and fit in memory").RequireScope(Scopes.Chat);
        group.MapGet("loaded", Loaded).WithSummary("Engines that run: what they serve, their memory, since when").RequireScope(Scopes.Chat);
        group.MapPost("{name}/memory", EstimateAsync).WithSummary("What a model takes in memory when it is loaded so").RequireScope(Scopes.Chat)
            .Takes(typeof(LoadOptions), isOptional: true).Refuses(NotFound, StatusCodes.Status422UnprocessableEntity);
        group.MapPatch("{name}", ChangeAsync).WithSummary("Says how a model is loaded from the next time on").RequireScope(Scopes.Admin)
            .Takes(typeof(LoadOptions)).Stores().Refuses(NotFound);
        group.MapPost("{name}/load", LoadAsync).WithSummary("Starts an engine for a model; how it is loaded is remembered").RequireScope(Scopes.Admin)
            .Takes(typeof(LoadOptions), isOptional: true).Refuses(NotFound, StatusCodes.Status422UnprocessableEntity);
        group.MapPost("{name}/unload", Unload).WithSummary("Ends a model's engine when it has written its last reply").RequireScope(Scopes.Admin)
            .Refuses(NotFound, Conflict);
        group.MapDelete("{**name}", RemoveAsync).WithSummary("Deletes a model's files").RequireScope(Scopes.Admin).Refuses(NotFound, Conflict);
    }

    /// <summary>The hub and its downloads, which need no engine.</summary>
    public static RouteGroupBuilder MapModelHub(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder group = routes.MapGroup("/api/models").WithTags("Models");
        group.MapGet("search", SearchAsync).WithSummary("Models on the hub").RequireScope(Scopes.Admin).Refuses(HubFaults);
        group.MapGet("hub/{owner}/{repository}", OfferAsync).WithSummary("A model on the hub: its quantisations, and which of them fit in memory")
            .RequireScope(Scopes.Admin).Refuses(HubFaults);
        group.MapGet("pull", Downloads).WithSummary("Downloads, and how far they are").RequireScope(Scopes.Admin);
        group.MapPost("pull", PullAsync).WithSummary("Fetches a model from the hub, or goes on with one that was paused").RequireScope(Scopes.Admin)
            .Takes(typeof(PullRequest)).Stores().Refuses(HubFaults);
        group.MapPost("pull/pause", PauseAsync).WithSummary("Ends a download; what has come is kept").RequireScope(Scopes.Admin)
            .Takes(typeof(PullRequest)).Refuses(NotFound);
        group.MapPost("pull/cancel", CancelAsync).WithSummary("Ends a download and removes what has come").RequireScope(Scopes.Admin)
            .Takes(typeof(PullRequest)).Refuses(NotFound);
        return group;
    }

    private static JsonAnswer<ListPage<ModelView>> List(ModelManager manager)
    {
        IReadOnlyList<ModelView> all = manager.List();
        return ApiJson.Result(ListPage<ModelView>.Of(all, all.Count, m => m.Name), ModelsJson.Wire.ListPageModelView);
    }

    private static async Task<JsonAnswer<ListPage<FoundModel>>> SearchAsync(ModelHub hub, string? q, CancellationToken cancellation)
    {
        if (string.IsNullOrWhiteSpace(q) || q.Length > 200)
            throw OpenAiException.InvalidRequest("'q' must be a text of 1 to 200 characters: what to look for.", "q");
        FoundModel[] found = [.. (await FromHubAsync(() => hub.SearchAsync(q, cancellation))).Select(FoundModel.Of).OfType<FoundModel>()];
        return ApiJson.Result(ListPage<FoundModel>.Of(found, found.Length, m => m.Name), ModelsJson.Wire.ListPageFoundModel);
    }

    private static async Task<JsonAnswer<OfferedModel>> OfferAsync(string owner, string repository, LocalModels models, CancellationToken cancellation) =>
        ApiJson.Result(await FromHubAsync(() => models.OfferAsync($"{owner}/{repository}", cancellation)), ModelsJson.Wire.OfferedModel);

    private static JsonAnswer<ListPage<PullProgress>> Downloads(ModelDownloads downloads)
    {
        IReadOnlyList<PullProgress> all = downloads.List();
        return ApiJson.Result(ListPage<PullProgress>.Of(all, all.Count, d => d.Name), ModelsJson.Wire.ListPagePullProgress);
    }

    private static async Task<AcceptedAnswer<PullProgress>> PullAsync(HttpRequest request, ModelDownloads downloads)
    {
        string name = await NameAsync(request);
        PullProgress begun = await FromHubAsync(() => downloads.StartAsync(name, request.HttpContext.RequestAborted));
        return new(begun, ModelsJson.Wire.PullProgress);
    }

    private static async Task<JsonAnswer<PullProgress>> PauseAsync(HttpRequest request, ModelDownloads downloads)
    {
        string name = await NameAsync(request);
        return ApiJson.Result(await FromHubAsync(() => downloads.PauseAsync(name)), ModelsJson.Wire.PullProgress);
    }

    private static async Task<JsonAnswer<PullProgress>> CancelAsync(HttpRequest request, ModelDownloads downloads)
    {
        string name = await NameAsync(request);
        return ApiJson.Result(await FromHubAsync(() => downloads.CancelAsync(name)), ModelsJson.Wire.PullProgress);
    }

    private static JsonAnswer<ListPage<LoadedModel>> Loaded(Caller caller, ModelManager manager)
    {
        IReadOnlyList<LoadedModel> all = manager.Loaded(caller);
        return ApiJson.Result(ListPage<LoadedModel>.Of(all, all.Count, m => m.Id), ModelsJson.Wire.ListPageLoadedModel);
    }

    private static async Task<JsonAnswer<MemoryNeed>> EstimateAsync(string name, HttpRequest request, ModelManager manager) =>
        ApiJson.Result(manager.Estimate(Uri.UnescapeDataString(name), await OptionsAsync(request)), ModelsJson.Wire.MemoryNeed);

    private static async Task<JsonAnswer<ModelView>> ChangeAsync(string name, HttpRequest request, ModelManager manager)
    {
        LoadOptions options = await RequestReader.ReadAsync(request, ModelsJson.Wire.LoadOptions);
        return ApiJson.Result(await manager.ChangeAsync(Uri.UnescapeDataString(name), options), ModelsJson.Wire.ModelView);
    }

    private static async Task<JsonAnswer<ModelView>> LoadAsync(
        string name, HttpRequest request, ModelManager manager, CancellationToken cancellation) => ApiJson.Result(
            await manager.LoadAsync(Uri.UnescapeDataString(name), await OptionsAsync(request), cancellation), ModelsJson.Wire.ModelView);

    /// <summary>Without a body nothing is said.</summary>
    private static async Task<LoadOptions> OptionsAsync(HttpRequest request) =>
        request.ContentLength is null or 0 && !request.Headers.TransferEncoding.Any()
            ? new()
            : await RequestReader.ReadAsync(request, ModelsJson.Wire.LoadOptions);

    private static JsonAnswer<ModelView> Unload(string name, ModelManager manager) =>
        ApiJson.Result(manager.Unload(Uri.UnescapeDataString(name)), ModelsJson.Wire.ModelView);

    private static async Task<JsonAnswer<Removed>> RemoveAsync(string name, ModelManager manager) =>
        ApiJson.Result(new Removed(await manager.RemoveAsync(Uri.UnescapeDataString(name)), "model"), ModelsJson.Wire.Removed);

    private static async Task<string> NameAsync(HttpRequest request) =>
        (await RequestReader.ReadAsync(request, ModelsJson.Wire.PullRequest)).Name is { } name && !string.IsNullOrWhiteSpace(name) && name.Length <= 1000
            ? name.Trim()
            : throw OpenAiException.InvalidRequest("'name' must say which model: owner/repo, owner/repo:Q4_K_M or https://…/file.gguf.", "name");

    /// <summary>A hub's faults as HTTP has them.</summary>
    public static async Task<T> FromHubAsync<T>(Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (HubException e)
        {
            throw e.Fault switch
            {
                HubFault.Name => OpenAiException.InvalidRequest(e.Message, "name"),
                HubFault.NotFound => OpenAiException.InvalidRequest(e.Message, "name", "not_found", NotFound),
                HubFault.Denied => OpenAiException.Unprocessable(e.Message, "hub_denied"),
                HubFault.Conflict => OpenAiException.Conflict(e.Message, "model_conflict"),
                HubFault.NoSpace => OpenAiException.StorageFull(e.Message),
                HubFault.Unreachable => OpenAiException.BadGateway(e.Message, "hub_unreachable"),
                _ => OpenAiException.Unprocessable(e.Message, "model_unusable"),
            };
        }
    }
}
