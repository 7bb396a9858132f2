using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using FineTuneChat.Datasets.Messages;
using FineTuneChat.Engine.Completions;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Engine.Tokens;

/// <summary>llama-server's routes about text and tokens: <c>/tokenize</c>, <c>/detokenize</c>, <c>/apply-template</c>.</summary>
internal static class TokenizationApi
{
    private const int LongText = 1 << 17; // tokens: counting those of a text is of use beyond the context, too

    public static void MapTokenization(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/tokenize", TokenizeAsync);
        routes.MapPost("/detokenize", DetokenizeAsync);
        routes.MapPost("/apply-template", ApplyTemplateAsync);
    }

    private static async Task<IResult> TokenizeAsync(HttpContext http, ServedModel model)
    {
        TokenizeRequest request = await RequestReader.ReadAsync(http.Request, EngineJson.Default.TokenizeRequest);
        request.Check(model);
        string content = request.Content ?? throw OpenAiException.InvalidRequest("'content' is missing.", "content");
        int limit = Math.Max(LongText, model.Engine.ContextLength);
        if (model.TokensBeyond(content, limit) is { } tooMany)
            throw TooLong(tooMany, limit);
        int[] tokens = model.Vocabulary.Tokenize(content, request.AddSpecial ?? false, request.ParseSpecial ?? true);
        if (tokens.Length > limit)
            throw TooLong(tokens.Length, limit);
        var list = new JsonArray([.. tokens.Select(JsonNode? (t) => request.WithPieces == true ? Piece(model, t) : JsonValue.Create(t))]);
        return Results.Json(new JsonObject { ["tokens"] = list }, EngineJson.Wire.JsonObject);
    }

    private static async Task<IResult> DetokenizeAsync(HttpContext http, ServedModel model)
    {
        DetokenizeRequest request = await RequestReader.ReadAsync(http.Request, EngineJson.Default.DetokenizeRequest);
        request.Check(model);
        int[] tokens = TokenIds.Read(request.Tokens ?? throw OpenAiException.InvalidRequest("'tokens' is missing.", "tokens"), "tokens", model.Vocabulary);
        return Results.Json(new JsonObject { ["content"] = model.Vocabulary.Detokenize(tokens, special: true) }, EngineJson.Wire.JsonObject);
    }

    private static async Task<IResult> ApplyTemplateAsync(HttpContext http, ServedModel model)
    {
        ApplyTemplateRequest request = await RequestReader.ReadAsync(http.Request, EngineJson.Default.ApplyTemplateRequest);
        request.Check(model);
        ChatCompletionValidator.ValidateMessages(request.Messages);
        IReadOnlyList<ChatMessage> messages = RequestMapper.Messages(request.Messages!);
        string prompt = model.Render(messages, Tools(request.Tools), request.AddGenerationPrompt ?? true, request.ChatTemplateKwargs);
        return Results.Json(new JsonObject { ["prompt"] = prompt }, EngineJson.Wire.JsonObject);
    }

    private static OpenAiException TooLong(int tokens, int limit) =>
        OpenAiException.InvalidRequest($"'content' is at least {tokens} tokens long; at most {limit} are told. Cut it.", "content", "context_length_exceeded");

    /// <summary>A piece that is no whole UTF-8 is an array of its bytes.</summary>
    private static JsonObject Piece(ServedModel model, int token)
    {
        byte[] bytes = model.Vocabulary.SpecialPieceOf(token);
        string text = Encoding.UTF8.GetString(bytes);
        JsonNode piece = Encoding.UTF8.GetBytes(text).AsSpan().SequenceEqual(bytes)
            ? JsonValue.Create(text)
            : new JsonArray([.. bytes.Select(JsonNode? (b) => JsonValue.Create(b))]);
        return new JsonObject { ["id"] = token, ["piece"] = piece };
    }

    private static ChatTool[] Tools(IReadOnlyList<JsonElement>? tools)
    {
        try
        {
            return [.. (tools ?? []).Select(tool => new ChatTool(tool))];
        }
        catch (ArgumentException e)
        {
            throw OpenAiException.InvalidRequest(e.Message, "tools");
        }
    }
}

/// <summary>What the bodies have in common: a model's name, and no parameter that is not known.</summary>
internal abstract record TokenizationRequest
{
    public string? Model { get; init; }
    [JsonExtensionData] public Dictionary<string, JsonElement>? Unknown { get; set; }

    /// <exception cref="OpenAiException">400: an unknown parameter; 404: another model.</exception>
    public void Check(ServedModel model)
    {
        if (Unknown is { Count: > 0 })
            throw OpenAiException.UnknownParameter(Unknown.Keys.First());
        model.RequireName(Model);
    }
}

internal sealed record TokenizeRequest : TokenizationRequest
{
    public string? Content { get; init; }
    public bool? AddSpecial { get; init; } // BOS and EOS where the model wants them
    public bool? ParseSpecial { get; init; } // read the text of control tokens as those
    public bool? WithPieces { get; init; }
}

internal sealed record DetokenizeRequest : TokenizationRequest
{
    public JsonElement? Tokens { get; init; }
}

internal sealed record ApplyTemplateRequest : TokenizationRequest
{
    public IReadOnlyList<RequestMessage>? Messages { get; init; }
    public IReadOnlyList<JsonElement>? Tools { get; init; }
    public bool? AddGenerationPrompt { get; init; }
    public IReadOnlyDictionary<string, JsonElement>? ChatTemplateKwargs { get; init; } // as in chat
}
