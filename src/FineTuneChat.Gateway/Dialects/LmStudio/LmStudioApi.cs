using System.Text.Json;
using System.Text.Json.Nodes;
using FineTuneChat.Gateway.Access;
using FineTuneChat.Gateway.Serving;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.OpenAi;
using FineTuneChat.Protocol.Routes;

namespace FineTuneChat.Gateway.Dialects.LmStudio;

/// <summary>LM Studio's REST API: <c>/api/v0/…</c>, which is OpenAI's with speed and model in the answers, and <c>/api/v1/models</c>.</summary>
internal static class LmStudioApi
{
    private static readonly string[] Extras = ["ttl", "draft_model"]; // LM Studio's own parameters, without effect here

    public static void MapLmStudio(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder group = routes.MapGroup("/api").WithTags("LM Studio").RequireScope(Scopes.Chat);
        group.MapGet("v0/models", (Caller caller, LmStudioModels models) => ApiJson.Result(new LmModelList(models.List(caller)), LmStudioJson.Wire.LmModelList))
            .WithSummary("The models, loaded or not");
        group.MapGet("v0/models/{**id}", Get).WithSummary("A model").Answers(typeof(LmModel)).Refuses(StatusCodes.Status404NotFound); // ids may contain slashes
        group.MapGet("v1/models", (Caller caller, LmStudioModels models) =>
                ApiJson.Result(new LmModelList1(models.List1(caller)), LmStudioJson.Wire.LmModelList1))
            .WithSummary("The models, with what is loaded of each");
        group.MapPost("v0/chat/completions", ChatAsync).WithSummary("A reply, whole or streamed, with its speed").IsChat()
            .Takes(typeof(ChatCompletionRequest)).Answers(typeof(JsonObject)).Streams(typeof(ChatCompletionChunk))
            .Refuses(StatusCodes.Status404NotFound, StatusCodes.Status409Conflict, StatusCodes.Status507InsufficientStorage);
        group.MapPost("v0/completions", CompleteAsync).WithSummary("A text goes on").IsChat()
            .Takes(typeof(TextCompletionRequest)).Answers(typeof(JsonObject)).Streams(typeof(TextCompletion)).Refuses(StatusCodes.Status404NotFound);
        group.MapPost("v0/embeddings", EmbedAsync).WithSummary("Vectors of texts").IsChat()
            .Takes(typeof(EmbeddingRequest)).Answers(typeof(EmbeddingList)).Refuses(StatusCodes.Status404NotFound);
    }

    private static IResult Get(string id, Caller caller, LmStudioModels models) =>
        Results.Json(models.Get(caller, Uri.UnescapeDataString(id)), LmStudioJson.Wire.LmModel);

    private static async Task ChatAsync(HttpContext http, DialectChat chat, LmStudioModels models)
    {
        ChatCompletionRequest request = await RequestReader.ReadAsync(http.Request, OpenAiJson.Default.ChatCompletionRequest);
        LeaveOut(request);
        if (request.Stream == true)
        {
            using var stream = new LmStudioStream(models, request.StreamOptions?.IncludeUsage == true);
            await DialectStream.WriteAsync(http, chat.StreamAsync(http, request, http.RequestAborted), stream);
            return;
        }
        ChatCompletion reply = await chat.CompleteAsync(http, request);
        JsonObject answer = JsonSerializer.SerializeToNode(reply, OpenAiJson.Wire.ChatCompletion)!.AsObject();
        models.Complete(answer, reply.Model, reply.Choices[0].FinishReason, reply.Timings);
        await http.Response.WriteAsJsonAsync(answer, LmStudioJson.Wire.JsonObject, contentType: null, http.RequestAborted);
    }

    private static async Task CompleteAsync(HttpContext http, EngineRouter engines, LmStudioModels models)
    {
        TextCompletionRequest request = await RequestReader.ReadAsync(http.Request, OpenAiJson.Default.TextCompletionRequest);
        LeaveOut(request);
        byte[] body = JsonSerializer.SerializeToUtf8Bytes(request, OpenAiJson.Wire.TextCompletionRequest);
        using EngineLease lease = engines.Acquire(Caller.Of(http), request.Model);
        if (request.Stream == true)
        {
            await EngineProxy.RunAsync(http, lease, DialectText.Path, body);
            return;
        }
        JsonElement reply = await EngineCall.JsonAsync(http, lease, DialectText.Path, body);
        TextCompletion text = reply.Deserialize(OpenAiJson.Default.TextCompletion)!;
        JsonObject answer = JsonObject.Create(reply)!;
        models.Complete(answer, text.Model, text.Choices[0].FinishReason, text.Timings);
        await http.Response.WriteAsJsonAsync(answer, LmStudioJson.Wire.JsonObject, contentType: null, http.RequestAborted);
    }

    private static async Task EmbedAsync(HttpContext http, EmbeddingProxy embeddings)
    {
        byte[] body = await RequestReader.ReadBodyAsync(http.Request);
        await embeddings.RunAsync(http, RequestReader.Read(body, OpenAiJson.Default.EmbeddingRequest).Model, body);
    }

    private static void LeaveOut(SamplingRequest request)
    {
        foreach (string extra in Extras)
            request.Unknown?.Remove(extra);
    }
}
