using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using FineTuneChat.Tests.Support;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Tests.Engine;

/// <summary>Adapters that come and go in a real engine process, over vLLM's routes.</summary>
[Trait(Tier.Name, Tier.Slow)]
public sealed class AdapterTests(AdapterTests.Fixture fixture) : IClassFixture<AdapterTests.Fixture>
{
    private const int Endless = 30_000; // tokens

    /// <summary>An engine that has room for two adapters, of which four are there as files.</summary>
    public sealed class Fixture : IAsyncLifetime
    {
        private ProgramProcess _process = null!;

        public TemporaryFolder Folder { get; } = new();

        public HttpClient Http { get; private set; } = null!;

        public async Task InitializeAsync()
        {
            string model = RandomModel.Write(Folder["base.gguf"], new RandomModelShape(Context: 32768));
            for (int seed = 1; seed <= 4; seed++)
                RandomAdapter.Write(Folder[$"{seed}.gguf"], model, seed);
            _process = ProgramProcess.Start(
                "engine", "--model", model, "--socket", Folder["s"], "--max-adapters", "2", "--parallel", "4", "--threads", "1", "--ctx", "32768");
            await _process.LineAsync("serving base");
            Http = TestEngine.Client(Folder["s"]);
        }

        public async Task DisposeAsync()
        {
            Http.Dispose();
            await _process.DisposeAsync();
            Folder.Dispose();
        }
    }

    [Fact]
    public async Task An_adapter_is_a_model_by_its_name_until_it_is_unloaded()
    {
        string name = await LoadAsync(1);
        JsonNode[] models = [.. JsonNode.Parse(await fixture.Http.GetStringAsync("/v1/models"))!["data"]!.AsArray().Select(m => m!)];
        JsonNode card = models.Single(m => (string?)m["id"] == name);
        Assert.Equal(("base", (string?)null), ((string?)card["parent"], (string?)models[0]["parent"]));

        (JsonNode ours, JsonNode bare) = (await ChatAsync(name, "Hello"), await ChatAsync("base", "Hello"));
        Assert.Equal((name, "base"), ((string?)ours["model"], (string?)bare["model"]));
        Assert.NotEqual(TextOf(ours), TextOf(bare));
        Assert.NotEqual((await EmbedAsync(name)).ToJsonString(), (await EmbedAsync("base")).ToJsonString());
        Assert.Equal((await EmbedAsync("base")).ToJsonString(), (await EmbedAsync("base")).ToJsonString());

        Assert.Equal(200, (await PostAsync("/v1/unload_lora_adapter", new { lora_name = name })).Status);
        Assert.Equal(404, (await PostAsync("/v1/chat/completions", Ask(name, "Hello"))).Status);
        Assert.Equal(404, (int)(await fixture.Http.GetAsync($"/v1/models/{name}")).StatusCode);
        Assert.Equal(TextOf(bare), TextOf(await ChatAsync("base", "Hello")));
    }

    [Fact]
    public async Task What_cannot_be_loaded_is_refused_with_a_reason_and_nothing_is_lost()
    {
        string name = await LoadAsync(1), before = TextOf(await ChatAsync(name, "Still there?"));
        string wide = RandomModel.Write(fixture.Folder["wide.gguf"], new RandomModelShape(Width: 128));
        string qwen = RandomModel.Write(fixture.Folder["qwen.gguf"], new RandomModelShape { Architecture = "qwen2" });
        string deep = RandomModel.Write(fixture.Folder["deep.gguf"], new RandomModelShape(Layers: 3));
        File.WriteAllText(fixture.Folder["text.gguf"], "no adapter");
        byte[] whole = File.ReadAllBytes(fixture.Folder["1.gguf"]);
        File.WriteAllBytes(fixture.Folder["cut.gguf"], whole[..(whole.Length / 2)]);
        (object Body, int Status, string Reason)[] cases =
        [
            (new { lora_path = "x" }, 400, "'lora_name' is missing"),
            (new { lora_name = "x" }, 400, "'lora_path' is missing"),
            (new { lora_name = "a b", lora_path = "x" }, 400, "none of them a space"),
            (new { lora_name = name, lora_path = fixture.Folder["2.gguf"] }, 400, "is taken by another adapter"),
            (new { lora_name = "base", lora_path = fixture.Folder["2.gguf"], load_inplace = true }, 400, "is taken by the model itself"),
            (new { lora_name = "x", lora_path = fixture.Folder["none.gguf"] }, 404, "none.gguf"),
            (new { lora_name = "x", lora_path = fixture.Folder.Path }, 400, "is a folder without adapter.gguf"),
            (new { lora_name = "x", lora_path = fixture.Folder["text.gguf"] }, 400, "not a usable GGUF file"),
            (new { lora_name = "x", lora_path = fixture.Folder["cut.gguf"] }, 400, "not a usable GGUF file"),
            (new { lora_name = "x", lora_path = fixture.Folder["base.gguf"] }, 400, "it is no LoRA adapter"),
            (new { lora_name = "x", lora_path = Of(wide) }, 400, "it is of another model"),
            (new { lora_name = "x", lora_path = Of(deep) }, 400, "which"),
            (new { lora_name = "x", lora_path = Of(qwen) }, 400, "it is for models of architecture 'qwen2'"),
            (new { lora_name = "x", lora_path = fixture.Folder["2.gguf"], scale = 1e9 }, 400, "'scale'"),
        ];
        foreach ((object body, int status, string reason) in cases)
        {
            (int answered, string text) = await PostAsync("/v1/load_lora_adapter", body);
            Assert.Equal((status, JsonSerializer.Serialize(body)), (answered, JsonSerializer.Serialize(body)));
            Assert.Contains(reason, (string?)JsonNode.Parse(text)!["error"]!["message"], StringComparison.Ordinal);
        }

        Assert.Equal(404, (await PostAsync("/v1/unload_lora_adapter", new { lora_name = "x" })).Status);
        Assert.Equal(before, TextOf(await ChatAsync(name, "Still there?")));

        string Of(string model) => RandomAdapter.Write(model + ".lora", model, seed: 1);
    }

    [Fact]
    public async Task More_adapters_than_there_is_room_for_take_turns_in_memory_and_many_replies_never_mix()
    {
        string[] names = ["base", .. await Task.WhenAll(Enumerable.Range(1, 4).Select(LoadAsync))];
        Assert.Equal(2, await MetricAsync("finetunechat:adapters_loaded"));
        var expected = new Dictionary<string, string>();
        foreach (string name in names)
            expected[name] = TextOf(await ChatAsync(name, "Who are you?"));
        Assert.Equal(names.Length, expected.Values.Distinct().Count());

        await Task.WhenAll(Enumerable.Range(0, 120).Select(async i =>
        {
            string name = names[i * 7 % names.Length];
            JsonNode reply = await ChatAsync(name, "Who are you?");
            Assert.Equal((name, expected[name]), ((string?)reply["model"], TextOf(reply)));
        }));
        Assert.Equal(2, await MetricAsync("finetunechat:adapters_loaded"));
    }

    [Fact]
    public async Task One_in_use_is_never_evicted_and_unloading_it_waits_for_its_last_reply()
    {
        string one = await LoadAsync(1), two = await LoadAsync(2), three = await LoadAsync(3);
        const int Tokens = 800;
        string expected = TextOf(await ChatAsync(one, "Tell me a long story.", Tokens));

        using HttpResponseMessage story = await StreamAsync(one, "Tell me a long story.", Tokens);
        foreach (string other in (string[])[two, three, two])
            Assert.Equal(other, (string?)(await ChatAsync(other, "Quick!"))["model"]);
        Task<(int Status, string Text)> unloading = PostAsync("/v1/unload_lora_adapter", new { lora_name = one });
        await Eventually.TrueAsync(async () => (await PostAsync("/v1/chat/completions", Ask(one, "New"))).Status == 404);
        IReadOnlyList<JsonNode> chunks = await SseReader.ChunksAsync(story);

        Assert.Equal(expected, string.Concat(chunks.Select(c => (string?)c["choices"]![0]!["delta"]!["content"])));
        Assert.Equal([one], chunks.Select(c => (string?)c["model"]).Distinct());
        Assert.Equal(200, (await unloading).Status);
    }

    [Fact]
    public async Task While_all_places_in_memory_are_in_use_a_further_adapter_waits_for_one()
    {
        string one = await LoadAsync(1), two = await LoadAsync(2), three = await LoadAsync(3);
        using HttpResponseMessage first = await StreamAsync(one, "a", Endless), second = await StreamAsync(two, "b", Endless);
        Task<JsonNode> third = ChatAsync(three, "c");
        Assert.Equal("base", (string?)(await ChatAsync("base", "d"))["model"]); // needs no place
        Assert.False(third.IsCompleted);
        first.Dispose(); // this client leaves

        Assert.Equal(three, (string?)(await third)["model"]);
    }

    [Fact]
    public async Task An_adapter_can_be_replaced_under_its_name_and_has_nothing_of_the_former_ones_prefixes()
    {
        string question = string.Concat(Enumerable.Repeat("The same beginning. ", 10)), name = await LoadAsync(1);
        string former = TextOf(await ChatAsync(name, question));
        string other = TextOf(await ChatAsync(await LoadAsync(2), question));
        var body = new { lora_name = name, lora_path = fixture.Folder["2.gguf"], load_inplace = true };
        Assert.Equal(200, (await PostAsync("/v1/load_lora_adapter", body)).Status);

        JsonNode now = await ChatAsync(name, question);
        Assert.Equal((other, 0), (TextOf(now), (int)now["usage"]!["prompt_tokens_details"]!["cached_tokens"]!));
        Assert.NotEqual(former, TextOf(now));
        Assert.True((int)(await ChatAsync(name, question))["usage"]!["prompt_tokens_details"]!["cached_tokens"]! > 100); // its own
    }

    [Fact]
    public async Task The_gateway_says_with_each_request_whom_it_asks_whatever_name_the_client_used()
    {
        string name = "assistänt@7", expected = TextOf(await ChatAsync(await LoadAsync(3), "Hello"));
        JsonNode reply = await ToldAsync(name, fixture.Folder["3.gguf"]), bare = await ToldAsync("assistant@0", adapter: null);

        Assert.Equal((name, expected), ((string?)reply["model"], TextOf(reply)));
        Assert.Equal(("assistant@0", TextOf(await ChatAsync("base", "Hello"))), ((string?)bare["model"], TextOf(bare)));
        JsonNode missing = await ToldAsync("gone", fixture.Folder["none.gguf"], HttpStatusCode.ServiceUnavailable);
        Assert.Contains("none.gguf", (string?)missing["error"]!["message"], StringComparison.Ordinal);

        async Task<JsonNode> ToldAsync(string model, string? adapter, HttpStatusCode status = HttpStatusCode.OK)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions") { Content = Json(Ask("assistant", "Hello")) };
            request.Headers.Add("X-Model", Uri.EscapeDataString(model));
            if (adapter is not null)
                request.Headers.Add("X-Adapter", Uri.EscapeDataString(adapter + ":1"));
            using HttpResponseMessage response = await fixture.Http.SendAsync(request);
            Assert.Equal(status, response.StatusCode);
            return JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
        }
    }

    /// <summary>Under a name of its own: the tests share the engine.</summary>
    private async Task<string> LoadAsync(int number)
    {
        string name = $"{number}-{Guid.NewGuid():N}";
        (int status, string text) = await PostAsync("/v1/load_lora_adapter", new { lora_name = name, lora_path = fixture.Folder[$"{number}.gguf"] });
        Assert.Equal((200, $"Success: LoRA adapter '{name}' added successfully."), (status, text));
        return name;
    }

    private async Task<JsonNode> ChatAsync(string model, string text, int maxTokens = 12)
    {
        (int status, string body) = await PostAsync("/v1/chat/completions", Ask(model, text, maxTokens));
        Assert.True(status == 200, body);
        return JsonNode.Parse(body)!;
    }

    private async Task<JsonNode> EmbedAsync(string model) =>
        JsonNode.Parse((await PostAsync("/v1/embeddings", new { model, input = "Hello" })).Text)!["data"]![0]!["embedding"]!;

    private Task<HttpResponseMessage> StreamAsync(string model, string text, int maxTokens) => fixture.Http.SendAsync(
        new(HttpMethod.Post, "/v1/chat/completions") { Content = Json(Ask(model, text, maxTokens, stream: true)) }, HttpCompletionOption.ResponseHeadersRead);

    private async Task<(int Status, string Text)> PostAsync(string path, object body)
    {
        using HttpResponseMessage response = await fixture.Http.PostAsync(path, Json(body));
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    private async Task<double> MetricAsync(string name) => double.Parse(
        (await fixture.Http.GetStringAsync("/metrics")).Split('\n').First(l => l.StartsWith(name + " ", StringComparison.Ordinal))[name.Length..],
        CultureInfo.InvariantCulture);

    private static object Ask(string model, string text, int maxTokens = 12, bool stream = false) => new
    {
        model,
        messages = new[] { new { role = "user", content = text } },
        temperature = 0,
        ignore_eos = true,
        max_tokens = maxTokens,
        stream,
    };

    private static StringContent Json(object body) => new(JsonSerializer.Serialize(body), null, "application/json");

    private static string TextOf(JsonNode reply) => (string)reply["choices"]![0]!["message"]!["content"]!;
}
