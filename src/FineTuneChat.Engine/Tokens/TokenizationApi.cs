using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using FineTuneChat.Datasets.Messages;
using FineTuneChat.Engine.Completions;
using FineTuneChat.Protocol.LlamaServer;
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
        Check(http, request, model);
        string content = request.Content ?? throw OpenAiException.InvalidRequest("'content' is missing.", "content");
        int limit = Math.Max(LongText, model.Engine.ContextLength);
        if (model.TokensBeyond(content, limit) is { } tooMany)
            throw TooLong(tooMany, limit);
        int[] tokens = model.Vocabulary.Tokenize(content, request.AddSpecial ?? false, request.ParseSpecial ?? true);
        if (tokens.Length > limit)
            throw TooLong(tokens.Length, limit);
        var list = new JsonArray([.. tokens.Select(JsonNode? (t) => request.WithPieces == true ? Piece(model, t) : JsonValue.Create(t))]);
        return Results.Json(new TokenList(list), EngineJson.Wire.TokenList);
    }

    private static async Task<IResult> DetokenizeAsync(HttpContext http, ServedModel model)
    {
        DetokenizeRequest request = await RequestReader.ReadAsync(http.Request, EngineJson.Default.DetokenizeRequest);
        Check(http, request, model);
        int[] tokens = TokenIds.Read(request.Tokens ?? throw OpenAiException.InvalidRequest("'tokens' is missing.", "tokens"), "tokens", model.Vocabulary);
        return Results.Json(new DetokenizedText(model.Vocabulary.Detokenize(tokens, special: true)), EngineJson.Wire.DetokenizedText);
    }

    private static async Task<IResult> ApplyTemplateAsync(HttpContext http, ServedModel model)
    {
        ApplyTemplateRequest request = await RequestReader.ReadAsync(http.Request, EngineJson.Default.ApplyTemplateRequest);
        Check(http, request, model);
        ChatCompletionValidator.ValidateMessages(request.Messages);
        IReadOnlyList<ChatMessage> messages = RequestMapper.Messages(request.Messages!);
        string prompt = model.Render(messages, Tools(request.Tools), request.AddGenerationPrompt ?? true, request.ChatTemplateKwargs);
        return Results.Json(new RenderedTemplate(prompt), EngineJson.Wire.RenderedTemplate);
    }

    /// <exception cref="OpenAiException">400: an unknown parameter; 404: another model.</exception>
    private static void Check(HttpContext http, TokenizationRequest request, ServedModel model)
    {
        IgnoredParameters.RefuseOthers(request.Unknown);
        _ = model.NameOf(http, request.Model);
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
