using System.Text.Json.Nodes;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Tests.Engine.Status;

/// <summary>What an engine tells of itself, against a real engine process.</summary>
public sealed class StatusTests(TestEngine engine) : IClassFixture<TestEngine>
{
    [Fact]
    public async Task Props_say_what_is_served_and_keep_its_folder_to_themselves()
    {
        string text = await engine.Http.GetStringAsync("/props");
        JsonNode props = JsonNode.Parse(text)!;

        Assert.Equal((4, "assistant@3", "tiny.gguf"), ((int)props["total_slots"]!, (string)props["model_alias"]!, (string)props["model_path"]!));
        Assert.Equal((TestEngine.Context, 0.8f),
            ((int)props["default_generation_settings"]!["n_ctx"]!, (float)props["default_generation_settings"]!["params"]!["temperature"]!));
        Assert.Equal((RandomModel.ChatMl, "<|endoftext|>", "<|im_end|>"),
            ((string)props["chat_template"]!, (string)props["bos_token"]!, (string)props["eos_token"]!));
        Assert.DoesNotContain(engine.Folder.Path, text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Metrics_count_what_was_done_by_llama_cpps_names()
    {
        Dictionary<string, double> before = await MetricsAsync();
        string prompt = $"\"metrics {Guid.NewGuid()}\"";
        await engine.CompleteAsync(prompt, "\"cache_prompt\":false,\"speculative.n_max\":0"); // a step for each token
        await engine.CompleteAsync(prompt, "\"speculative.n_max\":0");

        Dictionary<string, double> after = await MetricsAsync();
        Assert.InRange(Grown("llamacpp:prompt_tokens_total"), 45, 47); // a token is computed again for its logits
        Assert.Equal(43, Grown("finetunechat:cached_prompt_tokens_total"));
        Assert.Equal(20, Grown("llamacpp:tokens_predicted_total"));
        Assert.Equal(2, Grown("finetunechat:time_to_first_token_seconds_count"));
        Assert.Equal(2, Grown("finetunechat:time_to_first_token_seconds_bucket{le=\"+Inf\"}"));
        Assert.True(Grown("llamacpp:n_decode_total") >= 20);
        Assert.InRange(after["llamacpp:kv_cache_usage_ratio"], 0.001, 1);
        await Eventually.TrueAsync(async () => await MetricsAsync() is var now && now["llamacpp:requests_processing"] + now["llamacpp:requests_deferred"] == 0);

        double Grown(string name) => after[name] - before[name];
    }

    private async Task<Dictionary<string, double>> MetricsAsync()
    {
        using HttpResponseMessage response = await engine.Http.GetAsync("/metrics");
        Assert.Equal("text/plain", response.Content.Headers.ContentType!.MediaType);
        return (await response.Content.ReadAsStringAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(l => l[0] != '#')
            .Select(l => l.Split(' ')).ToDictionary(l => l[0], l => double.Parse(l[1], System.Globalization.CultureInfo.InvariantCulture));
    }
}
