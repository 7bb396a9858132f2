using System.Diagnostics;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using FineTuneChat.Gateway.Embedding;
using FineTuneChat.Protocol.OpenAi;
using FineTuneChat.Tests.Support;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Tests.Embedding;

/// <summary>The model <c>minilm</c>, in its own process.</summary>
[Collection(EmbeddingTestGroup.Name), Trait(Tier.Name, Tier.Slow)]
public sealed class EmbeddingTests(EmbeddingGateway embedding)
{
    private readonly TestGateway _gateway = embedding.Gateway;

    [Fact]
    public async Task Texts_that_mean_the_same_have_vectors_that_are_alike()
    {
        string longText = string.Join(' ', Enumerable.Repeat("The cat sleeps on the warm roof.", 300));
        float[][] vectors = await embedding.EmbedAsync("How do I reset my password?", longText, "I forgot my password, what now?", "Bread needs flour.", "");
        Assert.Equal((5, MiniLmFacts.Dimensions), (vectors.Length, vectors[0].Length));
        Assert.All(vectors, vector => Assert.Equal(1, TensorPrimitives.Norm<float>(vector), 1e-3));
        Assert.True(TensorPrimitives.Dot<float>(vectors[0], vectors[2]) > 0.75);
        Assert.True(TensorPrimitives.Dot<float>(vectors[0], vectors[3]) < 0.3);

        float[] alone = (await embedding.EmbedAsync("I forgot my password, what now?")).Single(); // not filled up to the length of others
        Assert.Equal(1, TensorPrimitives.Dot<float>(alone, vectors[2]), 1e-4);
    }

    [Fact]
    public async Task They_come_in_the_shapes_of_every_dialect()
    {
        string[] texts = ["Where is the key?", "¿Dónde está la llave?"];
        (int status, JsonNode list) = await _gateway.PostAsync("/v1/embeddings", new { model = "minilm", input = texts });
        float[][] expected = await embedding.EmbedAsync(texts);
        Assert.Equal((200, "list", "minilm"), (status, (string)list["object"]!, (string)list["model"]!));
        Assert.Equal((1, true), ((int)list["data"]![1]!["index"]!, (int)list["usage"]!["prompt_tokens"]! > 10));
        AssertAlike(expected[1], Numbers(list["data"]![1]!["embedding"]!));

        JsonNode base64 = (await _gateway.PostAsync("/v1/embeddings", new { model = "minilm:latest", input = texts[0], encoding_format = "base64" })).Body;
        AssertAlike(expected[0], MemoryMarshal.Cast<byte, float>(Convert.FromBase64String((string)base64["data"]![0]!["embedding"]!)).ToArray());

        float[] few = Numbers((await _gateway.PostAsync("/v1/embeddings", new { model = "minilm", input = texts[0], dimensions = 8 })).Body
            ["data"]![0]!["embedding"]!);
        Assert.Equal((8, 1), (few.Length, Math.Round(TensorPrimitives.Norm<float>(few), 3)));

        JsonNode ollama = (await _gateway.PostAsync("/api/embed", new { model = "minilm", input = texts })).Body;
        AssertAlike(expected[1], Numbers(ollama["embeddings"]![1]!));
        JsonNode studio = (await _gateway.PostAsync("/api/v0/embeddings", new { model = "minilm", input = texts })).Body;
        AssertAlike(expected[0], Numbers(studio["data"]![0]!["embedding"]!));
        JsonNode ranked = (await _gateway.PostAsync(
            "/v1/rerank", new { model = "minilm", query = "opening hours", documents = new[] { "We sell shoes.", "The shop opens at nine." } })).Body;
        Assert.Equal(1, (int)ranked["results"]![0]!["index"]!);
    }

    [Fact]
    public async Task It_is_listed_with_its_type_and_does_not_chat()
    {
        JsonNode card = (await _gateway.GetJsonAsync("/v1/models"))["data"]!.AsArray().Single(m => (string?)m!["id"] == "minilm")!;
        Assert.Equal(("embeddings", 256), ((string)card["type"]!, (int)card["context_length"]!));
        Assert.Equal("minilm", (string?)(await _gateway.GetJsonAsync("/v1/models/minilm"))["id"]);
        (int status, JsonNode refusal) = await _gateway.ChatAsync("Hello", "minilm");
        Assert.Equal(400, status);
        TestGateway.AssertOpenAiError(refusal, "model_not_supported");
        Assert.Contains("/v1/embeddings", (string)refusal["error"]!["message"]!);
    }

    [Theory]
    [InlineData("""{"model":"minilm"}""", "missing_required_parameter")]
    [InlineData("""{"model":"minilm","input":""}""", null)]
    [InlineData("""{"model":"minilm","input":[]}""", null)]
    [InlineData("""{"model":"minilm","input":[1,2]}""", null)]
    [InlineData("""{"model":"minilm","input":"a","dimensions":385}""", null)]
    [InlineData("""{"model":"minilm","input":"a","encoding_format":"hex"}""", null)]
    [InlineData("""{"model":"minilm","input":"a","colour":"red"}""", "unknown_parameter")]
    [InlineData("LONG", "context_length_exceeded")]
    [InlineData("LONGER", "context_length_exceeded")]
    public async Task What_it_cannot_read_is_refused_with_the_reason(string body, string? code)
    {
        if (body.StartsWith("LONG", StringComparison.Ordinal))
            body = $$"""{"model":"minilm","input":"{{string.Concat(Enumerable.Repeat("word ", body.Length == 4 ? 400 : 40_000))}}"}""";
        (int status, JsonNode answer) = await _gateway.SendAsync(HttpMethod.Post, "/v1/embeddings", body);
        Assert.True(status == 400, answer.ToJsonString());
        if (code is not null)
            TestGateway.AssertOpenAiError(answer, code);
    }

    [LinuxFact("signals that hold a process")]
    public async Task A_process_that_dies_is_started_again_and_one_that_hangs_delays_no_chat()
    {
        await embedding.EmbedAsync("Hello");
        int first = embedding.Process.ProcessId!.Value;
        Process.GetProcessById(first).Kill();
        Assert.Equal(MiniLmFacts.Dimensions, (await embedding.EmbedAsync("Hello again")).Single().Length);
        int second = embedding.Process.ProcessId!.Value;
        Assert.NotEqual(first, second);

        var questions = new QuestionEmbedder(
            _gateway.Get<ITextEmbedder>(), embedding.Process, new EmbeddingSettings { QuestionMilliseconds = 20 }, TimeProvider.System);
        await SignalAsync("STOP", second);
        Assert.Null(await questions.EmbedAsync("Is anybody there?", CancellationToken.None));
        Assert.Null(await questions.EmbedAsync("Still nobody?", CancellationToken.None)); // it is left alone for a while
        await SignalAsync("CONT", second);
        Assert.Equal(MiniLmFacts.Dimensions, (await embedding.EmbedAsync("Hello once more")).Single().Length);
        Assert.Equal(second, embedding.Process.ProcessId);
    }

    private static async Task SignalAsync(string signal, int process)
    {
        using Process kill = Process.Start("kill", [$"-{signal}", $"{process}"]);
        await kill.WaitForExitAsync();
        Assert.Equal(0, kill.ExitCode);
    }

    private static float[] Numbers(JsonNode vector) => [.. vector.AsArray().Select(n => (float)n!)];

    private static void AssertAlike(float[] expected, float[] actual) => Assert.Equal(1, TensorPrimitives.Dot<float>(expected, actual), 1e-4);
}
