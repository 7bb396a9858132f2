using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using FineTuneChat.Gateway.Access;
using FineTuneChat.Gateway.Serving;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.LlamaServer;
using FineTuneChat.Protocol.OpenAi;
using FineTuneChat.Protocol.Routes;

namespace FineTuneChat.Gateway.Dialects.LlamaServer;

/// <summary>llama-server's own routes: <c>/completion</c>, <c>/infill</c>, <c>/slots</c>, <c>/lora-adapters</c>, <c>/rerank</c>.</summary>
internal static class LlamaServerApi
{
    public static void MapLlamaServer(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder group = routes.MapGroup("").WithTags("llama-server").RequireScope(Scopes.Chat).Refuses(StatusCodes.Status404NotFound);
        group.MapPost("/completion", CompleteAsync).WithSummary("A text goes on").IsChat()
            .Takes(typeof(LlamaCompletionRequest)).Answers(typeof(LlamaCompletion)).Streams(typeof(LlamaCompletion));
        group.MapPost("/infill", InfillAsync).WithSummary("The gap between two texts is filled").IsChat()
            .Takes(typeof(LlamaInfillRequest)).Answers(typeof(LlamaCompletion)).Streams(typeof(LlamaCompletion)).Refuses(StatusCodes.Status501NotImplemented);
        group.MapGet("/slots", SlotsAsync).WithSummary("Places for replies, and which are taken").Refuses(StatusCodes.Status503ServiceUnavailable);
        group.MapGet("/lora-adapters", Adapters).WithSummary("The adapter that is served beside the base");
        foreach (string path in (string[])["/v1/rerank", "/rerank"])
            group.MapPost(path, RerankAsync).WithSummary("Documents by how near they are to a query").IsChat().Takes(typeof(RerankRequest));
    }

    private static async Task CompleteAsync(HttpContext http, DialectText texts)
    {
        LlamaCompletionRequest request = await RequestReader.ReadAsync(http.Request, LlamaJson.Default.LlamaCompletionRequest);
        await WriteAsync(http, texts, request, request.Prompt);
    }

    private static async Task InfillAsync(HttpContext http, DialectText texts, EngineRouter engines)
    {
        LlamaInfillRequest request = await RequestReader.ReadAsync(http.Request, LlamaJson.Default.LlamaInfillRequest);
        using EngineLease lease = engines.Acquire(Caller.Of(http), request.Model);
        await WriteAsync(http, texts, request, await Infill.PromptAsync(http, lease, request));
    }

    private static async Task WriteAsync(HttpContext http, DialectText texts, LlamaCompletionRequest request, JsonElement? prompt)
    {
        TextCompletionRequest text = ToText(request, prompt);
        if (request.Stream == true)
        {
            using var stream = new LlamaStream();
            await DialectStream.WriteAsync(http, texts.StreamAsync(http, text, http.RequestAborted), stream);
            return;
        }
        ChatCompletion reply = await texts.CompleteAsync(http, text);
        ChatChoice choice = reply.Choices[0];
        LlamaCompletion whole = LlamaStream.Whole(reply.Model, choice.Message.Content ?? "", choice.FinishReason, reply.Usage, reply.Timings);
        await http.Response.WriteAsJsonAsync(whole, LlamaJson.Wire.LlamaCompletion, contentType: null, http.RequestAborted);
    }

    /// <summary>The same parameters under the names of <c>/v1/completions</c>; those that are llama-server's alone and change no text are left out.</summary>
    private static TextCompletionRequest ToText(LlamaCompletionRequest request, JsonElement? prompt)
    {
        if (prompt is { ValueKind: JsonValueKind.Array } ids && ids.EnumerateArray().Any(id => id.ValueKind != JsonValueKind.Number))
            throw OpenAiException.InvalidRequest("'prompt' must be a string or token ids. POST /v1/completions takes several prompts.", "prompt");
        foreach ((string name, JsonElement? value) in new[] { ("grammar", request.Grammar), ("json_schema", request.JsonSchema) })
            if (value is { ValueKind: not JsonValueKind.Null })
                throw OpenAiException.UnsupportedParameter(name, "POST /v1/chat/completions keeps a schema: 'response_format'.");
        LlamaCompletionRequest sampling = request with { Unknown = null, Stream = null, StreamOptions = null, Prompt = null, NPredict = null };
        TextCompletionRequest text = JsonSerializer.SerializeToNode(sampling, LlamaJson.Wire.LlamaCompletionRequest)
            .Deserialize(OpenAiJson.Default.TextCompletionRequest)!;
        int? limit = request.NPredict ?? request.MaxTokens;
        return text with { Prompt = prompt, MaxTokens = limit is >= 0 ? Math.Max(1, limit.Value) : int.MaxValue };
    }

    private static async Task<JsonAnswer<IReadOnlyList<LlamaSlot>>> SlotsAsync(HttpContext http, EngineRouter engines, string? model)
    {
        using EngineLease lease = engines.Acquire(Caller.Of(http), model);
        JsonElement properties = await EngineCall.JsonAsync(http, lease, "/props", body: null);
        using EngineAnswer metrics = await EngineCall.OpenAsync(http, lease, "/metrics", body: null);
        int busy = Gauge(System.Text.Encoding.UTF8.GetString((await metrics.WholeAsync(http.RequestAborted)).Span), "llamacpp:requests_processing ");
        int context = properties.GetProperty("default_generation_settings").GetProperty("n_ctx").GetInt32();
        return ApiJson.Result<IReadOnlyList<LlamaSlot>>(
            [.. Enumerable.Range(0, properties.GetProperty("total_slots").GetInt32()).Select(i => new LlamaSlot(i, context, i < busy))],
            LlamaJson.Wire.IReadOnlyListLlamaSlot);
    }

    private static int Gauge(string metrics, string name)
    {
        string? line = metrics.Split('\n').FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal));
        return line is null ? 0 : (int)double.Parse(line[name.Length..], CultureInfo.InvariantCulture);
    }

    private static JsonAnswer<IReadOnlyList<LlamaAdapter>> Adapters(Caller caller, EngineRouter engines) => ApiJson.Result<IReadOnlyList<LlamaAdapter>>(
        engines.Loaded(caller).FirstOrDefault()?.Engine.AdapterPath is { } adapter ? [new(0, Path.GetFileName(adapter), 1)] : [],
        LlamaJson.Wire.IReadOnlyListLlamaAdapter);

    /// <summary>
    /// By the engine: a reranker reads query and document together, of other models it compares their vectors. Those of the embedder are compared here.
    /// </summary>
    private static async Task<JsonAnswer<RerankAnswer>> RerankAsync(HttpContext http, EngineRouter engines, EmbeddingProxy embeddings)
    {
        RerankRequest request = await RequestReader.ReadAsync(http.Request, LlamaJson.Default.RerankRequest);
        if (embeddings.IsMiniLm(http, request.Model))
            return ApiJson.Result(await ByVectorsAsync(http, embeddings, request), LlamaJson.Wire.RerankAnswer);
        using EngineLease lease = engines.Acquire(Caller.Of(http), request.Model);
        JsonElement answer = await EngineCall.JsonAsync(http, lease, "/v1/rerank", JsonSerializer.SerializeToUtf8Bytes(request, LlamaJson.Wire.RerankRequest));
        return ApiJson.Result(answer.Deserialize(LlamaJson.Default.RerankAnswer)!, LlamaJson.Wire.RerankAnswer);
    }

    /// <summary>By the angle between the vectors of query and documents, whose length is 1.</summary>
    private static async Task<RerankAnswer> ByVectorsAsync(HttpContext http, EmbeddingProxy embeddings, RerankRequest request)
    {
        (string query, string[] documents) = request.Read();
        JsonElement input = ChatSwitches.Element(new JsonArray([query, .. documents.Select(d => (JsonNode)d)]));
        JsonElement answer = await embeddings.AskAsync(http, new() { Model = request.Model, Input = input });
        (JsonElement[] vectors, int tokens) = EngineCall.VectorsOf(answer);
        float[][] numbers = [.. vectors.Select(v => v.EnumerateArray().Select(n => n.GetSingle()).ToArray())];
        RerankResult[] results = request.Best(numbers.Skip(1).Select(vector => (double)vector.Zip(numbers[0], (a, b) => a * b).Sum()));
        return new RerankAnswer(answer.GetProperty("model").GetString()!, results, new(tokens, tokens));
    }
}
