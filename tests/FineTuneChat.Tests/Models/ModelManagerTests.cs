using System.Text.Json.Nodes;
using FineTuneChat.Gateway.Events;
using FineTuneChat.Tests.Support;
using FineTuneChat.TestSupport;
using FineTuneChat.TestSupport.Hub;

namespace FineTuneChat.Tests.Models;

/// <summary>A gateway without an engine, and a hub.</summary>
public sealed class ModelManagerFixture : IAsyncLifetime
{
    internal TemporaryFolder Folder { get; } = new();
    internal HubServer Hub { get; private set; } = null!;
    internal TestGateway Gateway { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Hub = (await HubServer.StartAsync()).Add("owner/gated", [("g-Q4_K_M.gguf", ModelFiles.Small)], isGated: true)
            .Add("owner/bad", [("adapter-F16.gguf", ModelFiles.Adapter)]);
        foreach (string name in (string[])["offered", "paused", "left", "spoiled"])
            Hub.Add(
                $"owner/{name}",
                [($"{name}-Q4_K_M.gguf", ModelFiles.Model), ($"{name}-Q8_0.gguf", ModelFiles.Small), ("mmproj-f16.gguf", ModelFiles.Projector)]);
        await RestartAsync();
    }

    public async Task RestartAsync()
    {
        if (Gateway is not null)
            await Gateway.DisposeAsync();
        Gateway = await TestGateway.StartWithoutEngineAsync(Folder, ("Models:HubUrl", Hub.Address.ToString()));
    }

    public async Task DisposeAsync()
    {
        await Gateway.DisposeAsync();
        await Hub.DisposeAsync();
        Folder.Dispose();
    }
}

/// <summary><c>/api/models</c> through a running gateway and a hub.</summary>
public sealed class ModelManagerTests : IClassFixture<ModelManagerFixture>
{
    private readonly ModelManagerFixture _fixture;
    private readonly TemporaryFolder _folder;
    private readonly HubServer _hub;

    public ModelManagerTests(ModelManagerFixture fixture)
    {
        _fixture = fixture;
        (_folder, _hub) = (fixture.Folder, fixture.Hub);
        _hub.Forget();
    }

    private TestGateway Gateway => _fixture.Gateway;

    [Fact]
    public async Task Local_models_are_described_and_broken_ones_say_why()
    {
        File.WriteAllBytes(_folder["broken.gguf"], ModelFiles.Model[..^1000]);
        JsonArray models = (await Gateway.GetJsonAsync("/api/models"))["data"]!.AsArray();

        JsonNode random = models.Single(m => (string)m!["name"]! == "random")!, broken = models.Single(m => (string)m!["name"]! == "broken")!;
        Assert.Equal(("random.gguf", "llama", "F32", 512),
            ((string)random["file"]!, (string)random["architecture"]!, (string)random["quantization"]!, (int)random["context_length"]!));
        Assert.Equal((true, true, "unloaded"), ((bool)random["usable"]!, (bool)random["is_base"]!, (string)random["state"]!));
        Assert.True((long)random["parameters"]! > 10_000);
        Assert.Equal("yes", (string)random["memory"]!["fits"]!);
        Assert.False((bool)broken["usable"]!);
        Assert.Contains("incomplete download", (string)broken["problem"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_hub_is_searched_and_an_offer_says_what_fits()
    {
        JsonNode found = (await Gateway.GetJsonAsync("/api/models/search?q=owner/offered"))["data"]!.AsArray().Single()!;
        Assert.Equal(("owner/offered", 1000, 7, "apache-2.0"),
            ((string)found["name"]!, (int)found["downloads"]!, (int)found["likes"]!, (string)found["license"]!));
        Assert.Equal(["Q4_K_M", "Q8_0"], found["quantizations"]!.AsArray().Select(q => (string)q!));

        JsonNode offer = await Gateway.GetJsonAsync("/api/models/hub/owner/offered");
        Assert.Equal("mmproj-f16.gguf", (string)offer["projectors"]![0]!);
        JsonNode usual = offer["quantizations"]!.AsArray().Single(q => (bool)q!["is_default"]!)!;
        Assert.Equal(("owner/offered:Q4_K_M", ModelFiles.Model.Length, "yes", false),
            ((string)usual["name"]!, (int)usual["bytes"]!, (string)usual["memory"]!["fits"]!, (bool)usual["is_here"]!));
    }

    [Fact]
    public async Task A_download_is_paused_goes_on_and_its_events_tell_how_far_it_is()
    {
        var events = new List<ServerEvent>();
        using var stop = new CancellationTokenSource();
        Task listening = ListenAsync(events, stop.Token);
        _hub.Trouble = r => r is { IsStorage: true, From: >= 1_000_000 } ? new HubTrouble { StallAfter = 100 } : null;

        (int status, JsonNode begun) = await PullAsync("owner/paused");
        Assert.Equal((202, "owner/paused:Q4_K_M", "downloading"), (status, (string)begun["name"]!, (string)begun["status"]!));
        Assert.Equal(409, (await PullAsync("owner/paused:Q4_K_M")).Status);
        await Eventually.TrueAsync(() => _hub.BytesSent > 800_000);
        (status, JsonNode paused) = await Gateway.PostAsync("/api/models/pull/pause", new { name = "owner/paused" });
        Assert.Equal((200, "paused"), (status, (string)paused["status"]!));

        _hub.Forget();
        await PullAsync("owner/paused");
        await Eventually.TrueAsync(async () => (string)(await DownloadAsync("owner/paused:Q4_K_M"))["status"]! == "done");
        Assert.Contains((await Gateway.GetJsonAsync("/api/models"))["data"]!.AsArray(), m => (string)m!["name"]! == "paused-Q4_K_M");
        await Eventually.TrueAsync(() => Has("done"));
        Assert.True(Has("downloading") && Has("paused"));
        await stop.CancelAsync();
        await listening;

        bool Has(string word)
        {
            lock (events)
                return events.Any(e => e.Name == "model.progress" && (string)JsonNode.Parse(e.Data)!["status"]! == word);
        }
    }

    [Fact]
    public async Task A_cancelled_download_leaves_nothing_and_one_of_an_earlier_server_can_be_cancelled_too()
    {
        _hub.Trouble = r => r is { IsStorage: true, From: >= 1_000_000 } ? new HubTrouble { StallAfter = 100 } : null;
        await PullAsync("owner/left");
        await Eventually.TrueAsync(() => _hub.BytesSent > 800_000);
        await _fixture.RestartAsync();
        Assert.Equal("paused", (string)(await DownloadAsync("owner/left:Q4_K_M"))["status"]!);

        (int status, JsonNode cancelled) = await Gateway.PostAsync("/api/models/pull/cancel", new { name = "owner/left:Q4_K_M" });

        Assert.Equal((200, "cancelled"), (status, (string)cancelled["status"]!));
        Assert.Empty(Directory.GetFiles(_folder["owner/left"]));
        Assert.Equal(404, (await Gateway.PostAsync("/api/models/pull/cancel", new { name = "owner/left:Q4_K_M" })).Status);
    }

    [Fact]
    public async Task A_failed_download_says_why()
    {
        _hub.Trouble = r => r is { IsStorage: true, To: < 100_000 } or { IsStorage: true, From: > 0 } ? new HubTrouble { IsSpoiled = true } : null;
        await PullAsync("owner/spoiled");
        await Eventually.TrueAsync(async () => (string)(await DownloadAsync("owner/spoiled:Q4_K_M"))["status"]! == "failed");
        Assert.Contains("SHA-256", (string)(await DownloadAsync("owner/spoiled:Q4_K_M"))["error"]!, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("llama3", 400, "invalid_value")]
    [InlineData("owner/spoiled:Q2_K", 404, "not_found")]
    [InlineData("owner/gated", 422, "hub_denied")]
    [InlineData("owner/bad:F16", 422, "model_unusable")]
    [InlineData("", 400, "invalid_value")]
    public async Task What_cannot_be_pulled_is_refused_at_once(string name, int expected, string code)
    {
        (int status, JsonNode refused) = await PullAsync(name);
        Assert.Equal(expected, status);
        TestGateway.AssertOpenAiError(refused, code);
    }

    [Fact]
    public async Task A_model_is_deleted_with_its_folders_but_not_the_base()
    {
        Directory.CreateDirectory(_folder["pub/re"]);
        File.WriteAllBytes(_folder["pub/re/gone-Q8_0.gguf"], ModelFiles.Small);

        (int status, JsonNode removed) = await Gateway.SendAsync(HttpMethod.Delete, "/api/models/pub%2Fre:Q8_0");
        Assert.Equal((200, "gone-Q8_0"), (status, (string?)removed["id"]));
        Assert.False(Directory.Exists(_folder["pub"]));
        Assert.Equal(404, (await Gateway.SendAsync(HttpMethod.Delete, "/api/models/gone-Q8_0")).Status);
        (status, JsonNode refused) = await Gateway.SendAsync(HttpMethod.Delete, "/api/models/random");
        Assert.Equal(409, status);
        TestGateway.AssertOpenAiError(refused, "model_in_use");
        Assert.True(File.Exists(_folder["random.gguf"]));
    }

    [Fact]
    public async Task How_a_model_is_loaded_is_remembered_over_a_restart_and_wrong_options_are_refused()
    {
        var options = new { context_length = 256, cache_type_keys = "q8_0" };
        (int status, JsonNode changed) = await Gateway.SendAsync(HttpMethod.Patch, "/api/models/random", options);
        Assert.Equal((200, 256, "q8_0"), (status, (int)changed["options"]!["context_length"]!, (string)changed["options"]!["cache_type_keys"]!));
        await _fixture.RestartAsync();
        Assert.Equal(256, (int)(await ModelAsync("random"))["options"]!["context_length"]!);

        foreach ((object wrong, string param) in (IEnumerable<(object, string)>)
            [(new { gpu_layers = -2 }, "gpu_layers"), (new { flash_attention = "maybe" }, "flash_attention"), (new { threads = 2 }, "threads")])
        {
            (status, JsonNode refused) = await Gateway.SendAsync(HttpMethod.Patch, "/api/models/random", wrong);
            Assert.Equal((400, param), (status, (string)refused["error"]!["param"]!));
        }
        (_, changed) = await Gateway.SendAsync(HttpMethod.Patch, "/api/models/random", new { });
        Assert.Null(changed["options"]);
    }

    [Fact]
    public async Task The_estimate_moves_with_the_options()
    {
        long large = await BytesAsync(new { context_length = 512 }), small = await BytesAsync(new { context_length = 256 }),
            quantised = await BytesAsync(new { context_length = 512, cache_type_keys = "q8_0", cache_type_values = "q8_0" });
        Assert.True(small < large && quantised < large, $"{small} {quantised} {large}");
        (int status, JsonNode onGpu) = await Gateway.PostAsync("/api/models/random/memory", new { gpu_layers = 2 });
        Assert.Equal((200, 3, true), (status, (int)onGpu["layers"]!, (long)onGpu["gpu_bytes"]! > 0));
        Assert.Equal(404, (await Gateway.PostAsync("/api/models/nobody/memory", new { })).Status);

        async Task<long> BytesAsync(object options) => (long)(await Gateway.PostAsync("/api/models/random/memory", options)).Body["bytes"]!;
    }

    private async Task<JsonNode> ModelAsync(string name) =>
        (await Gateway.GetJsonAsync("/api/models"))["data"]!.AsArray().Single(m => (string)m!["name"]! == name)!;

    private Task<(int Status, JsonNode Body)> PullAsync(string name) => Gateway.PostAsync("/api/models/pull", new { name });

    private async Task<JsonNode> DownloadAsync(string name) =>
        (await Gateway.GetJsonAsync("/api/models/pull"))["data"]!.AsArray().Single(d => (string)d!["name"]! == name)!;

    private async Task ListenAsync(List<ServerEvent> events, CancellationToken stop)
    {
        try
        {
            await foreach (ServerEvent published in Gateway.Get<EventHub>().ListenAsync(stop))
                lock (events)
                    events.Add(published);
        }
        catch (OperationCanceledException)
        {
            // enough seen
        }
    }
}

/// <summary>Loading and unloading, with real engines.</summary>
[Trait(Tier.Name, Tier.Slow)]
public sealed class ModelLoadingTests
{
    [Fact]
    public async Task A_model_is_loaded_answers_is_in_use_and_is_unloaded()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["other.gguf"], ModelFiles.Model);
        RandomModel.Spoil(RandomModel.Write(folder["nan.gguf"]), "output_norm.weight");
        await using TestGateway gateway = await TestGateway.StartReadyAsync(folder);

        (int status, JsonNode loaded) = await gateway.PostAsync("/api/models/other/load", new { });
        Assert.Equal((200, "loaded"), (status, (string?)loaded["state"]));
        JsonNode running = (await gateway.GetJsonAsync("/api/models/loaded"))["data"]!.AsArray().Single(m => (string)m!["id"]! == "other")!;
        Assert.True((long)running["memory_bytes"]! > 1_000_000 && (long)running["ends_at"]! > (long)running["since"]!);
        (status, loaded) = await gateway.PostAsync("/api/models/other/load", new { context_length = 256 }); // in another way: it starts anew
        Assert.Equal((200, "loaded"), (status, (string?)loaded["state"]));
        Assert.Equal(256, (int)(await gateway.GetJsonAsync("/v1/models/other"))["context_length"]!);
        Assert.Equal(200, (await gateway.ChatAsync("hi", "other")).Status);
        Assert.Equal(409, (await gateway.SendAsync(HttpMethod.Delete, "/api/models/other")).Status);
        Assert.Equal(409, (await gateway.PostAsync("/api/models/random/unload", new { })).Status);
        (status, JsonNode unloaded) = await gateway.PostAsync("/api/models/other/unload", new { });
        Assert.Equal((200, "unloaded"), (status, (string?)unloaded["state"]));
        await Eventually.TrueAsync(async () => (await gateway.SendAsync(HttpMethod.Delete, "/api/models/other")).Status == 200);

        (status, JsonNode refused) = await gateway.PostAsync("/api/models/nan/load", new { });
        Assert.Equal(422, status);
        JsonNode marked = (await gateway.GetJsonAsync("/api/models"))["data"]!.AsArray().Single(m => (string)m!["name"]! == "nan")!;
        Assert.Equal((false, "unloaded"), ((bool)marked["usable"]!, (string)marked["state"]!));
        Assert.Contains((string)marked["problem"]!, (string)refused["error"]!["message"]!, StringComparison.Ordinal);
    }
}
