using FineTuneChat.Gateway.Access;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.OpenAi;
using FineTuneChat.Protocol.Routes;

namespace FineTuneChat.Gateway.Serving;

/// <summary><c>/v1/models</c> and <c>/health</c>.</summary>
internal static class ModelsApi
{
    public static void MapModels(this IEndpointRouteBuilder routes)
    {
        foreach (string prefix in ApiPaths.Prefixes)
        {
            RouteGroupBuilder group = routes.MapGroup($"{prefix}/models").WithTags("OpenAI").RequireScope(Scopes.Chat);
            group.MapGet("", List).WithSummary("The assistants, their versions, every other GGUF by its name");
            group.MapGet("{**id}", Get).WithSummary("A model").Refuses(StatusCodes.Status404NotFound); // ids may contain slashes
        }
        routes.MapGet("/health", Health).WithTags("Server").WithSummary("Whether an engine answers")
            .AllowEverybody().Refuses(StatusCodes.Status503ServiceUnavailable);
    }

    private static JsonAnswer<ModelList> List(Caller caller, ModelDirectory directory) =>
        ApiJson.Result(new ModelList { Data = directory.Models(caller) }, OpenAiJson.Wire.ModelList);

    private static JsonAnswer<ModelObject> Get(string id, Caller caller, ModelDirectory directory)
    {
        IReadOnlyList<ModelObject> models = directory.Models(caller);
        string? name = ModelName.WithoutTag(Uri.UnescapeDataString(id));
        ModelObject model = models.FirstOrDefault(m => m.Id == name) ?? throw OpenAiException.ModelNotFound(name, models.Select(m => m.Id));
        return ApiJson.Result(model, OpenAiJson.Wire.ModelObject);
    }

    private static JsonAnswer<HealthState> Health(EngineRouter engines) => engines.IsReady
        ? ApiJson.Result(new HealthState("ok"), ServingJson.Wire.HealthState)
        : throw OpenAiException.Unavailable($"The engine of {engines.ActiveAlias} is not ready.{Outage(engines)}", TimeSpan.FromSeconds(1));

    /// <summary>Whose fault it is; why is not for everybody.</summary>
    private static string Outage(EngineRouter engines) =>
        engines.ActiveOf(AssistantNames.Default) is { IsElsewhere: true } ? " No replica of the upstream answers as it should: see the server's log." : "";
}

internal sealed record HealthState(string Status);
