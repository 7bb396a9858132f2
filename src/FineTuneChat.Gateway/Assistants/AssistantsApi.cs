using FineTuneChat.Gateway.Access;
using FineTuneChat.Gateway.Learning.Erasure;
using FineTuneChat.Gateway.Serving;
using FineTuneChat.Gateway.Storage;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.Lists;
using FineTuneChat.Protocol.OpenAi;
using FineTuneChat.Protocol.Routes;

namespace FineTuneChat.Gateway.Assistants;

/// <summary><c>/api/assistants</c>: who can be asked; make, change, copy and delete.</summary>
internal static class AssistantsApi
{
    public static void MapAssistants(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder group = routes.MapGroup("/api/assistants").WithTags("Assistants");
        group.MapGet("", List).WithSummary("Assistants: settings, base, what they have learned").RequireScope(Scopes.Chat);
        group.MapPost("", CreateAsync).WithSummary("Makes an assistant; from: a copy of another with its examples and its version").RequireScope(Scopes.Admin)
            .Takes(typeof(AssistantRequest)).Stores()
            .Refuses(StatusCodes.Status404NotFound, StatusCodes.Status409Conflict, StatusCodes.Status422UnprocessableEntity);
        group.MapGet("{id}", Get).WithSummary("An assistant").RequireScope(Scopes.Chat).Refuses(StatusCodes.Status404NotFound);
        group.MapPatch("{id}", ChangeAsync).WithSummary("Changes an assistant").RequireScope(Scopes.Admin)
            .Takes(typeof(AssistantRequest)).Stores()
            .Refuses(StatusCodes.Status404NotFound, StatusCodes.Status409Conflict, StatusCodes.Status422UnprocessableEntity);
        group.MapDelete("{id}", RemoveAsync).WithSummary("Deletes an assistant with its conversations, examples, runs and versions").RequireScope(Scopes.Admin)
            .Refuses(StatusCodes.Status404NotFound, StatusCodes.Status409Conflict);
        group.MapGet("{id}/export", ExportAsync).WithSummary("An assistant as one file: settings, examples, adapter").RequireScope(Scopes.Admin)
            .AnswersText(AssistantFile.ContentType).Refuses(StatusCodes.Status404NotFound);
        group.MapPost("import", ImportAsync).WithSummary("Makes an assistant from such a file, or from a Modelfile").RequireScope(Scopes.Admin)
            .TakesForm(typeof(AssistantForm)).Stores().Refuses(StatusCodes.Status409Conflict, StatusCodes.Status422UnprocessableEntity);
    }

    private static JsonAnswer<ListPage<AssistantView>> List(Caller caller, AssistantManager manager)
    {
        IReadOnlyList<AssistantView> all = manager.List(caller);
        return ApiJson.Result(ListPage<AssistantView>.Of(all, all.Count, a => a.Id), AssistantsJson.Wire.ListPageAssistantView);
    }

    private static JsonAnswer<AssistantView> Get(string id, Caller caller, AssistantRegistry assistants, AssistantManager manager) =>
        Answer(assistants.Require(caller, id), manager);

    private static async Task<JsonAnswer<AssistantView>> CreateAsync(
        HttpRequest http, Caller caller, AssistantRegistry assistants, AssistantManager manager, AssistantFile files, CancellationToken cancellation)
    {
        AssistantRequest request = await RequestReader.ReadAsync(http, AssistantsJson.Wire.AssistantRequest);
        Assistant made = request.From is { } from
            ? await files.CopyAsync(assistants.Require(caller, from), request, cancellation)
            : await manager.CreateAsync(request);
        return Answer(made, manager);
    }

    private static async Task<JsonAnswer<AssistantView>> ChangeAsync(
        string id, HttpRequest http, Caller caller, AssistantRegistry assistants, AssistantManager manager)
    {
        AssistantRequest request = await RequestReader.ReadAsync(http, AssistantsJson.Wire.AssistantRequest);
        Assistant assistant = assistants.Require(caller, id);
        await manager.ChangeAsync(assistant, request);
        return Answer(assistant, manager);
    }

    private static async Task<JsonAnswer<AssistantErased>> RemoveAsync(string id, Caller caller, AssistantRegistry assistants, AssistantEraser eraser)
    {
        Assistant assistant = assistants.Require(caller, id);
        if (assistant == assistants.First)
            throw OpenAiException.Conflict(
                $"'{id}' is the first assistant, which is always there. Delete its conversations and imports one by one.", "first_assistant");
        return ApiJson.Result(await eraser.EraseAsync(assistant), AssistantsJson.Wire.AssistantErased);
    }

    private static async Task ExportAsync(string id, HttpContext http, Caller caller, AssistantRegistry assistants, AssistantFile files)
    {
        Assistant assistant = assistants.Require(caller, id);
        http.Response.ContentType = AssistantFile.ContentType;
        http.Response.Headers.ContentDisposition = $"attachment; filename=\"{assistant.Id}.zip\"";
        await files.WriteAsync(assistant, http.Response.BodyWriter.AsStream(), http.RequestAborted);
    }

    private static async Task<JsonAnswer<AssistantView>> ImportAsync(
        HttpRequest http, AssistantManager manager, AssistantFile files, CancellationToken cancellation) =>
        Answer(await AssistantUpload.ReadAsync(http, files, manager, cancellation), manager);

    private static JsonAnswer<AssistantView> Answer(Assistant assistant, AssistantManager manager) =>
        ApiJson.Result(manager.View(assistant), AssistantsJson.Wire.AssistantView);
}
