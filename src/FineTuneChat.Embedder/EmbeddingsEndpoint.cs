using System.Text.Json;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Embedder;

/// <summary><c>POST /v1/embeddings</c>: texts as vectors of length 1. <c>?truncate=true</c>: the begin of one that is too long, no refusal.</summary>
internal static class EmbeddingsEndpoint
{
    private const int MaxInputs = 2048; // OpenAI's
    private const int MaxCharacters = 64 * MiniLmFacts.ContextLength; // of a text; cutting it into tokens takes time, too

    public static async Task<IResult> HandleAsync(HttpContext http, MiniLm model, bool truncate = false)
    {
        EmbeddingRequest request = await RequestReader.ReadAsync(http.Request, OpenAiJson.Default.EmbeddingRequest);
        IgnoredParameters.RefuseOthers(request.Unknown);
        if (request.EncodingFormat is not (null or "float" or "base64"))
            throw OpenAiException.InvalidRequest("'encoding_format' must be 'float' or 'base64'.", "encoding_format");
        SamplingValidator.Range("dimensions", request.Dimensions, 1, MiniLmFacts.Dimensions);
        string[] texts = TextsOf(request.Input);
        int[][] tokens = [.. texts.Select((text, i) => Tokens(model, text, texts.Length == 1 ? "input" : $"input[{i}]", truncate))];

        float[][] vectors = await model.EmbedAsync(tokens, http.RequestAborted);
        bool isBase64 = request.EncodingFormat == "base64";
        int read = tokens.Sum(ids => ids.Length);
        return Results.Json(
            new EmbeddingList
            {
                Data = [.. vectors.Select((vector, i) => new EmbeddingObject { Index = i, Embedding = new(Shortened(vector, request.Dimensions), isBase64) })],
                Model = MiniLmFacts.Name,
                Usage = new(read, read),
            },
            OpenAiJson.Wire.EmbeddingList);
    }

    private static string[] TextsOf(JsonElement? input)
    {
        JsonElement[] items = input switch
        {
            null or { ValueKind: JsonValueKind.Null } => throw OpenAiException.MissingParameter("input"),
            { ValueKind: JsonValueKind.String } text => [text],
            { ValueKind: JsonValueKind.Array } list => [.. list.EnumerateArray()],
            _ => [],
        };
        if (items.Length is 0 or > MaxInputs || items.Any(item => item.ValueKind != JsonValueKind.String))
            throw OpenAiException.InvalidRequest(
                $"'input' must be a string or an array of 1 to {MaxInputs} strings: '{MiniLmFacts.Name}' does not take token ids.", "input");
        return [.. items.Select(item => item.GetString()!)];
    }

    private static int[] Tokens(MiniLm model, string text, string name, bool truncate)
    {
        if (truncate)
            return Begin(model.Tokenize(text[..Math.Min(text.Length, MaxCharacters)]));
        if (text.Length == 0)
            throw OpenAiException.InvalidRequest($"'{name}' is empty.", name);
        if (text.Length > MaxCharacters)
            throw OpenAiException.ContextLengthExceeded(name, text.Length / 8, MiniLmFacts.ContextLength, isLeast: true);
        int[] all = model.Tokenize(text);
        return all.Length <= MiniLmFacts.ContextLength ? all : throw OpenAiException.ContextLengthExceeded(name, all.Length, MiniLmFacts.ContextLength);
    }

    private static int[] Begin(int[] ids) => ids.Length <= MiniLmFacts.ContextLength ? ids : [.. ids[..(MiniLmFacts.ContextLength - 1)], ids[^1]];

    private static float[] Shortened(float[] vector, int? dimensions) =>
        dimensions is { } count && count < vector.Length ? MiniLm.Unit(vector[..count]) : vector;
}
