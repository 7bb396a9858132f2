using System.Text.Json.Nodes;
using FineTuneChat.Gateway.Learning.Examples;
using FineTuneChat.Gateway.Learning.Runs;
using FineTuneChat.Gateway.Learning.Versions;
using FineTuneChat.Tests.Support;
using FineTuneChat.Tests.Versions;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Tests.Retraining;

public sealed class ErasureTests
{
    [Fact]
    public async Task The_versions_are_those_that_trained_on_it_and_the_others_are_not_named()
    {
        using var folder = new TemporaryFolder();
        await using TestGateway gateway = await TestGateway.StartWithoutEngineAsync(folder);
        await gateway.Versions.OpenAsync();
        string[] runs =
        [
            await UseAsync(gateway, "chat-1", "train"),
            await UseAsync(gateway, "chat-1", "train"),
            await UseAsync(gateway, "chat-1", "held_out"),
            await UseAsync(gateway, "chat-2", "train"),
        ];
        for (int i = 0; i < runs.Length; i++)
        {
            Directory.CreateDirectory(folder[$"data/versions/{i + 1}"]);
            await gateway.Versions.AddAsync(RetentionTests.Make(i + 1, run: runs[i]));
            Directory.CreateDirectory(folder[$"data/runs/{runs[i]}"]);
            File.WriteAllText(folder[$"data/runs/{runs[i]}/dataset.jsonl"], "text");
        }
        JsonNode example = (await gateway.GetJsonAsync("/api/dataset"))["data"]!.AsArray().Single(e => (string?)e!["conversation_id"] == "chat-1")!;
        Assert.Equal([2, 1], example["versions"]!.AsArray().Select(v => (int)v!));

        (_, JsonNode forgotten) = await gateway.SendAsync(HttpMethod.Delete, "/api/conversations/chat-1");
        Assert.Equal([1, 2], forgotten["versions"]!.AsArray().Select(v => (int)v!));
        Assert.Contains(
            "Versions 1 and 2 have learned from it, none of them in service: the versions that have learned it are deleted.", (string?)forgotten["note"]);
        Assert.Equal([false, false, false, true], runs.Select(run => File.Exists(folder[$"data/runs/{run}/dataset.jsonl"])));
        Assert.Equal("chat-2", (string?)(await gateway.GetJsonAsync("/api/dataset"))["data"]!.AsArray().Single()!["conversation_id"]);
    }

    [Fact]
    public async Task A_deleted_import_goes_out_of_the_files_of_runs_and_names_the_versions_that_learned_from_it()
    {
        using var folder = new TemporaryFolder();
        await using TestGateway gateway = await TestGateway.StartWithoutEngineAsync(folder);
        await gateway.Versions.OpenAsync();
        (_, JsonNode import) = await gateway.PostAsync(
            "/api/dataset/import", new { file = "poison.jsonl", text = """{"prompt":"Hi","completion":"Go away."}""" });
        Example example = gateway.Get<ExampleStore>().Accepted("assistant").Single();
        string run = await UseAsync(gateway, example, "train");
        Directory.CreateDirectory(folder["data/versions/1"]);
        await gateway.Versions.AddAsync(RetentionTests.Make(1, run: run) with { Status = VersionStatus.Refused });
        Directory.CreateDirectory(folder[$"data/runs/{run}"]);
        File.WriteAllText(folder[$"data/runs/{run}/dataset.jsonl"], "Go away.");

        (_, JsonNode forgotten) = await gateway.SendAsync(HttpMethod.Delete, $"/api/dataset/imports/{import["id"]}");
        Assert.Equal([1], forgotten["versions"]!.AsArray().Select(v => (int)v!)); // a refused one has learned, too
        Assert.False(File.Exists(folder[$"data/runs/{run}/dataset.jsonl"]));
    }

    [Fact]
    public async Task What_no_version_has_learned_is_just_gone()
    {
        await using TestGateway gateway = await TestGateway.StartWithoutEngineAsync();
        await gateway.LogAsync("Hi", "Hello!", "chat-1");
        (int status, JsonNode forgotten) = await gateway.SendAsync(HttpMethod.Delete, "/api/conversations/chat-1");
        Assert.Equal((200, 0, "No version has learned from it."), (status, (int)forgotten["examples"]!, (string?)forgotten["note"]));
        Assert.Equal(404, (await gateway.SendAsync(HttpMethod.Delete, "/api/conversations/chat-1")).Status);
    }

    [Fact]
    [Trait(Tier.Name, Tier.Slow)]
    public async Task A_run_that_is_learning_from_it_is_cancelled()
    {
        await using TestGateway gateway = await TestGateway.StartReadyAsync();
        string id = await gateway.LogAsync("When?", "No idea.", "chat-1");
        await gateway.PostAsync("/api/feedback", new { completion_id = id, rating = "down", correction = "At nine." });
        (_, JsonNode run) = await gateway.PostAsync("/api/training/start", new { options = new { epochs = 1000, batch_size = 1 } });
        await Eventually.TrueAsync(async () => (await gateway.GetJsonAsync("/api/training"))["run"]?["progress"] is not null);

        (_, JsonNode forgotten) = await gateway.SendAsync(HttpMethod.Delete, "/api/conversations/chat-1");
        Assert.Equal((string?)run["id"], (string?)forgotten["cancelled_run"]);
        await Eventually.TrueAsync(async () => (string?)(await gateway.GetJsonAsync($"/api/training/runs/{run["id"]}"))["status"] == "cancelled");
        await Eventually.TrueAsync(() =>
            !File.Exists(Path.Combine(gateway.Get<FineTuneChat.Gateway.Storage.DataFolder>().Run((string)run["id"]!), "dataset.jsonl")));
    }

    /// <summary>A finished run that used the conversation's example on that side.</summary>
    private static async Task<string> UseAsync(TestGateway gateway, string conversation, string side)
    {
        ExampleStore store = gateway.Get<ExampleStore>();
        if (store.Accepted("assistant").All(e => e.ConversationId != conversation))
        {
            string id = await gateway.LogAsync($"About {conversation}?", "Yes.", conversation);
            await gateway.PostAsync("/api/feedback", new { completion_id = id, rating = "up" });
        }
        return await UseAsync(gateway, store.Accepted("assistant").Single(e => e.ConversationId == conversation), side);
    }

    private static async Task<string> UseAsync(TestGateway gateway, Example example, string side)
    {
        RunStore runs = gateway.Get<RunStore>();
        Run run = await runs.CreateAsync(new());
        await runs.SaveAsync(run with { Status = RunStatus.Succeeded, FinishedAt = 1 }, []);
        await gateway.Get<ExampleStore>().UseAsync(run.Id, [new MergedExample(example, [])], new Dictionary<string, string> { [example.Id] = side });
        return run.Id;
    }
}
