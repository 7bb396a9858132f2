using System.Text.Json;
using System.Text.Json.Nodes;
using FineTuneChat.Gateway.Access;
using FineTuneChat.Gateway.Serving;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.OpenAi;
using FineTuneChat.Protocol.Routes;

namespace FineTuneChat.Gateway.Dialects.Ollama;

/// <summary>Ollama's routes that ask a model: <c>/api/chat</c>, <c>/api/generate</c>, <c>/api/embed</c>.</summary>
internal static class OllamaApi
{
    public static void MapOllama(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder group = routes.MapGroup("/api").WithTags("Ollama").RequireScope(Scopes.Chat).IsChat()
            .WritesErrorsAs(OllamaErrors.Shape).Refuses(StatusCodes.Status404NotFound);
        group.MapPost("chat", ChatAsync).WithSummary("A reply, as lines of JSON or whole").Takes(typeof(OllamaChatRequest)).Answers(typeof(OllamaReply))
            .Refuses(StatusCodes.Status409Conflict, StatusCodes.Status507InsufficientStorage);
        group.MapPost("generate", GenerateAsync).WithSummary("A reply to one prompt").Takes(typeof(OllamaGenerateRequest)).Answers(typeof(OllamaReply))
            .Refuses(StatusCodes.Status409Conflict, StatusCodes.Status507InsufficientStorage);
        group.MapPost("embed", EmbedAsync).WithSummary("Vectors of texts").Takes(typeof(OllamaEmbedRequest));
        group.MapPost("embeddings", EmbedOneAsync).WithSummary("The vector of a text").Takes(typeof(OllamaEmbedRequest));
    }

    private static async Task ChatAsync(HttpContext http, DialectChat chat, OllamaModels models, TimeProvider time)
    {
        OllamaChatRequest request = await RequestReader.ReadAsync(http.Request, OllamaJson.Default.OllamaChatRequest);
        var replies = new OllamaReplies(request.Model ?? "", isChat: true, time);
        if (request.Messages is not { Count: > 0 })
            await LoadAsync(http, models, request, replies);
        else
            await ReplyAsync(http, chat, models.Complete(Caller.Of(http), OllamaTranslation.ToChat(request)), replies);
    }

    private static async Task GenerateAsync(HttpContext http, DialectChat chat, DialectText texts, OllamaModels models, TimeProvider time)
    {
        OllamaGenerateRequest request = await RequestReader.ReadAsync(http.Request, OllamaJson.Default.OllamaGenerateRequest);
        var replies = new OllamaReplies(request.Model ?? "", isChat: false, time);
        if (string.IsNullOrEmpty(request.Prompt))
            await LoadAsync(http, models, request, replies);
        else if (request.Raw != true)
            await ReplyAsync(http, chat, models.Complete(Caller.Of(http), OllamaTranslation.ToChat(request)), replies);
        else if (request.Stream ?? true)
            await DialectStream.WriteAsync(
                http, texts.StreamAsync(http, OllamaTranslation.ToText(request), http.RequestAborted), new OllamaStream(replies));
        else
            await WriteAsync(http, replies.Whole(await texts.CompleteAsync(http, OllamaTranslation.ToText(request))));
    }

    private static async Task ReplyAsync(HttpContext http, DialectChat chat, ChatCompletionRequest request, OllamaReplies replies)
    {
        if (request.Stream == true)
            await DialectStream.WriteAsync(http, chat.StreamAsync(http, request, http.RequestAborted), new OllamaStream(replies));
        else
            await WriteAsync(http, replies.Whole(await chat.CompleteAsync(http, request)));
    }

    /// <summary>Without a question the model is loaded, and no more.</summary>
    private static async Task LoadAsync(HttpContext http, OllamaModels models, OllamaReplyRequest request, OllamaReplies replies)
    {
        await models.LoadAsync(Caller.Of(http), request.Model, http.RequestAborted);
        await WriteAsync(http, replies.Loaded());
    }

    private static async Task<JsonAnswer<OllamaEmbeddings>> EmbedAsync(HttpContext http, EmbeddingProxy embeddings, TimeProvider time)
    {
        OllamaEmbedRequest request = await RequestReader.ReadAsync(http.Request, OllamaJson.Default.OllamaEmbedRequest);
        long clock = time.GetTimestamp();
        (JsonElement[] vectors, int tokens) = await VectorsAsync(http, embeddings, request, request.Input);
        return ApiJson.Result(
            new OllamaEmbeddings
            {
                Model = request.Model ?? "",
                Embeddings = vectors,
                TotalDuration = (long)time.GetElapsedTime(clock).TotalNanoseconds,
                PromptEvalCount = tokens,
            },
            OllamaJson.Wire.OllamaEmbeddings);
    }

    private static async Task<JsonAnswer<OllamaEmbedding>> EmbedOneAsync(HttpContext http, EmbeddingProxy embeddings)
    {
        OllamaEmbedRequest request = await RequestReader.ReadAsync(http.Request, OllamaJson.Default.OllamaEmbedRequest);
        string text = request.Prompt ?? throw OpenAiException.InvalidRequest("'prompt' is missing.", "prompt");
        (JsonElement[] vectors, _) = await VectorsAsync(http, embeddings, request, ChatSwitches.Element(JsonValue.Create(text)));
        return ApiJson.Result(new OllamaEmbedding(vectors[0]), OllamaJson.Wire.OllamaEmbedding);
    }

    private static async Task<(JsonElement[] Vectors, int Tokens)> VectorsAsync(
        HttpContext http, EmbeddingProxy embeddings, OllamaEmbedRequest request, JsonElement? input)
    {
        if (input is { ValueKind: JsonValueKind.Array } list && list.GetArrayLength() == 0)
            return ([], 0);
        var body = new EmbeddingRequest { Model = request.Model, Input = input, Dimensions = request.Dimensions };
        return EngineCall.VectorsOf(await embeddings.AskAsync(http, body, truncate: true)); // as Ollama does
    }

    private static Task WriteAsync(HttpContext http, OllamaReply reply) =>
        http.Response.WriteAsJsonAsync(reply, OllamaJson.Wire.OllamaReply, contentType: null, http.RequestAborted);
}
