using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Dapper;
using FineTuneChat.Gateway.Access;
using FineTuneChat.Gateway.Learning.Versions;
using FineTuneChat.Gateway.Serving;
using FineTuneChat.Gateway.Storage;
using FineTuneChat.Tests.Support;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Tests.Gateway;

/// <summary>Engines that come, go and die under load.</summary>
[Trait(Tier.Name, Tier.Slow)]
public sealed class SwapTests
{
    [Fact]
    public async Task Chats_that_never_pause_see_no_error_and_no_mixed_version_through_swaps()
    {
        await using TestGateway gateway = await TestGateway.StartReadyAsync();
        await AddVersionAsync(gateway, 1);
        var swaps = 4 * Scale.Factor;
        var answered = new ConcurrentBag<string>();
        using var stop = new CancellationTokenSource();
        Task[] clients = [.. Enumerable.Range(0, 3).Select(i => Task.Run(() => ChatUntilStoppedAsync(gateway, i, answered, stop.Token)))];

        for (int swap = 0; swap < swaps; swap++)
        {
            int before = answered.Count;
            (int status, JsonNode version) = await gateway.PostAsync($"/api/versions/{(swap + 1) % 2}/activate", "{}");
            Assert.Equal((200, true), (status, (bool)version["active"]!));
            await Eventually.TrueAsync(() => answered.Count >= before + 3);
        }
        await stop.CancelAsync();
        await Task.WhenAll(clients);

        Assert.Equal(["assistant@0", "assistant@1"], answered.Distinct().Order());
        // Each row names the version that answered.
        Assert.All(gateway.Get<Database>().Read(c => c.Query<(string Model, int Version)>("SELECT model, version FROM exchanges").ToArray()),
            row => Assert.Equal($"assistant@{row.Version}", row.Model));
        await Eventually.TrueAsync(() => EngineProcesses(gateway) == 1); // the old ones are gone
    }

    [Fact]
    public async Task A_killed_engine_fails_its_running_reply_with_an_openai_error_and_is_started_again()
    {
        using var folder = new TemporaryFolder();
        RandomModel.Write(folder["random.gguf"], TestGateway.LongContext);
        await using TestGateway gateway = await TestGateway.StartReadyAsync(folder);
        using HttpResponseMessage reply = await gateway.StreamAsync("Hi", TestGateway.Endless, conversation: "broken");
        var data = new List<string>();
        await foreach (string line in SseReader.DataAsync(reply))
        {
            data.Add(line);
            if (data.Count == 3)
                await KillEngineAsync(gateway);
        }
        JsonNode error = JsonNode.Parse(data[^1])!;
        TestGateway.AssertOpenAiError(error, "unavailable");

        (int status, _) = await gateway.ChatAsync("Again"); // waits for the new engine
        Assert.Equal(200, status);
        Assert.Equal(
            "the engine stopped while it wrote",
            gateway.Get<Database>().Read(c => c.QuerySingle<string>("SELECT error FROM exchanges WHERE conversation_id = 'broken'")));
        Assert.NotEqual("", (string?)(await gateway.GetJsonAsync("/api/conversations/broken"))["messages"]![1]!["content"]); // what was produced
    }

    [Fact]
    public async Task A_version_that_does_not_start_leaves_the_one_in_service()
    {
        await using TestGateway gateway = await TestGateway.StartReadyAsync();
        await AddVersionAsync(gateway, 1, corrupt: true);
        (int status, JsonNode error) = await gateway.PostAsync("/api/versions/1/activate", "{}");
        Assert.Equal(500, status);
        TestGateway.AssertOpenAiError(error, "engine_start_failed");
        Assert.Equal("assistant@0", (string?)(await gateway.ChatAsync("Hi")).Body["model"]);
        Assert.Equal(404, (await gateway.PostAsync("/api/versions/9/activate", "{}")).Status);
    }

    [LinuxFact("/proc")]
    public async Task A_new_engine_that_is_killed_while_it_starts_is_started_once_more()
    {
        await using TestGateway gateway = await TestGateway.StartReadyAsync();
        await AddVersionAsync(gateway, 1);
        var versions = gateway.Versions;
        string model = versions.Specification(versions.Find(1)!).ModelPath;
        Task<(int Status, JsonNode Body)> activating = gateway.PostAsync("/api/versions/1/activate", "{}");
        await Eventually.TrueAsync(() => ChildProcesses.Kill(Environment.ProcessId, model) == 1);

        Assert.Equal(200, (await activating).Status);
        Assert.Equal("assistant@1", (string?)(await gateway.ChatAsync("Hi")).Body["model"]);
    }

    [Fact]
    public async Task The_version_in_service_is_served_again_after_a_restart_and_unfinished_ones_are_removed()
    {
        using var folder = new TemporaryFolder();
        await using (TestGateway gateway = await TestGateway.StartReadyAsync(folder))
        {
            await AddVersionAsync(gateway, 1);
            Assert.Equal(200, (await gateway.PostAsync("/api/versions/1/activate", "{}")).Status);
        }
        Directory.CreateDirectory(folder["data/versions/2.partial"]);
        Directory.CreateDirectory(folder["data/versions/3"]); // renamed, but never recorded
        await using (TestGateway again = await TestGateway.StartReadyAsync(folder))
        {
            Assert.Equal("assistant@1", (string?)(await again.ChatAsync("Hi")).Body["model"]);
            Assert.Equal(["1"], Directory.EnumerateDirectories(folder["data/versions"]).Select(Path.GetFileName));
        }

        File.Delete(folder["data/versions/1/model-F32.gguf"]);
        await using TestGateway without = await TestGateway.StartReadyAsync(folder);
        Assert.Equal("assistant@0", (string?)(await without.ChatAsync("Hi")).Body["model"]);
        Assert.Equal(409, (await without.PostAsync("/api/versions/1/activate", "{}")).Status);
    }

    private static async Task ChatUntilStoppedAsync(TestGateway gateway, int client, ConcurrentBag<string> answered, CancellationToken stop)
    {
        for (int turn = 0; !stop.IsCancellationRequested; turn++)
        {
            using HttpResponseMessage reply = await gateway.StreamAsync($"{client}.{turn}", 24, CancellationToken.None);
            Assert.Equal(200, (int)reply.StatusCode);
            IReadOnlyList<JsonNode> chunks = await SseReader.ChunksAsync(reply);
            Assert.All(chunks, chunk => Assert.Null(chunk["error"]));
            answered.Add(chunks.Select(c => $"{c["model"]}").Distinct().Single());
        }
    }

    private static async Task AddVersionAsync(TestGateway gateway, int number, bool corrupt = false)
    {
        var data = gateway.Get<DataFolder>();
        string folder = VersionFolder.Begin(data.Versions, number);
        string file = RandomModel.Write(Path.Combine(folder, "model-F32.gguf"), seed: 100 + number);
        if (corrupt)
            File.WriteAllBytes(file, File.ReadAllBytes(file)[..1000]);
        string path = Path.GetRelativePath(data.Root, VersionFolder.Finish(data.Versions, number));
        await gateway.Versions.AddAsync(new ModelVersion
        {
            Number = number,
            Active = false,
            CreatedAt = 0,
            Base = "random",
            BaseSha256 = "",
            RunId = null,
            File = Path.Combine(path, "model-F32.gguf"),
            Adapter = null,
            Type = "F32",
            Bytes = 1,
            Figures = JsonElement.Parse("{}"),
        });
    }

    private static async Task KillEngineAsync(TestGateway gateway)
    {
        using EngineLease lease = gateway.Get<EngineRouter>().Acquire(Caller.Local, "assistant");
        IRunningEngine engine = await lease.ProcessAsync(CancellationToken.None);
        Process.GetProcessById(engine.ProcessId!.Value).Kill();
        await engine.Exited;
    }

    private static int EngineProcesses(TestGateway gateway) => gateway.Get<EngineRouter>().ProcessCount;
}
