using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Embedding;

/// <summary>Vectors by the embedding model that comes with the program, in its own process.</summary>
internal sealed class MiniLmEmbedder(EmbedderProcess process) : ITextEmbedder
{
    private const int MostTexts = 256; // in a request

    public string Model => MiniLmFacts.Name;
    public int Dimensions => MiniLmFacts.Dimensions;

    public async Task<float[][]?> EmbedAsync(IReadOnlyList<string> texts, CancellationToken cancellationToken)
    {
        var vectors = new List<float[]>(texts.Count);
        foreach (string[] part in texts.Chunk(MostTexts))
        {
            byte[] body = Body(part);
            using HttpResponseMessage? answer = await process.AskAsync(body, truncate: true, cancellationToken);
            if (answer is not { IsSuccessStatusCode: true })
                return null;
            using JsonDocument list = JsonDocument.Parse(await answer.Content.ReadAsStreamAsync(cancellationToken));
            vectors.AddRange(list.RootElement.GetProperty("data").EnumerateArray().Select(Vector));
        }
        return [.. vectors];
    }

    private static byte[] Body(string[] texts) => JsonSerializer.SerializeToUtf8Bytes(
        new JsonObject { ["model"] = MiniLmFacts.Name, ["encoding_format"] = "base64", ["input"] = new JsonArray([.. texts.Select(t => (JsonNode)t)]) },
        RelaxedJson.Options);

    private static float[] Vector(JsonElement item) => MemoryMarshal.Cast<byte, float>(item.GetProperty("embedding").GetBytesFromBase64()).ToArray();
}
