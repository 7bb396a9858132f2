using FineTuneChat.Gateway.Access;
using FineTuneChat.Gateway.Documents.Search;
using FineTuneChat.Gateway.Learning.FineTuning;
using FineTuneChat.Gateway.Storage;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.Lists;
using FineTuneChat.Protocol.OpenAi;
using FineTuneChat.Protocol.Routes;

namespace FineTuneChat.Gateway.Documents.Stores;

/// <summary>OpenAI's <c>/v1/vector_stores</c>: collections of documents, and the search in them.</summary>
internal static class VectorStoresApi
{
    public static void MapVectorStores(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder group = routes.MapGroup("/v1/vector_stores").WithTags("OpenAI").RequireScope(Scopes.Chat);
        group.MapPost("", CreateAsync).WithSummary("Makes a collection of documents").Takes(typeof(VectorStoreRequest), isOptional: true).Stores();
        group.MapGet("", List).WithSummary("Collections of documents").Refuses(StatusCodes.Status400BadRequest);
        group.MapGet("{id}", Get).WithSummary("A collection").Refuses(StatusCodes.Status404NotFound);
        group.MapPost("{id}", ChangeAsync).WithSummary("Renames a collection").Takes(typeof(VectorStoreRequest)).Refuses(StatusCodes.Status404NotFound);
        group.MapDelete("{id}", RemoveAsync).WithSummary("Deletes a collection with its passages; the uploaded files stay")
            .Refuses(StatusCodes.Status404NotFound);
        group.MapPost("{id}/search", SearchAsync).WithSummary("Passages for a question, the best first").Takes(typeof(SearchRequest))
            .Refuses(StatusCodes.Status404NotFound);
    }

    private static async Task<JsonAnswer<VectorStore>> CreateAsync(
        HttpRequest http, Caller caller, VectorStores stores, StoreFiles entries, UploadedFiles files, DocumentIngestion ingestion)
    {
        VectorStoreRequest request = http.ContentLength is 0 or null && !http.Headers.TransferEncoding.Any()
            ? new()
            : await RequestReader.ReadAsync(http, DocumentsJson.Wire.VectorStoreRequest);
        foreach (string file in request.FileIds ?? [])
            files.Require(caller, file);
        string id = await stores.CreateAsync(caller, request);
        foreach (string file in request.FileIds ?? [])
            await entries.AddAsync(id, file, attributes: null);
        ingestion.Wake();
        return ApiJson.Result(stores.Require(caller, id), DocumentsJson.Wire.VectorStore);
    }

    private static JsonAnswer<ListPage<VectorStore>> List(Caller caller, VectorStores stores, string? limit, string? after) =>
        ApiJson.Result(stores.List(caller, ListQuery.Of(limit, after)), DocumentsJson.Wire.ListPageVectorStore);

    private static JsonAnswer<VectorStore> Get(string id, Caller caller, VectorStores stores) =>
        ApiJson.Result(stores.Require(caller, id), DocumentsJson.Wire.VectorStore);

    private static async Task<JsonAnswer<VectorStore>> ChangeAsync(string id, HttpRequest http, Caller caller, VectorStores stores)
    {
        VectorStoreRequest request = await RequestReader.ReadAsync(http, DocumentsJson.Wire.VectorStoreRequest);
        stores.Require(caller, id);
        await stores.ChangeAsync(id, request);
        return ApiJson.Result(stores.Require(caller, id), DocumentsJson.Wire.VectorStore);
    }

    private static async Task<JsonAnswer<Removed>> RemoveAsync(string id, Caller caller, VectorStores stores)
    {
        stores.Require(caller, id);
        await stores.RemoveAsync(id);
        return ApiJson.Result(new Removed(id, "vector_store.deleted"), DocumentsJson.Wire.Removed);
    }

    private static async Task<JsonAnswer<SearchPage>> SearchAsync(
        string id, HttpRequest http, Caller caller, VectorStores stores, DocumentSearch search, CancellationToken cancellation)
    {
        SearchRequest request = await RequestReader.ReadAsync(http, DocumentsJson.Wire.SearchRequest);
        stores.Require(caller, id);
        request.Validate();
        IReadOnlyList<FoundPassage> found = await search.FindAsync([id], request.Text, request.MaxNumResults ?? SearchRequest.DefaultResults,
            request.Filters, request.RankingOptions?.ScoreThreshold ?? 0, cancellation);
        return ApiJson.Result(SearchPage.Of(request, found), DocumentsJson.Wire.SearchPage);
    }
}
