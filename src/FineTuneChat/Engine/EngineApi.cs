using System.Text.Json.Serialization;
using FineTuneChat.OpenAi;

namespace FineTuneChat.Engine;

/// <summary>The routes of the engine.</summary>
internal static class EngineApi
{
    private const int MaxThreads = 512; // ggml's limit

    public static void MapEngine(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/v1/chat/completions", ChatEndpoint.HandleAsync);
        routes.MapGet("/v1/models", Models);
        routes.MapGet("/v1/models/{**id}", Model);
        routes.MapGet("/health", Health);
        routes.MapPost("/internal/threads", SetThreadsAsync);
    }

    private static IResult Models(ServedModel model) => Results.Json(new ModelList { Data = [model.Card] }, OpenAiJson.Wire.ModelList);

    private static IResult Model(ServedModel model, string id)
    {
        string name = Uri.UnescapeDataString(id); // a slash in a name may come encoded
        return name == model.Alias ? Results.Json(model.Card, OpenAiJson.Wire.ModelObject) : throw OpenAiException.ModelNotFound(name, [model.Alias]);
    }

    private static IResult Health(ServedModel model) => model.Engine.Completion.IsCompleted
        ? throw OpenAiException.Unavailable("The engine has stopped.", TimeSpan.FromSeconds(2))
        : Results.Json(new EngineHealth("ok"), EngineJson.Default.EngineHealth);

    private static async Task<IResult> SetThreadsAsync(HttpContext http, ServedModel model, ILogger<ServedModel> log)
    {
        ThreadsBody body = await RequestReader.ReadAsync(http.Request, EngineJson.Default.ThreadsBody, http.RequestAborted);
        if (body.Threads is not (>= 1 and <= MaxThreads))
            throw OpenAiException.InvalidRequest($"'threads' must be from 1 to {MaxThreads}.", "threads");
        model.Engine.SetThreads(body.Threads.Value);
        log.ThreadsChanged(body.Threads.Value);
        return Results.Json(body, EngineJson.Default.ThreadsBody);
    }
}

internal sealed record EngineHealth(string Status);

/// <summary>Compute threads: training and serving share the cores.</summary>
internal sealed record ThreadsBody(int? Threads);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(EngineHealth))]
[JsonSerializable(typeof(ThreadsBody))]
internal sealed partial class EngineJson : JsonSerializerContext;
