using FineTuneChat.Gateway.Access;
using FineTuneChat.Gateway.Storage;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.Lists;
using FineTuneChat.Protocol.OpenAi;
using FineTuneChat.Protocol.Routes;

namespace FineTuneChat.Gateway.Learning.FineTuning;

/// <summary>OpenAI's <c>/v1/files</c>: what fine-tuning jobs learn from, for keys that may train, and documents, for those that may chat.</summary>
internal static class FilesApi
{
    public static void MapFiles(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder group = routes.MapGroup("/v1/files").WithTags("OpenAI").RequireScope(Scopes.Any);
        group.MapPost("", AddAsync).WithSummary("Uploads a file, as a form with the fields purpose and file").TakesForm(typeof(FileForm)).Stores();
        group.MapGet("", List).WithSummary("Uploaded files").Refuses(StatusCodes.Status400BadRequest);
        group.MapGet("{id}", Get).WithSummary("An uploaded file").Refuses(StatusCodes.Status404NotFound);
        group.MapGet("{id}/content", Content).WithSummary("What is in an uploaded file").AnswersText("application/octet-stream")
            .Refuses(StatusCodes.Status404NotFound);
        group.MapDelete("{id}", RemoveAsync).WithSummary("Deletes an uploaded file; what jobs have learned from it stays")
            .Refuses(StatusCodes.Status404NotFound);
    }

    private static async Task<JsonAnswer<UploadedFile>> AddAsync(HttpRequest request, Caller caller, UploadedFiles files, CancellationToken cancellation) =>
        ApiJson.Result(await FileUpload.ReadAsync(request, caller, files, cancellation), FineTuningJson.Wire.UploadedFile);

    private static JsonAnswer<ListPage<UploadedFile>> List(Caller caller, UploadedFiles files, string? purpose, string? limit, string? after) =>
        ApiJson.Result(files.List(caller, purpose, ListQuery.Of(limit, after)), FineTuningJson.Wire.ListPageUploadedFile);

    private static JsonAnswer<UploadedFile> Get(string id, Caller caller, UploadedFiles files) =>
        ApiJson.Result(files.Require(caller, id), FineTuningJson.Wire.UploadedFile);

    private static IResult Content(string id, Caller caller, UploadedFiles files)
    {
        UploadedFile file = files.Require(caller, id);
        return Results.File(files.Open(file.Id), "application/octet-stream", file.Filename);
    }

    private static async Task<JsonAnswer<Removed>> RemoveAsync(string id, Caller caller, UploadedFiles files) => await files.RemoveAsync(caller, id)
        ? ApiJson.Result(new Removed(id, "file"), FineTuningJson.Wire.Removed)
        : throw OpenAiException.NotFound("file", id);
}
