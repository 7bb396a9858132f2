using System.Numerics.Tensors;
using FineTuneChat.Engine.Adapters;
using FineTuneChat.Gguf.Models;
using FineTuneChat.Inference.Embeddings;
using FineTuneChat.Protocol.LlamaServer;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Engine.Tokens;

/// <summary>
/// <c>POST /v1/rerank</c>: documents by how well they answer a query. A reranker reads each together with the query; of other models, the vectors of both are
/// compared.
/// </summary>
internal static class RerankEndpoint
{
    public static async Task<IResult> HandleAsync(HttpContext http, ServedModel model)
    {
        RerankRequest request = await RequestReader.ReadAsync(http.Request, EngineJson.Default.RerankRequest);
        (string query, string[] documents) = request.Read();
        using AskedModel asked = await model.AskAsync(http, request.Model);

        (double[] scores, int tokens) = model.Purpose == ModelPurpose.Rerank
            ? await ScoreAsync(model, asked, query, documents, http.RequestAborted)
            : await CompareAsync(model, asked, query, documents, http.RequestAborted);
        return Results.Json(new RerankAnswer(asked.Name, request.Best(scores), new(tokens, tokens)), EngineJson.Wire.RerankAnswer);
    }

    private static async Task<(double[] Scores, int Tokens)> ScoreAsync(
        ServedModel model, AskedModel asked, string query, string[] documents, CancellationToken cancellation)
    {
        model.RequireRoomFor(query, "query");
        var prompt = new RerankPrompt(model.Vocabulary, model.RerankTemplate);
        int[][] pairs = [.. documents.Select((document, i) =>
        {
            model.RequireRoomFor(document, $"documents[{i}]");
            return Fitting(model, prompt.Tokens(query, document), $"documents[{i}]");
        })];
        var scores = new double[pairs.Length];
        for (int i = 0; i < pairs.Length; i++)
            scores[i] = (await model.Embedder.EmbedAsync(pairs[i], model.Embedder.Dimensions, asked.Adapter, cancellation))[0];
        return (scores, pairs.Sum(pair => pair.Length));
    }

    /// <summary>By the angle between the vectors, whose length is 1.</summary>
    private static async Task<(double[] Scores, int Tokens)> CompareAsync(
        ServedModel model, AskedModel asked, string query, string[] documents, CancellationToken cancellation)
    {
        int[] asking = Tokens(query, "query");
        int[][] texts = [.. documents.Select((document, i) => Tokens(document, $"documents[{i}]"))];
        Embedder embedder = model.Embedder;
        float[] wanted = await embedder.EmbedAsync(asking, embedder.Dimensions, asked.Adapter, cancellation);
        var scores = new double[texts.Length];
        for (int i = 0; i < texts.Length; i++)
        {
            float[] vector = await embedder.EmbedAsync(texts[i], embedder.Dimensions, asked.Adapter, cancellation);
            scores[i] = TensorPrimitives.Dot<float>(wanted, vector);
        }

        return (scores, asking.Length + texts.Sum(text => text.Length));

        int[] Tokens(string text, string name)
        {
            model.RequireRoomFor(text, name);
            return Fitting(model, model.Vocabulary.Tokenize(text, addSpecial: true, parseSpecial: false), name);
        }
    }

    private static int[] Fitting(ServedModel model, int[] tokens, string name)
    {
        if (tokens.Length > model.Engine.ContextLength)
            throw OpenAiException.ContextLengthExceeded(name, tokens.Length, model.Engine.ContextLength);
        return tokens.Length > 0 ? tokens : throw OpenAiException.InvalidRequest($"'{name}' is empty.", name);
    }
}
