using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using FineTuneChat.Engine.Adapters;
using FineTuneChat.Engine.Completions;
using FineTuneChat.Engine.Status;
using FineTuneChat.Engine.Tokens;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.LlamaServer;
using FineTuneChat.Protocol.OpenAi;
using FineTuneChat.Protocol.Processes;

namespace FineTuneChat.Engine;

/// <summary>The routes of the engine.</summary>
internal static partial class EngineApi
{
    private const int MaxThreads = 512; // ggml's limit

    public static void MapEngine(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/v1/chat/completions", ChatEndpoint.HandleAsync);
        routes.MapPost("/v1/completions", TextCompletionEndpoint.HandleAsync);
        routes.MapPost("/v1/embeddings", EmbeddingsEndpoint.HandleAsync);
        routes.MapPost("/v1/rerank", RerankEndpoint.HandleAsync);
        routes.MapGet("/v1/models", Models);
        routes.MapGet("/v1/models/{**id}", Model);
        routes.MapGet("/health", Health);
        routes.MapGet("/props", (HttpContext http, ServedModel model) =>
            Results.Json(ModelProperties.Of(model, model.NameOf(http, name: null)), EngineJson.Wire.JsonObject));
        routes.MapGet("/metrics", (ServedModel model) => Results.Text(MetricsText.Of(model), MetricsText.ContentType));
        routes.MapTokenization();
        routes.MapAdapters();
        routes.MapPost(TalkFolds.Path, FoldsEndpoint.HandleAsync);
        routes.MapPost("/internal/threads", SetThreadsAsync);
    }

    private static IResult Models(ServedModel model) => Results.Json(new ModelList { Data = model.Cards }, OpenAiJson.Wire.ModelList);

    private static IResult Model(ServedModel model, string id)
    {
        string name = Uri.UnescapeDataString(id); // a slash in a name may come encoded
        IReadOnlyList<ModelObject> cards = model.Cards;
        ModelObject card = cards.FirstOrDefault(c => c.Id == name) ?? throw OpenAiException.ModelNotFound(name, cards.Select(c => c.Id));
        return Results.Json(card, OpenAiJson.Wire.ModelObject);
    }

    private static IResult Health(ServedModel model) => model.Engine.Completion.IsCompleted
        ? throw OpenAiException.Unavailable("The engine has stopped.", TimeSpan.FromSeconds(2))
        : Results.Json(new EngineHealth("ok"), EngineJson.Default.EngineHealth);

    private static async Task<IResult> SetThreadsAsync(HttpContext http, ServedModel model, ILogger<ServedModel> log)
    {
        ThreadsBody body = await RequestReader.ReadAsync(http.Request, EngineJson.Default.ThreadsBody);
        if (body.Threads is not (>= 1 and <= MaxThreads))
            throw OpenAiException.InvalidRequest($"'threads' must be from 1 to {MaxThreads}.", "threads");
        model.Engine.SetThreads(body.Threads.Value);
        LogThreads(log, body.Threads.Value);
        return Results.Json(body, EngineJson.Default.ThreadsBody);
    }

    [LoggerMessage(2005, LogLevel.Information, "computing with {Threads} threads from now on")]
    private static partial void LogThreads(ILogger log, int threads);
}

internal sealed record EngineHealth(string Status);

/// <summary>Compute threads: training and serving share the cores.</summary>
internal sealed record ThreadsBody(int? Threads);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, AllowDuplicateProperties = false)]
[JsonSerializable(typeof(EngineHealth))]
[JsonSerializable(typeof(ThreadsBody))]
[JsonSerializable(typeof(RerankRequest))]
[JsonSerializable(typeof(RerankAnswer))]
[JsonSerializable(typeof(TokenizeRequest))]
[JsonSerializable(typeof(TokenList))]
[JsonSerializable(typeof(DetokenizeRequest))]
[JsonSerializable(typeof(DetokenizedText))]
[JsonSerializable(typeof(ApplyTemplateRequest))]
[JsonSerializable(typeof(RenderedTemplate))]
[JsonSerializable(typeof(TalkFolds))]
[JsonSerializable(typeof(JsonObject))]
internal sealed partial class EngineJson : JsonSerializerContext
{
    /// <summary>What is sent: non-ASCII text as it is (this is JSON, never HTML).</summary>
    public static EngineJson Wire => field ??= new(RelaxedJson.Like(Default.Options));
}
