using FineTuneChat.Gateway.Access;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Serving;

/// <summary><c>/v1/models</c> and <c>/health</c>.</summary>
internal static class ModelsApi
{
    public static void MapModels(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/models", (EngineRouter engines) => ApiJson.Result(new ModelList { Data = engines.Models() }, OpenAiJson.Wire.ModelList))
            .RequireScope(Scopes.Chat);
        routes.MapGet("/v1/models/{**id}", Get).RequireScope(Scopes.Chat); // ids may contain slashes
        routes.MapGet("/health", Health).AllowEverybody();
    }

    private static IResult Get(string id, EngineRouter engines)
    {
        IReadOnlyList<ModelObject> models = engines.Models();
        string name = Uri.UnescapeDataString(id);
        ModelObject model = models.FirstOrDefault(m => m.Id == name) ?? throw OpenAiException.ModelNotFound(name, models.Select(m => m.Id));
        return ApiJson.Result(model, OpenAiJson.Wire.ModelObject);
    }

    private static IResult Health(EngineRouter engines) => engines.IsReady
        ? ApiJson.Result(new HealthState("ok"), ServingJson.Wire.HealthState)
        : throw OpenAiException.Unavailable($"The engine of {engines.ActiveAlias} is not ready.", TimeSpan.FromSeconds(1));
}

internal sealed record HealthState(string Status);
