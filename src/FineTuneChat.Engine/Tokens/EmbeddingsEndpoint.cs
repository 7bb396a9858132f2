using FineTuneChat.Engine.Adapters;
using FineTuneChat.Gguf.Models;
using FineTuneChat.Inference.Embeddings;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Engine.Tokens;

/// <summary><c>POST /v1/embeddings</c>: texts, or token ids, as vectors of length 1.</summary>
internal static class EmbeddingsEndpoint
{
    public static async Task<IResult> HandleAsync(HttpContext http, ServedModel model)
    {
        EmbeddingRequest request = await RequestReader.ReadAsync(http.Request, OpenAiJson.Default.EmbeddingRequest);
        IgnoredParameters.RefuseOthers(request.Unknown);
        if (request.EncodingFormat is not (null or "float" or "base64"))
            throw OpenAiException.InvalidRequest("'encoding_format' must be 'float' or 'base64'.", "encoding_format");
        model.Require(ModelPurpose.Embeddings);
        using AskedModel asked = await model.AskAsync(http, request.Model);
        SamplingValidator.Range("dimensions", request.Dimensions, 1, model.Embedder.Dimensions);
        IReadOnlyList<int[]> inputs = PromptInput.Read(request.Input, "input", model, parseSpecial: false, http.RequestAborted);
        foreach (int[] input in inputs)
        {
            if (input.Length > model.Engine.ContextLength)
                throw OpenAiException.ContextLengthExceeded("input", input.Length, model.Engine.ContextLength);
        }

        Embedder embedder = model.Embedder;
        var data = new List<EmbeddingObject>();
        foreach (int[] input in inputs)
        {
            float[] vector = await embedder.EmbedAsync(input, request.Dimensions ?? embedder.Dimensions, asked.Adapter, http.RequestAborted);
            data.Add(new() { Index = data.Count, Embedding = new(vector, request.EncodingFormat == "base64") });
        }

        int tokens = inputs.Sum(i => i.Length);
        return Results.Json(new EmbeddingList { Data = data, Model = asked.Name, Usage = new(tokens, tokens) }, OpenAiJson.Wire.EmbeddingList);
    }
}
