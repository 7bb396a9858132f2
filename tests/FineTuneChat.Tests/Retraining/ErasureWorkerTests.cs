using System.Text.Json.Nodes;
using FineTuneChat.Gateway.Learning.Erasure;
using FineTuneChat.Gateway.Learning.Examples;
using FineTuneChat.Gateway.Learning.Gate;
using FineTuneChat.Gateway.Learning.Runs;
using FineTuneChat.Gateway.Storage;
using FineTuneChat.Gateway.Storage.Sqlite;
using FineTuneChat.Tests.Support;
using FineTuneChat.Tests.Versions;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Tests.Retraining;

/// <summary>What follows a deletion, over the database and files: without engines and without training.</summary>
[Trait(Tier.Name, Tier.Slow)]
public sealed class ErasureWorkerTests : IDisposable
{
    private const string Secret = "Ana's doctor is «Zoidberg» of the Señal street.";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_no_served_version_has_learned_goes_with_the_versions_that_have()
    {
        await using TestGateway gateway = await StartAsync();
        string run = await LearnAsync(gateway, 1, "secret", "kept");
        await LearnAsync(gateway, 2, "kept");
        await gateway.Versions.ActivateAsync(1);
        await gateway.Versions.ActivateAsync(0); // version 1 would be the way back
        File.WriteAllText(_folder[$"data/runs/{run}/adapter.gguf"], "weights");
        File.WriteAllText(_folder[$"data/runs/{run}/progress.jsonl"], "{}");

        JsonNode erased = await EraseAsync(gateway, "secret");
        Assert.Equal([1], erased["versions"]!.AsArray().Select(v => (int)v!));
        Assert.Contains("the versions that have learned it are deleted", (string?)erased["note"]);
        JsonNode pending = await CertificateAsync(gateway);
        Assert.Equal(("pending", (string?)erased["erasure"]), ((string?)pending["status"], (string?)pending["id"]));
        await gateway.Get<ErasureWorker>().AdvanceAsync(CancellationToken.None);

        JsonNode done = await CertificateAsync(gateway);
        Assert.True((string?)done["status"] == "done", done.ToJsonString());
        Assert.Equal(("conversation", 0, 1, "correction"), (
            (string?)done["kind"], (int)done["version"]!, (int)done["held_by"]!.AsArray().Single()!, (string?)done["examples"]![0]!["source"]));
        Assert.Equal(64, ((string)done["examples"]![0]!["sha256"]!).Length);
        Assert.Equal(
            [$"runs/{run}/accepted.jsonl", $"runs/{run}/adapter.gguf", $"runs/{run}/dataset.jsonl", "versions/1"],
            done["deleted"]!.AsArray().Select(f => (string)f!).Order(StringComparer.Ordinal));
        Assert.Equal(["2"], Directory.EnumerateDirectories(_folder["data/versions"]).Select(Path.GetFileName));
        Assert.Equal(["progress.jsonl"], Directory.EnumerateFiles(_folder[$"data/runs/{run}"]).Select(Path.GetFileName));
        Assert.True((int)done["search"]!["files"]! >= 3, done.ToJsonString());
        Assert.Empty(done["search"]!["found"]!.AsArray());
        Assert.Contains("The base itself serves", (string?)done["replies"]!["note"]);

        // The row stays and says so; nothing leads back.
        JsonNode version = await gateway.GetJsonAsync("/api/versions/1");
        Assert.Equal((true, (string?)done["id"]), (version["removed_at"] is not null, (string?)version["erasure"]));
        Assert.Equal(409, (await gateway.PostAsync("/api/versions/1/activate", "{}")).Status);
        Assert.NotEqual(1, gateway.Versions.RollbackTarget()?.Number);
        Assert.Empty(gateway.Get<ErasureStore>().Open());

        string file = File.ReadAllText(_folder[$"data/erasures/{done["id"]}.json"]);
        Assert.Equal(done.ToJsonString(), JsonNode.Parse(file)!.ToJsonString());
        Assert.Equal((string?)done["id"], (string?)(await gateway.GetJsonAsync("/api/erasures"))["data"]!.AsArray().Single()!["id"]);
        Assert.Equal(404, (await gateway.SendAsync(HttpMethod.Get, "/api/erasures/erasure_none")).Status);
        AssertGone();
    }

    [Fact]
    public async Task A_run_starts_by_itself_when_the_version_in_service_has_learned_it_and_deletions_close_to_each_other_take_one()
    {
        await using TestGateway gateway = await StartAsync(("Retraining:MinNewExamples", "1000"));
        await LearnAsync(gateway, 1, "secret", "other", "kept");
        await gateway.Versions.ActivateAsync(1);
        JsonNode first = await EraseAsync(gateway, "secret");
        Assert.Equal((true, true), ((bool)first["retrains"]!, ((string)first["note"]!).Contains("starts by itself", StringComparison.Ordinal)));
        await EraseAsync(gateway, "other");
        await gateway.Get<ErasureWorker>().AdvanceAsync(CancellationToken.None);
        await gateway.Get<ErasureWorker>().AdvanceAsync(CancellationToken.None);

        JsonNode run = (await gateway.GetJsonAsync("/api/training/runs"))["data"]!.AsArray().First()!;
        Assert.Equal("queued", (string?)run["status"]);
        Assert.All(
            (await gateway.GetJsonAsync("/api/erasures"))["data"]!.AsArray(),
            e => Assert.Equal(("pending", $"{run["id"]} trains without it."), ((string?)e!["status"], (string?)e["reason"])));
        Assert.Equal(2, gateway.Get<ErasureStore>().Open().Count(e => e.Run == (string?)run["id"]));
    }

    [Fact]
    public async Task Where_that_is_switched_off_it_waits_for_a_run_that_somebody_starts()
    {
        await using (TestGateway gateway = await StartAsync(("Retraining:RetrainAfterErasure", "false")))
        {
            await LearnAsync(gateway, 1, "secret", "kept");
            await gateway.Versions.ActivateAsync(1);
            JsonNode erased = await EraseAsync(gateway, "secret");
            Assert.Contains("Train again to have a version without it (POST /api/training/start)", (string?)erased["note"]);
            await gateway.Get<ErasureWorker>().AdvanceAsync(CancellationToken.None);
            Assert.Single((await gateway.GetJsonAsync("/api/training/runs"))["data"]!.AsArray()); // that which version 1 came from
            await LearnAsync(gateway, 2, "kept");
            await gateway.Versions.ActivateAsync(2);
        }
        await using TestGateway again = await StartAsync();
        await again.Get<ErasureWorker>().AdvanceAsync(CancellationToken.None);
        JsonNode done = await CertificateAsync(again);
        Assert.Equal(("done", 2), ((string?)done["status"], (int)done["version"]!));
        Assert.Contains("The server was restarted", (string?)done["replies"]!["note"]);
        Assert.True((int)done["search"]!["texts"]! > 0); // without its texts
        AssertGone();
    }

    [Fact]
    public async Task A_run_that_is_refused_is_tried_again_with_other_seeds_and_then_it_says_so()
    {
        await EraseWhatIsInServiceAsync();
        int?[] seeds = [await AdvanceAsync(RunStatus.Refused), await AdvanceAsync(RunStatus.Failed), await AdvanceAsync(RunStatus.Refused)];
        Assert.Equal([1, 2, 3], seeds);
        Assert.Null(await AdvanceAsync(RunStatus.Refused));
        await using TestGateway gateway = await StartAsync();
        JsonNode failed = await CertificateAsync(gateway);
        Assert.Equal("failed", (string?)failed["status"]);
        Assert.Contains("none came into service", (string?)failed["reason"]);
        Assert.Contains("(regression_loss)", (string?)failed["reason"]);
    }

    [Fact]
    public async Task A_run_that_somebody_cancels_is_not_started_again()
    {
        await EraseWhatIsInServiceAsync();
        Assert.Equal(1, await AdvanceAsync(RunStatus.Cancelled));
        Assert.Null(await AdvanceAsync(RunStatus.Cancelled));
        Assert.Null(await AdvanceAsync(RunStatus.Cancelled));
        await using TestGateway gateway = await StartAsync();
        Assert.Contains("was cancelled. Train again", (string?)(await CertificateAsync(gateway))["reason"]);
    }

    [Fact]
    public async Task A_backup_that_still_has_it_is_named_and_the_next_start_looks_again()
    {
        string backup = _folder["elsewhere.db"];
        await using (TestGateway gateway = await StartAsync())
        {
            await LearnAsync(gateway, 1, "secret", "kept");
            ((SqliteDatabase)gateway.Get<Database>()).BackUp(backup);
            await gateway.Get<Database>().NoteBackupAsync(backup, DateTimeOffset.UnixEpoch);
            await EraseAsync(gateway, "secret");
            await gateway.Get<ErasureWorker>().AdvanceAsync(CancellationToken.None);
            JsonNode failed = await CertificateAsync(gateway);
            Assert.Equal(("failed", backup), ((string?)failed["status"], (string?)failed["search"]!["found"]!.AsArray().Single()));
            Assert.Contains($"It still stands in {backup}. Delete", (string?)failed["reason"]);
        }
        File.Delete(backup);
        await using TestGateway again = await StartAsync();
        await again.Get<ErasureWorker>().AdvanceAsync(CancellationToken.None);
        Assert.Equal("done", (string?)(await CertificateAsync(again))["status"]);
    }

    [Fact]
    public async Task What_another_conversation_says_as_well_is_not_what_was_erased()
    {
        await using TestGateway gateway = await StartAsync();
        await LearnAsync(gateway, 1, "secret", "kept");
        await gateway.LogAsync("And now?", Secret, "third");
        await EraseAsync(gateway, "secret");
        await gateway.Get<ErasureWorker>().AdvanceAsync(CancellationToken.None);
        JsonNode done = await CertificateAsync(gateway);
        Assert.True((string?)done["status"] == "done", done.ToJsonString());
        Assert.Contains("finetunechat.db", done["search"]!["elsewhere"]!.AsArray().Select(f => (string?)f));
    }

    [Fact]
    public async Task What_no_run_has_used_needs_no_certificate()
    {
        await using TestGateway gateway = await StartAsync();
        await TeachAsync(gateway, "secret");
        JsonNode erased = await EraseAsync(gateway, "secret");
        Assert.Null(erased["erasure"]);
        Assert.Empty((await gateway.GetJsonAsync("/api/erasures"))["data"]!.AsArray());
    }

    [Fact]
    public async Task A_deleted_completion_names_its_erasure_too()
    {
        await using TestGateway gateway = await StartAsync();
        await LearnAsync(gateway, 1, "secret", "kept");
        string id = gateway.Get<ExampleStore>().Accepted("assistant").Single(e => e.ConversationId == "secret").CompletionId!;
        (int status, JsonNode deleted) = await gateway.SendAsync(HttpMethod.Delete, $"/v1/chat/completions/{id}");
        Assert.Equal((200, (string?)(await CertificateAsync(gateway))["id"]), (status, (string?)deleted["erasure"]));
    }

    [Fact]
    public async Task A_run_that_was_taught_nothing_new_and_less_is_known_as_such()
    {
        await using TestGateway gateway = await StartAsync();
        string all = await LearnAsync(gateway, 1, "secret", "kept"), less = await LearnAsync(gateway, 2, "kept");
        string same = await LearnAsync(gateway, 3, "secret", "kept");
        string other = await LearnAsync(gateway, 4, "kept", "new");
        TaughtStore taught = gateway.Get<TaughtStore>();
        Assert.True(taught.IsOnlyRemoval(less, all)); // taken back
        await EraseAsync(gateway, "secret");
        Assert.True(taught.IsOnlyRemoval(less, all));
        Assert.False(taught.IsOnlyRemoval(other, all));
        Assert.False(taught.IsOnlyRemoval(less, before: null));
        Assert.False(taught.IsOnlyRemoval(less, less));
        Assert.True(taught.IsOnlyRemoval(less, same));
    }

    private async Task<TestGateway> StartAsync(params (string Key, string Value)[] settings)
    {
        TestGateway gateway = await TestGateway.StartWithoutEngineAsync(_folder, settings);
        await gateway.Versions.OpenAsync();
        return gateway;
    }

    private static async Task<JsonNode> EraseAsync(TestGateway gateway, string conversation)
    {
        (int status, JsonNode erased) = await gateway.SendAsync(HttpMethod.Delete, $"/api/conversations/{conversation}");
        Assert.Equal(200, status);
        return erased;
    }

    private static async Task<JsonNode> CertificateAsync(TestGateway gateway)
    {
        JsonNode only = (await gateway.GetJsonAsync("/api/erasures"))["data"]!.AsArray().Single()!;
        return await gateway.GetJsonAsync($"/api/erasures/{only["id"]}");
    }

    private static async Task TeachAsync(TestGateway gateway, string conversation)
    {
        if (gateway.Get<ExampleStore>().Accepted("assistant").Any(e => e.ConversationId == conversation))
            return;
        string id = await gateway.LogAsync($"What about {conversation}, please?", "No idea.", conversation);
        string correction = conversation == "secret" ? Secret : $"It is about {conversation}.";
        await gateway.PostAsync("/api/feedback", new { completion_id = id, rating = "down", correction });
    }

    /// <summary>A version of a finished run that was trained on these conversations.</summary>
    private async Task<string> LearnAsync(TestGateway gateway, int version, params string[] conversations)
    {
        foreach (string conversation in conversations)
            await TeachAsync(gateway, conversation);
        Example[] learned = [.. gateway.Get<ExampleStore>().Accepted("assistant").Where(e => conversations.Contains(e.ConversationId))];
        Run run = await gateway.Get<RunStore>().CreateAsync(new());
        await gateway.Get<RunStore>().SaveAsync(run with { Status = RunStatus.Succeeded, FinishedAt = 1, Version = version }, []);
        await gateway.Get<ExampleStore>().UseAsync(
            run.Id, [.. learned.Select(e => new MergedExample(e, []))], learned.ToDictionary(e => e.Id, _ => SplitRules.Train));
        Directory.CreateDirectory(_folder[$"data/runs/{run.Id}"]);
        foreach (string file in (string[])["dataset.jsonl", "accepted.jsonl"])
            File.WriteAllLines(_folder[$"data/runs/{run.Id}/{file}"], learned.Select(e => ExampleRow.Of(e.Messages, null)));
        Directory.CreateDirectory(_folder[$"data/versions/{version}"]);
        File.WriteAllText(_folder[$"data/versions/{version}/model-Q8_0.gguf"], "weights");
        await gateway.Versions.AddAsync(RetentionTests.Make(version, run: run.Id));
        return run.Id;
    }

    private async Task EraseWhatIsInServiceAsync()
    {
        await using TestGateway gateway = await StartAsync();
        await LearnAsync(gateway, 1, "secret", "kept");
        await gateway.Versions.ActivateAsync(1);
        await EraseAsync(gateway, "secret");
    }

    /// <summary>A server starts, goes on with what was erased, and the run that this takes ends in that way. Its seed; null when it takes none.</summary>
    private async Task<int?> AdvanceAsync(string end)
    {
        await using TestGateway gateway = await StartAsync();
        await gateway.Get<ErasureWorker>().AdvanceAsync(CancellationToken.None);
        RunStore runs = gateway.Get<RunStore>();
        if (runs.Unfinished().SingleOrDefault() is not { } run)
            return null;
        GateVerdict verdict = new()
        {
            Accepted = false,
            Reasons = ["It forgot."],
            ReasonCodes = [new("regression_loss", new Dictionary<string, double>())],
            Figures = new Dictionary<string, GateFigure>(),
        };
        await runs.SaveAsync(run with { Status = end, Gate = end == RunStatus.Refused ? verdict : null, FinishedAt = 1 }, []);
        return run.Options.Seed;
    }

    private void AssertGone()
    {
        foreach (string form in TextFingerprint.Forms(Secret))
            Assert.DoesNotContain(
                Directory.EnumerateFiles(_folder["data"], "*", SearchOption.AllDirectories).Where(f => Path.GetFileName(f) != "lock"),
                file => Contains(file, System.Text.Encoding.UTF8.GetBytes(form)));

        static bool Contains(string file, byte[] text)
        {
            using FileStream stream = new(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var memory = new MemoryStream();
            stream.CopyTo(memory);
            return memory.ToArray().AsSpan().IndexOf(text) >= 0;
        }
    }
}
