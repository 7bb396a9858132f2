using System.Diagnostics;
using System.Text.Json.Nodes;
using FineTuneChat.Gateway.Access;
using FineTuneChat.Gateway.Models;
using FineTuneChat.Gateway.Serving;
using FineTuneChat.Tests.Support;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Tests.Versions;

/// <summary>Versions that are adapters of the base: they come and go in the one engine that has it, with a real engine.</summary>
[Trait(Tier.Name, Tier.Slow)]
public sealed class AdapterVersionTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private TestGateway _gateway = null!;

    public async Task InitializeAsync()
    {
        _gateway = await TestGateway.StartReadyAsync(_folder);
        for (int number = 1; number <= 3; number++)
            await AddAsync(number, path => RandomAdapter.Write(path, _folder["random.gguf"], seed: number));
    }

    [Fact]
    public async Task Swaps_and_rollbacks_under_load_start_no_process_fail_no_reply_and_mix_none()
    {
        int process = await ProcessAsync();
        using var stop = new CancellationTokenSource();
        Task<List<string>>[] clients = [.. Enumerable.Range(0, 3).Select(i => Task.Run(() => ChatAsync(i, stop.Token)))];
        foreach (int number in (int[])[1, 2, 1, 3, 0, 3])
        {
            await ActivateAsync(number);
            Assert.Equal($"assistant@{number}", (string?)(await _gateway.ChatAsync("Hi")).Body["model"]); // at once
        }
        await stop.CancelAsync();
        Assert.All(await Task.WhenAll(clients), Assert.NotEmpty);

        Assert.Equal((process, 1), (await ProcessAsync(), _gateway.Get<EngineRouter>().ProcessCount));
        string[] texts = await Task.WhenAll(Enumerable.Range(0, 4).Select(n => WriteAsync($"assistant@{n}")));
        Assert.Equal(4, texts.Distinct().Count()); // each in its own words, in the one process
        Assert.Equal(texts[3], await WriteAsync("assistant"));
        Assert.Equal(1, _gateway.Get<EngineRouter>().ProcessCount);
    }

    [Fact]
    public async Task A_process_that_dies_is_started_again_with_the_adapter_in_service_and_so_is_the_gateway()
    {
        await ActivateAsync(1);
        await ActivateAsync(2);
        string before = await WriteAsync("assistant");
        using (Process engine = Process.GetProcessById(await ProcessAsync()))
        {
            engine.Kill();
            await engine.WaitForExitAsync();
        }
        await Eventually.TrueAsync(async () => (await _gateway.ChatAsync("Hi")).Status == 200); // the first one may find it dead
        Assert.Equal(before, await WriteAsync("assistant"));

        await _gateway.DisposeAsync();
        _gateway = await TestGateway.StartReadyAsync(_folder);
        Assert.Equal(("assistant@2", before), ((string?)(await _gateway.ChatAsync("Hi")).Body["model"], await WriteAsync("assistant")));
    }

    [Fact]
    public async Task One_that_is_damaged_or_of_another_model_is_refused_with_a_reason_and_the_one_in_service_goes_on()
    {
        await AddAsync(4, path => File.WriteAllText(path, "no adapter"));
        await AddAsync(5, path => RandomAdapter.Write(path, RandomModel.Write(_folder["wide.gguf.other"], new RandomModelShape(Width: 128)), seed: 1));
        await AddAsync(6, path => RandomModel.Spoil(RandomAdapter.Write(path, _folder["random.gguf"], seed: 1), "blk.0.attn_output.weight.lora_b"));
        await ActivateAsync(1);
        int process = await ProcessAsync();
        foreach ((int number, string reason) in ((int, string)[])[(4, "not a usable GGUF file"), (5, "it is of another model"), (6, "no probability")])
        {
            (int status, JsonNode error) = await _gateway.PostAsync($"/api/versions/{number}/activate", "{}");
            Assert.Equal(500, status);
            Assert.Contains(reason, (string?)error["error"]!["message"], StringComparison.Ordinal);
            Assert.Contains(reason, (string?)(await _gateway.GetJsonAsync($"/api/versions/{number}"))["problem"], StringComparison.Ordinal);
        }

        Assert.Equal("assistant@1", (string?)(await _gateway.ChatAsync("Hi")).Body["model"]);
        Assert.Equal(process, await ProcessAsync());
    }

    [Fact]
    public async Task A_version_that_is_deleted_leaves_the_engines_memory()
    {
        foreach (int number in (int[])[1, 2, 3])
            await ActivateAsync(number);
        Assert.Equal(3, await LoadedAsync());
        Assert.Equal(200, (await _gateway.SendAsync(HttpMethod.Delete, "/api/versions/1")).Status);

        await Eventually.TrueAsync(async () => await LoadedAsync() == 2);
        Assert.Equal(404, (await _gateway.ChatAsync("Hi", "assistant@1")).Status);
        Assert.Equal(200, (await _gateway.ChatAsync("Hi")).Status);
    }

    public async Task DisposeAsync()
    {
        await _gateway.DisposeAsync();
        _folder.Dispose();
    }

    private async Task AddAsync(int number, Action<string> write)
    {
        string file = $"versions/{number}/adapter.gguf";
        Directory.CreateDirectory(_folder[$"data/versions/{number}"]);
        write(_folder[$"data/{file}"]);
        await _gateway.Versions.AddAsync(
            RetentionTests.Make(number) with { File = file, Adapter = file, Type = "F32+LoRA", BaseSha256 = _gateway.Get<BaseModel>().Sha256 });
    }

    private async Task ActivateAsync(int number)
    {
        (int status, JsonNode body) = await _gateway.PostAsync($"/api/versions/{number}/activate", "{}");
        Assert.True(status == 200, body.ToJsonString());
    }

    private async Task<int> ProcessAsync()
    {
        using EngineLease lease = _gateway.Get<EngineRouter>().Acquire(Caller.Local, "assistant");
        return (await lease.ProcessAsync(CancellationToken.None)).ProcessId!.Value;
    }

    private async Task<int> LoadedAsync()
    {
        const string Name = "finetunechat:adapters_loaded ";
        return int.Parse((await _gateway.Client.GetStringAsync("/metrics")).Split('\n').First(l => l.StartsWith(Name, StringComparison.Ordinal))[Name.Length..],
            System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>The models that answered; each reply is whole and of one.</summary>
    private async Task<List<string>> ChatAsync(int client, CancellationToken stop)
    {
        var answered = new List<string>();
        while (!stop.IsCancellationRequested)
        {
            using HttpResponseMessage reply = await _gateway.StreamAsync($"{client}.{answered.Count}", 24, CancellationToken.None);
            Assert.Equal(200, (int)reply.StatusCode);
            IReadOnlyList<JsonNode> chunks = await SseReader.ChunksAsync(reply);
            Assert.All(chunks, chunk => Assert.Null(chunk["error"]));
            answered.Add(chunks.Select(c => $"{c["model"]}").Distinct().Single());
        }

        return answered;
    }

    /// <summary>Twelve tokens, whatever they are: a random model may want to end at once.</summary>
    private async Task<string> WriteAsync(string model) => TextOf(await _gateway.PostAsync(
        "/v1/chat/completions",
        new { model, messages = new[] { new { role = "user", content = "Who are you?" } }, max_tokens = 12, temperature = 0, ignore_eos = true }));

    private static string TextOf((int Status, JsonNode Body) reply) => (string)reply.Body["choices"]![0]!["message"]!["content"]!;
}
