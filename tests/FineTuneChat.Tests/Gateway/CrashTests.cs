using System.Text.Json.Nodes;
using FineTuneChat.Tests.Support;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Tests.Gateway;

/// <summary>kill -9 of the gateway, and a disk that is full: nothing that was acknowledged is lost.</summary>
[Trait(Tier.Name, Tier.Slow)]
public sealed class CrashTests
{
    [Fact]
    public async Task A_rating_that_was_answered_survives_a_kill_an_instant_later()
    {
        using var folder = new TemporaryFolder();
        string id;
        using (GatewayProcess gateway = await (await GatewayProcess.StartAsync(folder)).ReadyAsync())
        {
            (_, JsonNode reply) = await ChatAsync(gateway, "When do you open?");
            id = (string)reply["id"]!;
            (int status, _) = await gateway.PostAsync("/api/feedback", new { completion_id = id, rating = "down", correction = "At nine." });
            Assert.Equal(200, status);
            await gateway.KillAsync();
        }
        using GatewayProcess again = await GatewayProcess.StartAsync(folder);
        JsonNode example = (await again.GetJsonAsync("/api/dataset"))["data"]!.AsArray().Single()!;
        Assert.Equal((id, "At nine."), ((string?)example["completion_id"], (string?)example["messages"]![1]!["content"]));
    }

    [Fact]
    public async Task A_run_that_a_kill_interrupts_is_taken_up_by_the_next_start()
    {
        using var folder = new TemporaryFolder();
        string run;
        using (GatewayProcess gateway = await (await GatewayProcess.StartAsync(folder)).ReadyAsync())
        {
            run = await TeachAsync(gateway, new { epochs = 60, rank = 8, learning_rate = 0.002, batch_size = 1 });
            await Eventually.TrueAsync(async () => (int?)(await gateway.GetJsonAsync($"/api/training/runs/{run}"))["progress"]?["step"] >= 5);
            await gateway.KillAsync();
        }
        using GatewayProcess again = await GatewayProcess.StartAsync(folder);
        Assert.Equal(run, (string?)(await again.GetJsonAsync("/api/training"))["run"]?["id"]);
        JsonNode finished = await FinishedAsync(again, run);
        Assert.True((string?)finished["status"] == "succeeded", finished.ToJsonString());
        Assert.Equal("assistant@1", (string?)(await ChatAsync(again, "Hi")).Body["model"]);
    }

    [UnixFact("ulimit")]
    public async Task A_full_disk_during_export_fails_the_run_with_its_reason_and_loses_nothing()
    {
        using var folder = new TemporaryFolder();
        RandomModel.Write(folder["random.gguf"], new RandomModelShape(Layers: 2, Width: 256, FeedForward: 1024));
        using GatewayProcess gateway = await (await GatewayProcess.StartAsync(folder, maxFileKilobytes: 1500)).ReadyAsync();
        string run = await TeachAsync(gateway, new { epochs = 2, rank = 1 });
        JsonNode finished = await FinishedAsync(gateway, run);
        Assert.Equal("failed", (string?)finished["status"]);
        Assert.StartsWith("export failed", (string?)finished["error"]);
        Assert.Empty(Directory.EnumerateDirectories(folder["data/versions"]));
        Assert.Equal("assistant@0", (string?)(await ChatAsync(gateway, "Hi")).Body["model"]);
        Assert.Equal(1, (int)(await gateway.GetJsonAsync("/api/training"))["waiting"]!["new"]!);
    }

    private static async Task<string> TeachAsync(GatewayProcess gateway, object options)
    {
        (_, JsonNode reply) = await ChatAsync(gateway, "When do you open?");
        await gateway.PostAsync("/api/feedback", new { completion_id = (string)reply["id"]!, rating = "down", correction = "At nine." });
        (_, JsonNode started) = await gateway.PostAsync("/api/training/start", new { options });
        return (string)started["id"]!;
    }

    private static Task<(int Status, JsonNode Body)> ChatAsync(GatewayProcess gateway, string text) =>
        gateway.PostAsync("/v1/chat/completions", new { model = "assistant", messages = new[] { new { role = "user", content = text } }, max_tokens = 8 });

    private static async Task<JsonNode> FinishedAsync(GatewayProcess gateway, string run)
    {
        await Eventually.TrueAsync(async () => (await gateway.GetJsonAsync($"/api/training/runs/{run}"))["finished_at"] is not null, Patience.RunLimit);
        return await gateway.GetJsonAsync($"/api/training/runs/{run}");
    }
}
