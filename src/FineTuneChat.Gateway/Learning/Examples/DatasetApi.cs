using System.Text;
using FineTuneChat.Datasets.Reports;
using FineTuneChat.Gateway.Access;
using FineTuneChat.Gateway.Learning.Rewordings;
using FineTuneChat.Gateway.Serving;
using FineTuneChat.Gateway.Storage;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.Lists;
using FineTuneChat.Protocol.OpenAi;
using FineTuneChat.Protocol.Routes;

namespace FineTuneChat.Gateway.Learning.Examples;

/// <summary><c>/api/dataset</c>: what the next run would learn from.</summary>
internal static class DatasetApi
{
    public static void MapDataset(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder group = routes.MapGroup("/api/dataset").WithTags("Learning").RequireScope(Scopes.Train);
        group.MapGet("", List).WithSummary("What the next run would learn from").Refuses(StatusCodes.Status400BadRequest);
        group.MapPatch("{id}", ChangeAsync).WithSummary("Keeps an example aside, restores it, edits it")
            .Takes(typeof(DatasetChange)).Stores().Refuses(StatusCodes.Status404NotFound);
        group.MapPost("import", ImportAsync).WithSummary("Imports a dataset: JSON, CSV, XLSX, Parquet, exports of chats; dry_run: a preview")
            .Takes(typeof(ImportRequest)).Stores();
        group.MapGet("export", Export).WithSummary("What is accepted, as JSON lines").AnswersText("application/jsonl");
    }

    private static JsonAnswer<ListPage<DatasetItem>> List(
        Assistant assistant, ExampleStore store, string? status, string? q, string? import, string? limit, string? after)
    {
        if (status is not (null or ExampleStatus.Accepted or ExampleStatus.Unwanted or ExampleStatus.Excluded or ExampleStatus.Withdrawn))
            throw OpenAiException.InvalidRequest($"'status' is '{status}'; allowed: accepted, unwanted, excluded, withdrawn.", "status");
        return ApiJson.Result(store.List(assistant.Id, status, q, import, ListQuery.Of(limit, after)), ExamplesJson.Wire.ListPageDatasetItem);
    }

    private static async Task<JsonAnswer<DatasetItem>> ChangeAsync(string id, Caller caller, HttpRequest request, ExampleStore store)
    {
        DatasetChange change = await RequestReader.ReadAsync(request, ExamplesJson.Wire.DatasetChange);
        if (change.Status is not (null or ExampleStatus.Accepted or ExampleStatus.Excluded))
            throw OpenAiException.InvalidRequest($"'status' is '{change.Status}'; allowed: accepted, excluded.", "status");
        if (change is { Status: null, Messages: null, Rewordings: null })
            throw OpenAiException.InvalidRequest("Give at least one of 'status', 'messages' and 'rewordings'.", "status");
        if (change.Messages is not null && ExampleRules.Problem(change.Messages) is { } problem)
            throw OpenAiException.InvalidRequest(problem, "messages");
        if (RewordingRules.Problem(change.Rewordings ?? []) is { } wrong)
            throw OpenAiException.InvalidRequest(wrong, "rewordings");
        DatasetItem item = await store.ChangeAsync(caller, id, change) ?? throw OpenAiException.NotFound("example", id);
        return ApiJson.Result(item, ExamplesJson.Wire.DatasetItem);
    }

    private static async Task<JsonAnswer<ImportReport>> ImportAsync(
        HttpRequest request, Assistant assistant, ExampleImport imports, CancellationToken cancellation)
    {
        ImportRequest import = await RequestReader.ReadAsync(request, ExamplesJson.Wire.ImportRequest);
        (DatasetSource source, bool isDryRun) = import.Validate();
        try
        {
            (ImportReport report, _) = await imports.RunAsync(assistant.Id, source, isDryRun, cancellation);
            return ApiJson.Result(report, ExamplesJson.Wire.ImportReport);
        }
        catch (DatasetQuestionException e)
        {
            bool isOfColumns = e.Kind == DatasetQuestion.Columns;
            throw OpenAiException.InvalidRequest(e.Message, isOfColumns ? "map" : "as", isOfColumns ? "columns_unclear" : "speaker_unclear");
        }
        catch (InvalidDataException e)
        {
            throw OpenAiException.InvalidRequest(e.Message, "text");
        }
    }

    /// <summary>What a run would learn, as a file that any trainer reads.</summary>
    private static IResult Export(Assistant assistant, ExampleStore store) => Results.File(
        Encoding.UTF8.GetBytes(string.Concat(store.Rows(assistant.Id).Select(row => row + "\n"))), "application/jsonl", "dataset.jsonl");
}
