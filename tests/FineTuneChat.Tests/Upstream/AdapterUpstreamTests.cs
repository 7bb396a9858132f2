using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using FineTuneChat.Gateway.Models;
using FineTuneChat.Gateway.Serving;
using FineTuneChat.Tests.Retraining;
using FineTuneChat.Tests.Support;
using FineTuneChat.Tests.Versions;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Tests.Upstream;

/// <summary>Two real engines on other ports as the far machines: versions are adapters there, by vLLM's routes.</summary>
[Trait(Tier.Name, Tier.Slow)]
public sealed class AdapterUpstreamTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private readonly int[] _ports = [FreePort(), FreePort()];
    private readonly ProgramProcess?[] _far = new ProgramProcess?[2];
    private readonly HttpClient _http = new();
    private TestGateway _gateway = null!;

    public async Task InitializeAsync()
    {
        RandomModel.Write(_folder["random.gguf"]);
        await Task.WhenAll(StartFarAsync(0), StartFarAsync(1));
        _gateway = await StartGatewayAsync();
        for (int number = 1; number <= 5; number++)
            await AddAsync(number, path => RandomAdapter.Write(path, _folder["random.gguf"], seed: number));
    }

    public async Task DisposeAsync()
    {
        await _gateway.DisposeAsync();
        foreach (ProgramProcess? far in _far)
            if (far is not null)
                await far.DisposeAsync();
        _http.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Versions_come_and_go_at_every_replica_under_load_survive_kills_and_roll_back_at_once()
    {
        // Swaps while clients chat: no reply fails, none mixes versions.
        using var stop = new CancellationTokenSource();
        Task<List<string>>[] clients = [.. Enumerable.Range(0, 2).Select(i => Task.Run(() => ChatAsync(i, stop.Token)))];
        foreach (int number in (int[])[1, 2, 3, 4, 5])
            await ActivateAsync(number);

        // The last three stay loaded, at both: the rollback loads nothing.
        string[] kept = ["assistant-v3", "assistant-v4", "assistant-v5"];
        await Eventually.TrueAsync(async () => (await LoadedAsync(0)).SequenceEqual(kept) && (await LoadedAsync(1)).SequenceEqual(kept));
        var clock = Stopwatch.StartNew();
        await ActivateAsync(4);
        Assert.Equal("assistant@4", (string?)(await _gateway.ChatAsync("Hi")).Body["model"]);
        Assert.True(clock.Elapsed < Patience.Limit / 4, $"{clock.Elapsed}"); // alone on the machine it is below 1 s
        string before = await WriteAsync();

        // One far machine is killed under load, and comes back as a new process: whoever asks gets replies all the time, then it has its adapters again.
        await KillFarAsync(0);
        for (int i = 0; i < 8; i++)
            Assert.Equal(200, (await _gateway.ChatAsync($"{i}")).Status);
        await stop.CancelAsync();
        Assert.All(await Task.WhenAll(clients), Assert.NotEmpty);
        await StartFarAsync(0);
        await Eventually.TrueAsync(async () => (await LoadedAsync(0)).Contains("assistant-v4"));

        // Both gone: 503, said by /health, and no version is blamed. Back: the same words as before.
        await KillFarAsync(0);
        await KillFarAsync(1);
        await Eventually.TrueAsync(async () => (int)(await _gateway.Client.GetAsync("/health")).StatusCode == 503);
        Assert.Contains("upstream", await (await _gateway.Client.GetAsync("/health")).Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(503, (await _gateway.ChatAsync("Hi")).Status);
        await StartFarAsync(1);
        await _gateway.ReadyAsync();
        Assert.Equal((before, "assistant@4"), (await WriteAsync(), (string?)(await _gateway.ChatAsync("Hi")).Body["model"]));

        // The gateway is started anew: the version in service is served there again. No engine ever ran here.
        Assert.Equal(0, _gateway.Get<EngineRouter>().ProcessCount);
        await _gateway.DisposeAsync();
        _gateway = await StartGatewayAsync();
        Assert.Equal(before, await WriteAsync());
    }

    [Fact]
    public async Task One_that_does_not_fit_is_refused_with_the_reason_and_a_deleted_one_goes_everywhere()
    {
        await ActivateAsync(1);
        await AddAsync(6, path => RandomAdapter.Write(path, RandomModel.Write(_folder["wide.gguf.other"], new RandomModelShape(Width: 128)), seed: 1));
        await AddAsync(7, path => RandomAdapter.Write(path, _folder["random.gguf"], seed: 7), @base: "another");
        await AddAsync(8, path => RandomAdapter.Write(path, _folder["random.gguf"], seed: 8), isMerged: true);
        foreach ((int number, string reason) in ((int, string)[])[(6, "it is of another model"), (7, "trained on another"), (8, "file of its own")])
        {
            (int status, JsonNode error) = await _gateway.PostAsync($"/api/versions/{number}/activate", "{}");
            Assert.Equal(500, status);
            Assert.Contains(reason, (string?)error["error"]!["message"], StringComparison.Ordinal);
            Assert.Contains(reason, (string?)(await _gateway.GetJsonAsync($"/api/versions/{number}"))["problem"], StringComparison.Ordinal);
        }
        Assert.Equal(["assistant-v1"], await LoadedAsync(0));

        await ActivateAsync(2);
        await ActivateAsync(3);
        Assert.Equal(200, (await _gateway.SendAsync(HttpMethod.Delete, "/api/versions/1")).Status);
        await Eventually.TrueAsync(async () => !(await LoadedAsync(0)).Concat(await LoadedAsync(1)).Contains("assistant-v1"));
        Assert.False(Directory.Exists(_folder["data/adapters/assistant-v1"]));

        // What our engine can beside writing is found out, and passed on.
        (int ok, JsonNode reply) = await _gateway.PostAsync("/v1/chat/completions", new
        {
            messages = new[] { new { role = "user", content = "Hi" } },
            max_tokens = 4,
            logprobs = true,
            response_format = JsonNode.Parse(
                """{"type":"json_schema","json_schema":{"name":"x","schema":{"type":"object","properties":{},"additionalProperties":false}}}"""),
        });
        Assert.True(ok == 200, reply.ToJsonString());
        Assert.NotEmpty(reply["choices"]![0]!["logprobs"]!["content"]!.AsArray());
        Assert.Equal(200, (await _gateway.PostAsync("/tokenize", new { content = "Hi" })).Status);
    }

    /// <summary>The whole loop: rated here, trained here on the base that is here, served there.</summary>
    [Fact]
    public async Task What_is_taught_here_is_said_there()
    {
        (_, JsonNode reply) = await _gateway.ChatAsync("When do you open?");
        await _gateway.PostAsync("/api/feedback", new { completion_id = (string)reply["id"]!, rating = "down", correction = "At nine." });
        (_, JsonNode started) = await _gateway.PostAsync("/api/training/start", RetrainingTests.Quick);
        JsonNode run = await RetrainingTests.FinishedAsync(_gateway, (string)started["id"]!);

        Assert.True((string?)run["status"] == "succeeded", run.ToJsonString());
        JsonNode now = (await _gateway.ChatAsync("When do you open?", maxTokens: 24)).Body;
        Assert.Equal(("assistant@6", "At nine."), ((string?)now["model"], (string?)now["choices"]![0]!["message"]!["content"]));
        Assert.Contains("assistant-v6", await LoadedAsync(1));
        using (EngineLease here = _gateway.Get<EngineRouter>().AcquireBase(_gateway.Get<AssistantRegistry>().First)) // what runs are prepared with
            Assert.NotNull((await here.ProcessAsync(CancellationToken.None)).ProcessId);
        string[] files = ["adapter.gguf", "adapter_config.json", "adapter_model.safetensors"]; // vLLM reads PEFT's, our engine the other
        Assert.Equal(files, Directory.EnumerateFiles(_folder["data/adapters/assistant-v6"]).Select(Path.GetFileName).Order());
    }

    private async Task StartFarAsync(int index)
    {
        _far[index] = ProgramProcess.Start("engine", "--model", _folder["random.gguf"], "--urls", $"http://127.0.0.1:{_ports[index]}", "--threads", "1");
        await _far[index]!.LineAsync("serving random");
    }

    /// <summary>As kill -9.</summary>
    private async Task KillFarAsync(int index)
    {
        await _far[index]!.DisposeAsync();
        _far[index] = null;
    }

    private Task<TestGateway> StartGatewayAsync() => TestGateway.StartReadyAsync(
        _folder, ("Upstream:Kind", "vllm"), ("Upstream:Url", $"http://127.0.0.1:{_ports[0]}/v1"),
        ("Upstream:Urls:0", $"http://127.0.0.1:{_ports[1]}"));

    private async Task AddAsync(int number, Action<string> write, string @base = "random", bool isMerged = false)
    {
        string file = $"versions/{number}/adapter.gguf";
        Directory.CreateDirectory(_folder[$"data/versions/{number}"]);
        write(_folder[$"data/{file}"]);
        await _gateway.Versions.AddAsync(
            RetentionTests.Make(number) with
            {
                Base = @base,
                File = file,
                Adapter = isMerged ? null : file,
                Type = "F32+LoRA",
                BaseSha256 = _gateway.Get<BaseModel>().Sha256,
            });
    }

    private async Task ActivateAsync(int number)
    {
        (int status, JsonNode body) = await _gateway.PostAsync($"/api/versions/{number}/activate", "{}");
        Assert.True(status == 200, body.ToJsonString());
    }

    private async Task<string[]> LoadedAsync(int replica) =>
    [
        .. JsonNode.Parse(await _http.GetStringAsync($"http://127.0.0.1:{_ports[replica]}/v1/models"))!["data"]!.AsArray()
            .Where(m => m!["parent"] is not null).Select(m => (string)m!["id"]!).Order(),
    ];

    /// <summary>The models that answered; each reply that has begun before a kill may end with an error, and none mixes two.</summary>
    private async Task<List<string>> ChatAsync(int client, CancellationToken stop)
    {
        var answered = new List<string>();
        while (!stop.IsCancellationRequested)
        {
            using HttpResponseMessage reply = await _gateway.StreamAsync($"{client}.{answered.Count}", 16, CancellationToken.None);
            Assert.Equal(200, (int)reply.StatusCode);
            List<JsonNode> chunks = [];
            await foreach (string data in SseReader.DataAsync(reply, CancellationToken.None))
                if (data != "[DONE]")
                    chunks.Add(JsonNode.Parse(data)!);
            answered.Add(chunks.Where(c => c["error"] is null).Select(c => $"{c["model"]}").Distinct().Single());
        }

        return answered;
    }

    private async Task<string> WriteAsync()
    {
        (_, JsonNode reply) = await _gateway.PostAsync(
            "/v1/chat/completions",
            new { messages = new[] { new { role = "user", content = "Hello" } }, max_tokens = 12, temperature = 0, ignore_eos = true });
        return (string)reply["choices"]![0]!["message"]!["content"]!;
    }

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
