using System.Net.Http.Json;
using System.Text.Json.Nodes;
using FineTuneChat.TestSupport;
using FineTuneChat.Tests.Support;

namespace FineTuneChat.Tests.Gateway;

/// <summary>The engine's own routes through the gateway.</summary>
[Trait(Tier.Name, Tier.Slow)]
public sealed class EngineRoutesTests
{
    [Fact]
    public async Task They_are_passed_to_the_engine_of_the_model_and_back()
    {
        await using TestGateway gateway = await TestGateway.StartReadyAsync();

        (int status, JsonNode completion) = await gateway.PostAsync("/v1/completions", new { model = "assistant", prompt = "hello", max_tokens = 5 });
        JsonNode embeddings = (await gateway.PostAsync("/v1/embeddings", new { model = "assistant", input = "hello" })).Body;
        JsonNode tokens = (await gateway.PostAsync("/tokenize", new { content = "hi" })).Body;
        JsonNode text = (await gateway.PostAsync("/detokenize", new { tokens = new[] { 104, 105 } })).Body;
        JsonNode prompt = (await gateway.PostAsync("/apply-template", new { messages = new[] { new { role = "user", content = "hi" } } })).Body;
        JsonNode props = await gateway.GetJsonAsync("/props");
        string metrics = await gateway.Client.GetStringAsync("/metrics");

        Assert.Equal((200, "assistant@0"), (status, (string)completion["model"]!));
        Assert.Equal(64, embeddings["data"]![0]!["embedding"]!.AsArray().Count);
        Assert.Equal("[104,105]", tokens["tokens"]!.ToJsonString());
        Assert.Equal("hi", (string)text["content"]!);
        Assert.EndsWith("assistant\n", (string)prompt["prompt"]!, StringComparison.Ordinal);
        Assert.Equal("assistant@0", (string)props["model_alias"]!);
        Assert.Contains("finetunechat:engine_ready 1", metrics, StringComparison.Ordinal);
        Assert.Contains("llamacpp:tokens_predicted_total ", metrics, StringComparison.Ordinal);
        Assert.Empty((await gateway.GetJsonAsync("/api/conversations"))["data"]!.AsArray());
    }

    [Fact]
    public async Task A_stream_passes_and_errors_keep_their_shape()
    {
        await using TestGateway gateway = await TestGateway.StartReadyAsync();

        using HttpResponseMessage response = await gateway.Client.PostAsJsonAsync(
            "/v1/completions", new { prompt = "hello", max_tokens = 5, stream = true, ignore_eos = true });
        IReadOnlyList<JsonNode> chunks = await SseReader.ChunksAsync(response);

        Assert.Equal("length", (string)chunks[^1]["choices"]![0]!["finish_reason"]!);
        TestGateway.AssertOpenAiError((await gateway.PostAsync("/v1/completions", new { prompt = "a", suffix = "b" })).Body, "unsupported_parameter");
        TestGateway.AssertOpenAiError((await gateway.PostAsync("/v1/embeddings", new { model = "nobody", input = "a" })).Body, "model_not_found");
        TestGateway.AssertOpenAiError((await gateway.SendAsync(HttpMethod.Post, "/v1/completions", "{")).Body, "invalid_json");
        TestGateway.AssertOpenAiError((await gateway.SendAsync(HttpMethod.Get, "/v1/completions")).Body, "method_not_allowed");
        TestGateway.AssertOpenAiError((await gateway.SendAsync(HttpMethod.Get, "/v1/nothing")).Body, "unknown_url");
    }
}
