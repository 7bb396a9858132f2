using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using FineTuneChat.Gateway.Access;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Serving;

/// <summary>Routes that engines answer by themselves, passed to the engine of the request's model. Not logged, since the answers cannot be rated.</summary>
internal static class EngineRoutesApi
{
    public static void MapEngineRoutes(this IEndpointRouteBuilder routes)
    {
        foreach (string path in (string[])["/v1/completions", "/v1/embeddings"])
            routes.MapPost(path, PassAsync).RequireScope(Scopes.Chat).IsChat();
        foreach (string path in (string[])["/tokenize", "/detokenize", "/apply-template"])
            routes.MapPost(path, PassAsync).RequireScope(Scopes.Chat);
        routes.MapGet("/props", PropsAsync).RequireScope(Scopes.Chat);
        routes.MapGet("/metrics", MetricsAsync).RequireScope(Scopes.Admin);
    }

    private static async Task PassAsync(HttpContext http, EngineRouter engines)
    {
        byte[] body = await RequestReader.ReadBodyAsync(http.Request);
        using EngineLease lease = engines.Acquire(ModelOf(body));
        await EngineProxy.RunAsync(http, lease, body);
    }

    private static async Task PropsAsync(HttpContext http, EngineRouter engines, string? model)
    {
        using EngineLease lease = engines.Acquire(model);
        await EngineProxy.RunAsync(http, lease, body: null);
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
            using EngineLease lease = engines.Acquire(model: null);
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
            EngineProcess engine = await lease.ProcessAsync(cancellation);
            string figures = await engine.Client.GetStringAsync("metrics", cancellation);
            using var process = Process.GetProcessById(engine.Id);
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
