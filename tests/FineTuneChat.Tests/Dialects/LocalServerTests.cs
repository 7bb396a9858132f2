using System.Text.Json.Nodes;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Tests.Dialects;

/// <summary>LM Studio's REST API, and llama-server's own routes.</summary>
[Collection(DialectTests.Name), Trait(Tier.Name, Tier.Slow)]
public sealed class LocalServerTests(DialectGateway gateway)
{
    private static readonly object[] Question = [new { role = "user", content = "Hello" }];

    [Fact]
    public async Task LM_Studios_models_say_what_is_loaded()
    {
        JsonNode models = await gateway.Gateway.GetJsonAsync("/api/v0/models"), newer = await gateway.Gateway.GetJsonAsync("/api/v1/models");
        JsonNode one = await gateway.Gateway.GetJsonAsync("/api/v0/models/assistant");

        Assert.Equal(("assistant", "llm", "loaded"), ((string?)models["data"]![0]!["id"], (string?)one["type"], (string?)one["state"]));
        Assert.Equal(8192, (int)one["max_context_length"]!);
        Assert.Single(newer["models"]![0]!["loaded_instances"]!.AsArray());
        Assert.Equal(404, (await gateway.SendAsync(HttpMethod.Get, "/api/v0/models/nobody")).Status);
    }

    [Fact]
    public async Task LM_Studios_replies_say_how_fast_they_were_and_are_rated()
    {
        var request = new { model = "assistant", messages = Question, max_tokens = 4, ttl = 300 };

        (int status, JsonNode whole) = await gateway.PostAsync("/api/v0/chat/completions", request);
        (_, string stream) = await gateway.SendAsync(
            HttpMethod.Post, "/api/v0/chat/completions", new { request.model, request.messages, request.max_tokens, stream = true });
        (_, JsonNode text) = await gateway.PostAsync("/api/v0/completions", new { model = "assistant", prompt = "one", max_tokens = 3 });

        Assert.True(status == 200, whole.ToJsonString());
        Assert.Equal("maxPredictedTokensReached", (string?)whole["stats"]!["stop_reason"]);
        Assert.InRange((double)whole["stats"]!["tokens_per_second"]!, 0.001, double.MaxValue);
        Assert.Equal("gguf", (string?)whole["model_info"]!["format"]);
        await gateway.RateAsync((string?)whole["id"]);
        JsonNode[] chunks = [.. stream.Split("\n\n", StringSplitOptions.RemoveEmptyEntries).SkipLast(1).Select(e => JsonNode.Parse(e["data: ".Length..])!)];
        Assert.EndsWith("data: [DONE]\n\n", stream, StringComparison.Ordinal);
        Assert.All(chunks, chunk => Assert.Single(chunk["choices"]!.AsArray())); // no usage was asked for
        Assert.NotNull(chunks[^1]["stats"]);
        Assert.NotNull(text["stats"]);
    }

    [Fact]
    public async Task Llama_servers_completion_comes_whole_and_streamed()
    {
        var request = new { prompt = "one two", n_predict = 4, temperature = 0, cache_prompt = true, samplers = new[] { "top_k" }, id_slot = -1 };

        (int status, JsonNode whole) = await gateway.PostAsync("/completion", request);
        (_, string stream) = await gateway.SendAsync(HttpMethod.Post, "/completion", new { request.prompt, request.n_predict, request.temperature, stream = true });

        Assert.True(status == 200, whole.ToJsonString());
        Assert.Equal((true, "limit", 4), ((bool)whole["stop"]!, (string?)whole["stop_type"], (int)whole["tokens_predicted"]!));
        JsonNode[] events = [.. stream.Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Select(e => JsonNode.Parse(e["data: ".Length..])!)];
        Assert.Equal((string?)whole["content"], string.Concat(events.Select(e => (string?)e["content"])));
        Assert.True((bool)events[^1]["stop"]!);
        Assert.Equal(400, (await gateway.PostAsync("/completion", new { prompt = "a", grammar = "root ::= \"a\"" })).Status);
        Assert.Equal(501, (await gateway.PostAsync("/infill", new { input_prefix = "a", input_suffix = "b" })).Status); // the test's model knows no gaps
    }

    [Fact]
    public async Task Documents_are_ranked_slots_counted_and_paths_without_v1_are_the_same()
    {
        (int status, JsonNode ranked) = await gateway.PostAsync("/rerank", new { model = "assistant", query = "a text", documents = new[] { "zzz", "a text", "b" }, top_n = 2 });
        JsonNode slots = await gateway.Gateway.GetJsonAsync("/slots"), adapters = await gateway.Gateway.GetJsonAsync("/lora-adapters");

        Assert.True(status == 200, ranked.ToJsonString());
        Assert.Equal(1, (int)ranked["results"]![0]!["index"]!);
        Assert.Equal(2, ranked["results"]!.AsArray().Count);
        Assert.Equal((4, 8192), (slots.AsArray().Count, (int)slots[0]!["n_ctx"]!));
        Assert.Empty(adapters.AsArray());
        Assert.Equal(200, (await gateway.PostAsync("/chat/completions", new { messages = Question, max_tokens = 1 })).Status);
        Assert.Equal(200, (await gateway.PostAsync("/completions", new { prompt = "a", max_tokens = 1 })).Status);
        Assert.Equal(200, (await gateway.PostAsync("/embeddings", new { input = "a" })).Status);
        Assert.Equal("assistant", (string?)(await gateway.Gateway.GetJsonAsync("/models/assistant"))["id"]);
    }
}
