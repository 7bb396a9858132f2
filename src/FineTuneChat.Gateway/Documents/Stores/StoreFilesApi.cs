using FineTuneChat.Gateway.Access;
using FineTuneChat.Gateway.Learning.FineTuning;
using FineTuneChat.Gateway.Storage;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.Lists;
using FineTuneChat.Protocol.OpenAi;
using FineTuneChat.Protocol.Routes;

namespace FineTuneChat.Gateway.Documents.Stores;

/// <summary>OpenAI's <c>/v1/vector_stores/{id}/files</c>: the documents of a collection.</summary>
internal static class StoreFilesApi
{
    public static void MapVectorStoreFiles(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder group = routes.MapGroup("/v1/vector_stores/{id}/files").WithTags("OpenAI").RequireScope(Scopes.Chat)
            .Refuses(StatusCodes.Status404NotFound);
        group.MapPost("", AddAsync).WithSummary("Puts an uploaded file into a collection; it is read in the background")
            .Takes(typeof(VectorStoreFileRequest)).Stores();
        group.MapGet("", List).WithSummary("Documents of a collection").Refuses(StatusCodes.Status400BadRequest);
        group.MapGet("{file}", Get).WithSummary("A document of a collection, and how far it has been read");
        group.MapPost("{file}", ChangeAsync).WithSummary("Sets a document's attributes").Takes(typeof(VectorStoreFileRequest));
        group.MapGet("{file}/content", Content).WithSummary("A document's text, passage by passage");
        group.MapDelete("{file}", RemoveAsync).WithSummary("Takes a document out of a collection, with its passages; the uploaded file stays");
    }

    private static async Task<JsonAnswer<VectorStoreFile>> AddAsync(
        string id, HttpRequest http, Caller caller, VectorStores stores, StoreFiles entries, UploadedFiles files, DocumentIngestion ingestion)
    {
        VectorStoreFileRequest request = await RequestReader.ReadAsync(http, DocumentsJson.Wire.VectorStoreFileRequest);
        stores.Require(caller, id);
        string file = request.FileId ?? throw OpenAiException.MissingParameter("file_id");
        files.Require(caller, file);
        await entries.AddAsync(id, file, request.Attributes);
        ingestion.Wake();
        return ApiJson.Result(entries.Require(id, file), DocumentsJson.Wire.VectorStoreFile);
    }

    private static JsonAnswer<ListPage<VectorStoreFile>> List(
        string id, Caller caller, VectorStores stores, StoreFiles entries, string? filter, string? limit, string? after)
    {
        stores.Require(caller, id);
        return ApiJson.Result(entries.List(id, filter, ListQuery.Of(limit, after)), DocumentsJson.Wire.ListPageVectorStoreFile);
    }

    private static JsonAnswer<VectorStoreFile> Get(string id, string file, Caller caller, VectorStores stores, StoreFiles entries)
    {
        stores.Require(caller, id);
        return ApiJson.Result(entries.Require(id, file), DocumentsJson.Wire.VectorStoreFile);
    }

    private static async Task<JsonAnswer<VectorStoreFile>> ChangeAsync(
        string id, string file, HttpRequest http, Caller caller, VectorStores stores, StoreFiles entries)
    {
        VectorStoreFileRequest request = await RequestReader.ReadAsync(http, DocumentsJson.Wire.VectorStoreFileRequest);
        stores.Require(caller, id);
        entries.Require(id, file);
        await entries.ChangeAsync(id, file, request.Attributes);
        return ApiJson.Result(entries.Require(id, file), DocumentsJson.Wire.VectorStoreFile);
    }

    private static JsonAnswer<FileContentPage> Content(string id, string file, Caller caller, VectorStores stores, StoreFiles entries)
    {
        stores.Require(caller, id);
        entries.Require(id, file);
        return ApiJson.Result(new FileContentPage(entries.Content(id, file)), DocumentsJson.Wire.FileContentPage);
    }

    private static async Task<JsonAnswer<Removed>> RemoveAsync(string id, string file, Caller caller, VectorStores stores, StoreFiles entries)
    {
        stores.Require(caller, id);
        entries.Require(id, file);
        await entries.RemoveAsync(id, file);
        return ApiJson.Result(new Removed(file, "vector_store.file.deleted"), DocumentsJson.Wire.Removed);
    }
}
