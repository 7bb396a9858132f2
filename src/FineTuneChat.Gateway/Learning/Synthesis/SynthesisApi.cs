using FineTuneChat.Gateway.Access;
using FineTuneChat.Gateway.Documents.Stores;
using FineTuneChat.Gateway.Learning.Examples;
using FineTuneChat.Gateway.Serving;
using FineTuneChat.Gateway.Storage;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.Lists;
using FineTuneChat.Protocol.OpenAi;
using FineTuneChat.Protocol.Routes;

namespace FineTuneChat.Gateway.Learning.Synthesis;

/// <summary><c>/api/synthesis</c>: from documents to training rows, and somebody who looks at them in between.</summary>
internal static class SynthesisApi
{
    public static void MapSynthesis(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder group = routes.MapGroup("/api/synthesis").WithTags("Learning").RequireScope(Scopes.Train);
        group.MapPost("", AddAsync).WithSummary("Begins to write questions and answers from documents, in the background")
            .Takes(typeof(SynthesisRequest)).Stores().Refuses(StatusCodes.Status404NotFound, StatusCodes.Status409Conflict);
        group.MapGet("", List).WithSummary("What rows are written from, the newest first").Refuses(StatusCodes.Status400BadRequest);
        group.MapGet("{id}", Get).WithSummary("How far it is, and what has become of its rows").Refuses(StatusCodes.Status404NotFound);
        group.MapDelete("{id}", RemoveAsync).WithSummary("Ends it and deletes its rows; what was imported stays").Refuses(StatusCodes.Status404NotFound);
        group.MapPost("{id}/cancel", CancelAsync).WithSummary("Ends it; the rows that are written stay")
            .Refuses(StatusCodes.Status404NotFound, StatusCodes.Status409Conflict);
        group.MapPost("{id}/import", ImportAsync).WithSummary("Imports the accepted rows; dry_run: a preview")
            .Takes(typeof(RowImportRequest), isOptional: true).Stores().Refuses(StatusCodes.Status404NotFound, StatusCodes.Status409Conflict);
        group.MapGet("{id}/rows", ListRows).WithSummary("Rows with their passages, as they were written").Refuses(StatusCodes.Status404NotFound);
        group.MapPatch("{id}/rows", ChangeRowsAsync).WithSummary("Accepts or drops all rows that nobody has looked at yet")
            .Takes(typeof(RowChange)).Stores().Refuses(StatusCodes.Status404NotFound);
        group.MapPatch("{id}/rows/{row:long}", ChangeRowAsync).WithSummary("Accepts, edits or drops a row")
            .Takes(typeof(RowChange)).Stores().Refuses(StatusCodes.Status404NotFound);
    }

    private static async Task<JsonAnswer<SynthesisJob>> AddAsync(
        HttpRequest http, Caller caller, Assistant assistant, VectorStores stores, StoreFiles entries, RowModels models, SynthesisStore jobs,
        SynthesisWorker worker)
    {
        SynthesisRequest request = await RequestReader.ReadAsync(http, SynthesisJson.Wire.SynthesisRequest);
        request.Validate();
        VectorStore store = stores.Require(caller, request.VectorStoreId!);
        string? status = request.FileId is { } file ? entries.Require(store.Id, file).Status : null;
        if ((status ?? store.Status) == "in_progress")
            throw OpenAiException.Conflict("The documents are still being read. Ask again when their status is 'completed'.", "documents_in_progress");
        if (status == "failed" || store.Vectors.Total == 0)
            throw OpenAiException.Conflict("No passage of the documents could be read; their 'last_error' says why.", "no_passages");
        string id = await jobs.AddAsync(caller, assistant.Id, models.WriterFor(assistant), request);
        worker.Wake();
        return ApiJson.Result(jobs.Require(caller, id).ToJob(), SynthesisJson.Wire.SynthesisJob);
    }

    private static JsonAnswer<ListPage<SynthesisJob>> List(
        Caller caller, Assistant assistant, SynthesisStore jobs, [Microsoft.AspNetCore.Mvc.FromQuery(Name = "vector_store_id")] string? store,
        string? limit, string? after)
    {
        ListQuery page = ListQuery.Of(limit, after);
        return ApiJson.Result(
            ListPage<SynthesisJob>.Of([.. jobs.List(caller, assistant.Id, store, page).Select(job => job.ToJob())], page.Limit, job => job.Id),
            SynthesisJson.Wire.ListPageSynthesisJob);
    }

    private static JsonAnswer<SynthesisJob> Get(string id, Caller caller, SynthesisStore jobs) =>
        ApiJson.Result(jobs.Require(caller, id).ToJob(), SynthesisJson.Wire.SynthesisJob);

    private static async Task<JsonAnswer<Removed>> RemoveAsync(string id, Caller caller, SynthesisStore jobs, SynthesisWorker worker)
    {
        jobs.Require(caller, id);
        await worker.RemoveAsync(id);
        return ApiJson.Result(new Removed(id, "synthesis.deleted"), SynthesisJson.Wire.Removed);
    }

    private static async Task<JsonAnswer<SynthesisJob>> CancelAsync(string id, Caller caller, SynthesisStore jobs, SynthesisWorker worker)
    {
        jobs.Require(caller, id);
        if (!await worker.CancelAsync(id))
            throw OpenAiException.Conflict("It has ended already.", "not_running");
        return ApiJson.Result(jobs.Require(caller, id).ToJob(), SynthesisJson.Wire.SynthesisJob);
    }

    private static async Task<JsonAnswer<ImportReport>> ImportAsync(
        string id, HttpRequest http, Caller caller, SynthesisStore jobs, SyntheticRows rows, CancellationToken cancellation)
    {
        RowImportRequest request = http.ContentLength is 0 or null && !http.Headers.TransferEncoding.Any()
            ? new()
            : await RequestReader.ReadAsync(http, SynthesisJson.Wire.RowImportRequest);
        return ApiJson.Result(await rows.ImportAsync(jobs.Require(caller, id), request.DryRun ?? false, cancellation), ExamplesJson.Wire.ImportReport);
    }

    private static JsonAnswer<ListPage<SyntheticRow>> ListRows(
        string id, Caller caller, SynthesisStore jobs, SyntheticRows rows, string? status, string? limit, string? after)
    {
        jobs.Require(caller, id);
        if (status is not (null or RowStatus.Open or RowStatus.Accepted or RowStatus.Dropped))
            throw OpenAiException.InvalidRequest($"'status' is '{status}'; allowed: open, accepted, dropped.", "status");
        return ApiJson.Result(rows.List(id, status, ListQuery.Of(limit, after)), SynthesisJson.Wire.ListPageSyntheticRow);
    }

    private static async Task<JsonAnswer<RowsChanged>> ChangeRowsAsync(
        string id, HttpRequest http, Caller caller, SynthesisStore jobs, SyntheticRows rows)
    {
        RowChange change = await RequestReader.ReadAsync(http, SynthesisJson.Wire.RowChange);
        change.Validate();
        jobs.Require(caller, id);
        if (change is not { Status: RowStatus.Accepted or RowStatus.Dropped, Question: null, Answer: null })
            throw OpenAiException.InvalidRequest("Of all rows, 'status' alone can be set: accepted or dropped.", "status");
        return ApiJson.Result(new RowsChanged(await rows.ChangeOpenAsync(id, change.Status)), SynthesisJson.Wire.RowsChanged);
    }

    private static async Task<JsonAnswer<SyntheticRow>> ChangeRowAsync(
        string id, long row, HttpRequest http, Caller caller, SynthesisStore jobs, SyntheticRows rows)
    {
        RowChange change = await RequestReader.ReadAsync(http, SynthesisJson.Wire.RowChange);
        change.Validate();
        jobs.Require(caller, id);
        return ApiJson.Result(await rows.ChangeAsync(id, row, change), SynthesisJson.Wire.SyntheticRow);
    }
}
