using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using FineTuneChat.Gateway.Access;
using FineTuneChat.Protocol.LlamaServer;
using FineTuneChat.Protocol.OpenAi;
using FineTuneChat.Protocol.Routes;

namespace FineTuneChat.Gateway.Serving;

/// <summary>Routes that engines answer by themselves, passed to the engine of the request's model. Not logged, since the answers cannot be rated.</summary>
internal static class EngineRoutesApi
{
    private const string Llama = "llama-server";

    public static void MapEngineRoutes(this IEndpointRouteBuilder routes)
    {
        foreach (string prefix in ApiPaths.Prefixes)
        {
            Pass("/v1/completions", "OpenAI", "A text goes on", typeof(TextCompletionRequest), typeof(TextCompletion), $"{prefix}/completions")
                .IsChat().Streams(typeof(TextCompletion));
            routes.MapPost($"{prefix}/embeddings", EmbedAsync).WithTags("OpenAI").WithSummary("Vectors of texts").RequireScope(Scopes.Chat).IsChat()
                .Takes(typeof(EmbeddingRequest)).Answers(typeof(EmbeddingList))
                .Refuses(StatusCodes.Status404NotFound, StatusCodes.Status429TooManyRequests, StatusCodes.Status503ServiceUnavailable);
        }
        Pass("/tokenize", Llama, "A text as token ids", typeof(TokenizeRequest), typeof(TokenList));
        Pass("/detokenize", Llama, "Token ids as text", typeof(DetokenizeRequest), typeof(DetokenizedText));
        Pass("/apply-template", Llama, "Messages as the text that the model reads", typeof(ApplyTemplateRequest), typeof(RenderedTemplate));
        routes.MapGet("/props", PropsAsync).WithTags(Llama).WithSummary("What the model is, its template and defaults")
            .RequireScope(Scopes.Chat).Answers(typeof(JsonObject)).Refuses(StatusCodes.Status404NotFound, StatusCodes.Status503ServiceUnavailable);
        routes.MapGet("/metrics", MetricsAsync).WithTags("Server").WithSummary("Prometheus metrics").RequireScope(Scopes.Admin).AnswersText("text/plain");

        RouteHandlerBuilder Pass(string path, string tag, string summary, Type body, Type answer, string? route = null) => routes
            .MapPost(route ?? path, (HttpContext http, EngineRouter engines) => PassAsync(http, engines, path))
            .WithTags(tag).WithSummary(summary).RequireScope(Scopes.Chat).Takes(body).Answers(answer)
            .Refuses(StatusCodes.Status404NotFound, StatusCodes.Status429TooManyRequests, StatusCodes.Status503ServiceUnavailable);
    }

    private static async Task PassAsync(HttpContext http, EngineRouter engines, string path)
    {
        byte[] body = await RequestReader.ReadBodyAsync(http.Request);
        using EngineLease lease = engines.Acquire(Caller.Of(http), ModelOf(body));
        await EngineProxy.RunAsync(http, lease, path, body);
    }

    private static async Task EmbedAsync(HttpContext http, EmbeddingProxy embeddings)
    {
        byte[] body = await RequestReader.ReadBodyAsync(http.Request);
        await embeddings.RunAsync(http, ModelOf(body), body);
    }

    private static async Task PropsAsync(HttpContext http, EngineRouter engines, string? model)
    {
        using EngineLease lease = engines.Acquire(Caller.Of(http), model);
        await EngineProxy.RunAsync(http, lease, "/props", body: null);
    }

    /// <summary>The gateway's own figures, then those of the engine in service when it is ready.</summary>
    private static async Task MetricsAsync(HttpContext http, EngineRouter engines)
    {
        var text = new StringBuilder();
        Gauge("finetunechat:engine_ready", "Whether the engine in service answers.", engines.IsReady ? 1 : 0);
        Gauge("finetunechat:engine_processes", "Engines that run, retired ones included.", engines.ProcessCount);
        Gauge("finetunechat:gateway_memory_bytes", "Memory of this process.", Environment.WorkingSet);
        if (engines.IsReady)
        {
            using EngineLease lease = engines.Acquire(Caller.Of(http), model: null);
            (long memory, string figures) = await OfEngineAsync(lease, http.RequestAborted);
            Gauge("finetunechat:engine_memory_bytes", "Memory of the engine in service, its model's file included as far as it is read.", memory);
            text.Append(figures);
        }

        http.Response.ContentType = "text/plain; version=0.0.4; charset=utf-8";
        await http.Response.WriteAsync(text.ToString(), http.RequestAborted);

        void Gauge(string name, string help, long value) =>
            text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {help}\n# TYPE {name} gauge\n{name} {value}\n");
    }

    private static async Task<(long Memory, string Figures)> OfEngineAsync(EngineLease lease, CancellationToken cancellation)
    {
        try
        {
            IRunningEngine engine = await lease.ProcessAsync(cancellation);
            if (engine.ProcessId is not { } id)
                return (0, ""); // elsewhere, where it has figures of its own
            string figures = await engine.Client.GetStringAsync("metrics", cancellation);
            using var process = Process.GetProcessById(id);
            return (process.WorkingSet64, figures);
        }
        catch (Exception e) when (e is HttpRequestException or ArgumentException or InvalidOperationException)
        {
            return (0, ""); // it has just died: the next scrape finds another
        }
    }

    /// <summary>The engine checks the rest.</summary>
    private static string? ModelOf(byte[] body)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(body);
            JsonElement root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("model", out JsonElement model) || model.ValueKind == JsonValueKind.Null)
                return null;
            return model.ValueKind == JsonValueKind.String
                ? model.GetString()
                : throw OpenAiException.InvalidRequest("Invalid type for 'model': expected a string.", "model", "invalid_type");
        }
        catch (JsonException e)
        {
            throw OpenAiException.InvalidRequest($"The body is not valid JSON: {e.Message}", code: "invalid_json");
        }
    }
}
