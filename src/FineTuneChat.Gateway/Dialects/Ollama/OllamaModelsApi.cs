using FineTuneChat.Gateway.Access;
using FineTuneChat.Gateway.Models.Manager;
using FineTuneChat.Gateway.Storage;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.OpenAi;
using FineTuneChat.Protocol.Routes;

namespace FineTuneChat.Gateway.Dialects.Ollama;

/// <summary>
/// Ollama's routes about models: <c>/api/version</c>, <c>/api/tags</c>, <c>/api/show</c>, <c>/api/ps</c>, <c>/api/copy</c>, <c>/api/create</c>,
/// <c>/api/delete</c>.
/// </summary>
internal static class OllamaModelsApi
{
    /// <summary>The version of Ollama whose API this is: clients refuse older ones.</summary>
    private const string Version = "0.13.0";

    public static void MapOllamaModels(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder group = routes.MapGroup("/api").WithTags("Ollama").RequireScope(Scopes.Chat).WritesErrorsAs(OllamaErrors.Shape);
        group.MapGet("version", GetVersion).WithSummary("The version of Ollama's API that is spoken");
        group.MapGet("tags", List).WithSummary("Every model, and the caller's presets");
        group.MapGet("ps", Running).WithSummary("The models that are loaded");
        group.MapPost("show", ShowAsync).WithSummary("What a model is and can do").Takes(typeof(OllamaModelRequest)).Refuses(StatusCodes.Status404NotFound);
        group.MapPost("copy", CopyAsync).WithSummary("Another name for a model, or for a preset").Takes(typeof(OllamaCopyRequest)).Stores()
            .Refuses(StatusCodes.Status404NotFound, StatusCodes.Status409Conflict);
        group.MapDelete("delete", RemoveAsync).WithSummary("Deletes a preset; with the scope admin a model's files, too").Takes(typeof(OllamaModelRequest))
            .Refuses(StatusCodes.Status404NotFound, StatusCodes.Status409Conflict);
        group.MapPost("create", CreateAsync).WithSummary("A preset: a name for a model with a system prompt and parameters")
            .Takes(typeof(OllamaCreateRequest)).Answers(typeof(OllamaStatus)).Stores().Refuses(StatusCodes.Status404NotFound, StatusCodes.Status409Conflict);
    }

    private static JsonAnswer<OllamaVersion> GetVersion() => ApiJson.Result(new OllamaVersion(Version), OllamaJson.Wire.OllamaVersion);

    private static JsonAnswer<OllamaModelList> List(Caller caller, OllamaModels models) =>
        ApiJson.Result(new OllamaModelList(models.List(caller)), OllamaJson.Wire.OllamaModelList);

    private static JsonAnswer<OllamaModelList> Running(Caller caller, OllamaModels models) =>
        ApiJson.Result(new OllamaModelList(models.Running(caller)), OllamaJson.Wire.OllamaModelList);

    private static async Task<JsonAnswer<OllamaModelInfo>> ShowAsync(HttpRequest http, Caller caller, OllamaModels models)
    {
        OllamaModelRequest request = await RequestReader.ReadAsync(http, OllamaJson.Default.OllamaModelRequest);
        return ApiJson.Result(models.Show(caller, request.Model ?? request.Name), OllamaJson.Wire.OllamaModelInfo);
    }

    private static async Task<JsonAnswer<OllamaStatus>> CopyAsync(HttpRequest http, Caller caller, OllamaModels models)
    {
        OllamaCopyRequest request = await RequestReader.ReadAsync(http, OllamaJson.Default.OllamaCopyRequest);
        if (string.IsNullOrEmpty(request.Source))
            throw OpenAiException.InvalidRequest("'source' must name a model.", "source");
        await models.SaveAsync(caller, request.Destination, request.Source, system: null, parameters: null);
        return ApiJson.Result(new OllamaStatus("success"), OllamaJson.Wire.OllamaStatus);
    }

    private static async Task<JsonAnswer<OllamaStatus>> RemoveAsync(HttpRequest http, Caller caller, OllamaModels models, ModelManager manager)
    {
        string name = (await RequestReader.ReadAsync(http, OllamaJson.Default.OllamaModelRequest)).Named();
        if (!await models.RemovePresetAsync(caller, name))
        {
            caller.Require(Scopes.Admin);
            await manager.RemoveAsync(name);
        }
        return ApiJson.Result(new OllamaStatus("success"), OllamaJson.Wire.OllamaStatus);
    }

    private static async Task CreateAsync(HttpContext http, Caller caller, OllamaModels models)
    {
        OllamaCreateRequest request = await RequestReader.ReadAsync(http.Request, OllamaJson.Default.OllamaCreateRequest);
        RefuseWhatIsNoPreset(request);
        OllamaCreateRequest preset = request.Modelfile is { } text ? Modelfile.Read(text) : request;
        if (string.IsNullOrEmpty(preset.From))
            throw OpenAiException.InvalidRequest("'from' must name a model that is here.", "from");
        await models.SaveAsync(caller, request.Model ?? request.Name, preset.From, preset.System, preset.Parameters);
        if (request.Stream == false)
        {
            await http.Response.WriteAsJsonAsync(new OllamaStatus("success"), OllamaJson.Wire.OllamaStatus, contentType: null, http.RequestAborted);
            return;
        }
        var lines = new NdjsonWriter(http.Response);
        lines.Write(new OllamaStatus("writing preset"), OllamaJson.Wire.OllamaStatus);
        lines.Write(new OllamaStatus("success"), OllamaJson.Wire.OllamaStatus);
        await http.Response.BodyWriter.FlushAsync(http.RequestAborted);
    }

    private static void RefuseWhatIsNoPreset(OllamaCreateRequest request)
    {
        string? other = request.Files is not null ? "files" : request.Adapters is not null ? "adapters" : request.Template is not null ? "template"
            : request.Quantize is not null ? "quantize" : request.Messages is not null ? "messages" : null;
        if (other is not null)
            throw Modelfile.Unsupported(other);
    }
}
