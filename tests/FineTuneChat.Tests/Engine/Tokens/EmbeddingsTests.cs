using System.Text.Json;
using System.Text.Json.Nodes;

namespace FineTuneChat.Tests.Engine.Tokens;

/// <summary>Texts as vectors, against a real engine process.</summary>
public sealed class EmbeddingsTests(TestEngine engine) : IClassFixture<TestEngine>
{
    [Fact]
    public async Task Embeddings_are_of_length_1_and_of_the_texts_own()
    {
        JsonNode list = await engine.AnswerAsync("/v1/embeddings", """{"input":["first text","second text","first text"],"model":"assistant"}""");
        float[][] vectors = [.. list["data"]!.AsArray().Select(d => d!["embedding"]!.AsArray().Select(n => (float)n!).ToArray())];

        Assert.Equal(("list", "embedding", "assistant@3"), ((string)list["object"]!, (string)list["data"]![0]!["object"]!, (string)list["model"]!));
        Assert.Equal([0, 1, 2], list["data"]!.AsArray().Select(d => (int)d!["index"]!));
        Assert.All(vectors, v => Assert.Equal((64, 1), (v.Length, v.Sum(x => x * x)), (a, b) => a.Item1 == b.Item1 && Math.Abs(a.Item2 - b.Item2) < 1e-4));
        Assert.Equal(vectors[0], vectors[2]);
        Assert.NotEqual(vectors[0], vectors[1]);
        Assert.Equal(31, (int)list["usage"]!["prompt_tokens"]!);
        Assert.Equal(31, (int)list["usage"]!["total_tokens"]!);
    }

    [Fact]
    public async Task Embeddings_come_in_base64_shortened_and_from_tokens()
    {
        float[] whole = Floats(await engine.AnswerAsync("/v1/embeddings", """{"input":"hi","encoding_format":"base64"}"""));
        float[] tokens = Floats(await engine.AnswerAsync("/v1/embeddings", """{"input":[104,105],"encoding_format":"base64"}"""));
        float[] some = Floats(await engine.AnswerAsync("/v1/embeddings", """{"input":[[104,105]],"encoding_format":"base64","dimensions":8}"""));

        Assert.Equal(whole, tokens);
        double length = Math.Sqrt(whole[..8].Sum(x => (double)x * x));
        Assert.Equal(whole[..8].Select(x => x / length), some.Select(x => (double)x), (a, b) => Math.Abs(a - b) < 1e-5);

        static float[] Floats(JsonNode list) =>
            System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(Convert.FromBase64String((string)list["data"]![0]!["embedding"]!)).ToArray();
    }

    [Theory]
    [InlineData("""{"input":"a","dimensions":65}""", "dimensions")]
    [InlineData("""{"input":"a","dimensions":0}""", "dimensions")]
    [InlineData("""{"input":"a","encoding_format":"hex"}""", "encoding_format")]
    [InlineData("""{"input":[]}""", "input")]
    [InlineData("""{"input":["a",""]}""", "input[1]")]
    [InlineData("""{"input":{"text":"a"}}""", "input")]
    [InlineData("""{"prompt":"a"}""", "prompt")]
    public async Task A_bad_embeddings_request_is_refused_by_the_parameters_name(string json, string param)
    {
        (int status, JsonNode body) = await engine.PostAsync("/v1/embeddings", json);

        Assert.Equal((400, param), (status, (string)body["error"]!["param"]!));
    }

    [Fact]
    public async Task A_text_longer_than_the_context_is_refused_with_both_counts()
    {
        (int status, JsonNode body) = await engine.PostAsync("/v1/embeddings", JsonSerializer.Serialize(new { input = new string('a', 600) }));

        Assert.Equal((400, "context_length_exceeded", "input"), (status, (string)body["error"]!["code"]!, (string)body["error"]!["param"]!));
        Assert.Equal((600, TestEngine.Context), ((int)body["error"]!["n_prompt_tokens"]!, (int)body["error"]!["n_ctx"]!));
    }
}
