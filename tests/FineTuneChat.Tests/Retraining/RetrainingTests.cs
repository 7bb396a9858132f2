using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using FineTuneChat.Gateway.Serving;
using FineTuneChat.Tests.Support;
using FineTuneChat.TestSupport;
using Microsoft.AspNetCore.Http;

namespace FineTuneChat.Tests.Retraining;

/// <summary>Runs with the real trainer, exporter and engines, on a tiny random model.</summary>
[Trait(Tier.Name, Tier.Slow)]
public sealed class RetrainingTests
{
    internal static readonly object Quick = new { options = new { epochs = 30, rank = 8, learning_rate = 0.002 } };

    [Fact]
    public async Task A_correction_becomes_a_version_in_service_and_the_way_back_is_one_call()
    {
        using var folder = new TemporaryFolder();
        await using TestGateway gateway = await TestGateway.StartReadyAsync(folder);
        var events = new ConcurrentQueue<string>();
        using var listening = new CancellationTokenSource();
        Task listener = ListenAsync(gateway, events, listening.Token);
        (_, JsonNode reply) = await gateway.ChatAsync("When do you open?");
        await gateway.PostAsync("/api/feedback", new { completion_id = (string)reply["id"]!, rating = "down", correction = "At nine." });
        JsonNode before = await gateway.GetJsonAsync("/api/training");
        Assert.Equal((1, 1, null), ((int)before["waiting"]!["examples"]!, (int)before["waiting"]!["new"]!, before["run"]));

        (int status, JsonNode started) = await gateway.PostAsync("/api/training/start", Quick);
        Assert.Equal(200, status);
        Assert.Equal(409, (await gateway.PostAsync("/api/training/start", Quick)).Status);
        JsonNode run = await FinishedAsync(gateway, (string)started["id"]!);

        Assert.True((string?)run["status"] == "succeeded", run.ToJsonString());
        Assert.Equal((1, 1), ((int?)run["version"], (int)run["examples"]!));
        Assert.True((bool)run["gate"]!["accepted"]!);
        Assert.True((double)run["gate"]!["figures"]!["accepted_loss"]!["candidate"]! < (double)run["gate"]!["figures"]!["accepted_loss"]!["active"]!);
        Assert.Equal(1.0, (double)run["gate"]!["figures"]!["accepted_written_length"]!["candidate"]!); // what it learned, word for word
        Assert.Equal(run["gate"]!["reasons"]!.AsArray().Count, run["gate"]!["reason_codes"]!.AsArray().Count);
        Assert.NotEmpty(run["curve"]!.AsArray());
        Assert.Equal((1, 1), ((int)run["gate"]!["taught"]!["asked"]!, (int)run["gate"]!["taught"]!["learned"]!));
        JsonNode taught = (await gateway.GetJsonAsync("/api/versions/1/examples"))["data"]!.AsArray().Single()!;
        Assert.Equal(("learned", "At nine."), ((string?)taught["verdict"], (string?)taught["writes"]));
        Assert.True((double)taught["loss_after"]! < (double)taught["loss_before"]!);
        Assert.Empty(Directory.EnumerateFiles(folder[$"data/runs/{started["id"]}"]).Select(Path.GetFileName).Intersect(["asked.jsonl", "rows.jsonl"]));
        Assert.Equal((int)run["progress"]!["steps"]!, run["curve"]!.AsArray().Count);
        Assert.Equal("assistant@1", (string?)(await gateway.ChatAsync("Hi")).Body["system_fingerprint"]);
        Assert.Equal(["adapter.gguf", "model-Q8_0.gguf", "run.json"], Directory.EnumerateFiles(folder["data/versions/1"]).Select(Path.GetFileName).Order());
        JsonNode version = (await gateway.GetJsonAsync("/api/versions"))["data"]![0]!;
        Assert.Equal(
            (1, true, "Q8_0", (string)started["id"]!),
            ((int)version["number"]!, (bool)version["active"]!, (string?)version["type"], (string?)version["run_id"]));
        Assert.Equal((string)started["id"]!, (string?)(await gateway.GetJsonAsync("/api/dataset"))["data"]![0]!["runs"]![0]);
        await Eventually.TrueAsync(() => events.Contains("version.activated"));
        Assert.Contains("training.progress", events);
        await Eventually.TrueAsync(() => events.Contains("training.finished"));

        // Nothing new, nor is it recalled: the version has learned it, and is known to. After the way back it is news again.
        (_, JsonNode learned) = await gateway.ChatAsync("When do you open?");
        Assert.Null(learned["recalled"]);
        JsonNode source = (await gateway.GetJsonAsync($"/api/replies/{learned["id"]}/sources"))["data"]!.AsArray().Single()!;
        Assert.Equal(("learned", "At nine."), ((string?)source["how"], (string?)source["reply"]));
        Assert.Equal(422, (await gateway.PostAsync("/api/training/start", "{}")).Status);
        Assert.Equal(200, (await gateway.PostAsync("/api/versions/0/activate", "{}")).Status);
        Assert.Equal("assistant@0", (string?)(await gateway.ChatAsync("Hi")).Body["model"]);
        Assert.Single((await gateway.ChatAsync("When do you open?")).Body["recalled"]!.AsArray());
        Assert.Equal(1, (int)(await gateway.GetJsonAsync("/api/training"))["waiting"]!["new"]!);
        await listening.CancelAsync();
        await listener;
    }

    [Fact]
    public async Task Where_that_is_set_a_run_leaves_its_adapter_beside_the_base_and_it_is_measured_and_served_so_without_a_new_process()
    {
        using var folder = new TemporaryFolder();
        await using TestGateway gateway = await TestGateway.StartReadyAsync(folder, ("Retraining:ServeAs", "adapter"));
        (_, JsonNode reply) = await gateway.ChatAsync("When do you open?");
        await gateway.PostAsync("/api/feedback", new { completion_id = (string)reply["id"]!, rating = "down", correction = "At nine." });
        (_, JsonNode started) = await gateway.PostAsync("/api/training/start", Quick);
        JsonNode run = await FinishedAsync(gateway, (string)started["id"]!);

        Assert.True((string?)run["status"] == "succeeded", run.ToJsonString());
        Assert.Equal((1, 1), ((int)run["gate"]!["taught"]!["asked"]!, (int)run["gate"]!["taught"]!["learned"]!));
        Assert.Equal(["adapter.gguf", "run.json"], Directory.EnumerateFiles(folder["data/versions/1"]).Select(Path.GetFileName).Order());
        Assert.Equal("F32+LoRA", (string?)(await gateway.GetJsonAsync("/api/versions/1"))["type"]);
        JsonNode now = (await gateway.ChatAsync("When do you open?", maxTokens: 24)).Body;
        Assert.Equal(("assistant@1", "At nine."), ((string?)now["model"], (string?)now["choices"]![0]!["message"]!["content"]));
        Assert.Equal(1, gateway.Get<EngineRouter>().ProcessCount);
    }

    [Fact]
    public async Task A_run_waits_while_somebody_waits_for_a_reply_where_that_is_set()
    {
        using var folder = new TemporaryFolder();
        await using TestGateway gateway = await TestGateway.StartReadyAsync(
            folder, ("Retraining:PauseWhileChatting", "true"), ("Retraining:Dropout", "0.05"), ("Engine:RopeScaling", "linear"), ("Engine:RopeFactor", "2"));
        (_, JsonNode reply) = await gateway.ChatAsync("When do you open?");
        await gateway.PostAsync("/api/feedback", new { completion_id = (string)reply["id"]!, rating = "down", correction = "At nine." });

        var chat = new TaskCompletionSource();
        var request = new DefaultHttpContext();
        request.SetEndpoint(new Endpoint(requestDelegate: null, new EndpointMetadataCollection(ChatRule.Instance), "chat"));
        Task chatting = gateway.Get<ChatActivity>().CountAsync(request, _ => chat.Task);
        string id = (string)(await gateway.PostAsync("/api/training/start", Quick)).Body["id"]!;
        string log = folder[$"data/runs/{id}/progress.jsonl"];
        await Eventually.TrueAsync(() => File.Exists(log)); // everything is read, the first step may come
        Assert.Equal(0, new FileInfo(log).Length);

        chat.SetResult();
        await chatting;
        JsonNode run = await FinishedAsync(gateway, id);
        Assert.Equal("succeeded", (string?)run["status"]);
        Assert.Equal((int)run["progress"]!["steps"]!, File.ReadLines(log).Count());
        JsonNode options = JsonNode.Parse(File.ReadAllText(folder[$"data/runs/{id}/run.json"]))!["options"]!;
        Assert.Equal((30, 8, 0.05f), ((int)options["epochs"]!, (int)options["rank"]!, (float)options["dropout"]!)); // the run's, and the setting's
        Assert.Equal(("linear", 2), ((string)options["rope"]!["scaling"]!, (int)options["rope"]!["factor"]!)); // as the engine serves
    }

    [Fact]
    public async Task A_candidate_that_forgets_too_much_is_refused_with_reasons_and_the_version_in_service_stays()
    {
        using var folder = new TemporaryFolder();
        await using TestGateway gateway = await TestGateway.StartReadyAsync(
            folder, ("Retraining:MaxRegressionLoss", "0"), ("Retraining:MaxRegressionAccuracy", "0"), ("Retraining:ReplayShare", "0"));
        // What the base is said to have replied: nothing like what is taught.
        GeneralReplies.Pretend(
            folder["data"], folder["random.gguf"], """{"prompt":"ZZZZ","reply":"\u0001\u0002\u0003\u0004\u0005\u0006\u0007","use":"regression"}""");
        JsonNode run = await TeachAsync(gateway, new { options = new { epochs = 60, rank = 8, learning_rate = 0.01 } });

        Assert.True((string?)run["status"] == "refused", run.ToJsonString());
        Assert.False((bool)run["gate"]!["accepted"]!);
        Assert.Contains("general questions", run["gate"]!["reasons"]!.ToJsonString());
        Assert.Equal("assistant@0", (string?)(await gateway.ChatAsync("Hi")).Body["model"]);

        // It is there as a version, to be looked at, tried, and used all the same.
        JsonNode version = (await gateway.GetJsonAsync("/api/versions"))["data"]![0]!;
        Assert.Equal((1, 1, "refused", false), ((int?)run["version"], (int)version["number"]!, (string?)version["status"], (bool)version["active"]!));
        Assert.Equal(run["gate"]!.ToJsonString(), version["gate"]!.ToJsonString());
        Assert.Equal(["adapter.gguf", "model-Q8_0.gguf", "run.json"], Directory.EnumerateFiles(folder["data/versions/1"]).Select(Path.GetFileName).Order());
        Assert.Contains("assistant@1", (await gateway.GetJsonAsync("/v1/models"))["data"]!.AsArray().Select(m => (string?)m!["id"]));
        Assert.Equal("assistant@1", (string?)(await gateway.ChatAsync("Hi", "assistant@1")).Body["model"]);
        Assert.Equal(200, (await gateway.PostAsync("/api/versions/1/activate", "{}")).Status);
        Assert.Equal("assistant@1", (string?)(await gateway.ChatAsync("Hi")).Body["model"]);
        Assert.Equal(0, (int)(await gateway.GetJsonAsync("/api/training"))["waiting"]!["new"]!); // it has learned them
    }

    [Fact]
    public async Task What_cannot_be_trained_fails_with_its_reason_and_chat_goes_on()
    {
        using var folder = new TemporaryFolder();
        await using TestGateway gateway = await TestGateway.StartReadyAsync(folder);
        File.Delete(folder["random.gguf"]); // while the engine has it open
        JsonNode run = await TeachAsync(gateway, Quick);
        Assert.Equal("failed", (string?)run["status"]);
        Assert.Contains("random.gguf", (string?)run["error"]);
        Assert.Equal(200, (await gateway.ChatAsync("Hi")).Status);
    }

    [Fact]
    public async Task A_run_can_be_cancelled_and_another_started()
    {
        await using TestGateway gateway = await TestGateway.StartReadyAsync();
        Assert.Equal(409, (await gateway.PostAsync("/api/training/cancel", "{}")).Status);
        string id = await gateway.LogAsync("When?", "No idea.");
        await gateway.PostAsync("/api/feedback", new { completion_id = id, rating = "down", correction = "At nine." });
        (_, JsonNode started) = await gateway.PostAsync("/api/training/start", new { options = new { epochs = 1000, batch_size = 1 } });
        await Eventually.TrueAsync(async () => (await gateway.GetJsonAsync("/api/training"))["run"]?["progress"] is not null);

        Assert.Equal(200, (await gateway.PostAsync("/api/training/cancel", "{}")).Status);
        Assert.Equal("cancelled", (string?)(await FinishedAsync(gateway, (string)started["id"]!))["status"]);
        Assert.Equal(1, (int)(await gateway.GetJsonAsync("/api/training"))["waiting"]!["new"]!); // nothing is lost
        (int status, JsonNode again) = await gateway.PostAsync("/api/training/start", Quick);
        Assert.Equal((200, "succeeded"), (status, (string?)(await FinishedAsync(gateway, (string)again["id"]!))["status"]));
    }

    [Fact]
    public async Task Enough_new_examples_start_a_run_by_themselves_when_that_is_switched_on()
    {
        await using TestGateway gateway = await TestGateway.StartReadyAsync(
            settings: [("Retraining:Automatic", "true"), ("Retraining:MinNewExamples", "2"), ("Retraining:IdleMinutes", "0")]);
        for (int i = 0; i < 2; i++)
        {
            string id = await gateway.LogAsync($"Question {i}?", "No.");
            await gateway.PostAsync("/api/feedback", new { completion_id = id, rating = "down", correction = "Yes." });
            Assert.Equal(i, (await gateway.GetJsonAsync("/api/training/runs"))["data"]!.AsArray().Count);
        }
        await gateway.PostAsync("/api/training/cancel", "{}");
    }

    [Fact]
    public async Task A_forgotten_conversation_is_gone_from_a_version_that_is_made_by_itself_and_those_that_had_learned_it_go()
    {
        using var folder = new TemporaryFolder();
        await using TestGateway gateway = await TestGateway.StartReadyAsync(
            folder, ("Retraining:Epochs", "30"), ("Retraining:Rank", "8"), ("Retraining:LearningRate", "0.002"));
        string kept = await gateway.LogAsync("When do you open?", "I do not know.", "kept");
        string secret = await gateway.LogAsync("Who is Ana's doctor?", "I do not know.", "secret");
        await gateway.PostAsync("/api/feedback", new { completion_id = kept, rating = "down", correction = "At nine." });
        await gateway.PostAsync("/api/feedback", new { completion_id = secret, rating = "down", correction = "Doctor Zoidberg." });
        (_, JsonNode started) = await gateway.PostAsync("/api/training/start", "{}");
        string first = (string)started["id"]!;
        Assert.Equal("succeeded", (string?)(await FinishedAsync(gateway, first))["status"]);
        Assert.Contains("Zoidberg", File.ReadAllText(folder[$"data/runs/{first}/dataset.jsonl"]));

        (int status, JsonNode forgotten) = await gateway.SendAsync(HttpMethod.Delete, "/api/conversations/secret");
        Assert.Equal((200, true, 1), (status, (bool)forgotten["deleted"]!, (int)forgotten["examples"]!));
        Assert.Equal([1], forgotten["versions"]!.AsArray().Select(v => (int)v!));
        Assert.Contains("version 1 is in service. A run without it starts by itself", (string?)forgotten["note"]);
        AssertGone();

        JsonNode done = await CertificateAsync(gateway, (string)forgotten["erasure"]!);
        Assert.True((string?)done["status"] == "done", done.ToJsonString());
        JsonNode run = await gateway.GetJsonAsync($"/api/training/runs/{done["run"]}");
        Assert.Equal(("succeeded", 1, (int)done["version"]!), ((string?)run["status"], (int)run["examples"]!, (int)run["version"]!));
        JsonNode figures = done["replies"]!["figures"]!.AsArray().Single()!;
        Assert.Equal((false, 20, 0), ((bool)figures["written"]!, (int)figures["samples"]!, (int)figures["drawn"]!));
        Assert.Contains("erased_drawn", run["gate"]!["reason_codes"]!.AsArray().Select(r => (string?)r!["code"]));
        Assert.Equal($"assistant@{done["version"]}", (string?)(await gateway.ChatAsync("Hi")).Body["system_fingerprint"]);

        Assert.False(Directory.Exists(folder["data/versions/1"]));
        Assert.False(File.Exists(folder[$"data/runs/{first}/adapter.gguf"])); // the same again
        Assert.Equal(1, (int)(await gateway.GetJsonAsync($"/api/training/runs/{first}"))["version"]!);
        Assert.Equal(409, (await gateway.PostAsync("/api/versions/1/activate", "{}")).Status);
        AssertGone();

        // Nothing is left to learn: the base serves.
        (_, forgotten) = await gateway.SendAsync(HttpMethod.Delete, "/api/conversations/kept");
        done = await CertificateAsync(gateway, (string)forgotten["erasure"]!);
        Assert.Equal(("done", 0), ((string?)done["status"], (int)done["version"]!));
        Assert.Equal("assistant@0", (string?)(await gateway.ChatAsync("Hi")).Body["model"]);
        Assert.Empty(Directory.EnumerateDirectories(folder["data/versions"]));

        void AssertGone() => Assert.DoesNotContain(
            Directory.EnumerateFiles(folder["data"], "*", SearchOption.AllDirectories)
                .Where(f => Path.GetExtension(f) is ".jsonl" or ".json" or ".db" or ".db-wal"),
            HoldsSecret);

        static bool HoldsSecret(string file)
        {
            using FileStream stream = new(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var reader = new StreamReader(stream, System.Text.Encoding.Latin1);
            return reader.ReadToEnd().Contains("Zoidberg", StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task What_other_examples_still_teach_goes_out_of_service_in_the_form_that_was_deleted_and_the_certificate_says_so()
    {
        using var folder = new TemporaryFolder();
        await using TestGateway gateway = await TestGateway.StartReadyAsync(
            folder, ("Retraining:Epochs", "60"), ("Retraining:Rank", "8"), ("Retraining:LearningRate", "0.005"), ("Retraining:ReplayShare", "0"),
            ("Retraining:MaxRegressionLoss", "10"), ("Retraining:MaxRegressionAccuracy", "1"), ("Retraining:MaxRegressionOpenings", "1"),
            ("Retraining:MaxRegressionReplies", "1"), ("Retraining:MaxRegressionStops", "1"), ("Retraining:WrittenReplies", "0"));
        foreach (string day in (string[])["Monday", "Mondays"]) // nearly the same question
        {
            string id = await gateway.LogAsync($"Who works on {day}?", "I do not know.", day);
            await gateway.PostAsync("/api/feedback", new { completion_id = id, rating = "down", correction = "Doctor Zoidberg." });
        }
        (_, JsonNode started) = await gateway.PostAsync("/api/training/start", "{}");
        Assert.Equal("succeeded", (string?)(await FinishedAsync(gateway, (string)started["id"]!))["status"]);

        (_, JsonNode forgotten) = await gateway.SendAsync(HttpMethod.Delete, "/api/conversations/Mondays");
        JsonNode failed = await CertificateAsync(gateway, (string)forgotten["erasure"]!);
        Assert.True((string?)failed["status"] == "failed", failed.ToJsonString());
        Assert.Contains("still says it: it follows from other examples", (string?)failed["reason"]);
        Assert.Equal(4, (int)failed["version"]!); // of the third run
        Assert.Equal("refused", (string?)(await gateway.GetJsonAsync("/api/versions/4"))["status"]);
        Assert.False(Directory.Exists(folder["data/versions/1"]));
    }

    [Fact]
    public async Task Thumbs_down_alone_make_a_version_that_says_these_replies_no_more_often()
    {
        using var folder = new TemporaryFolder();
        await using TestGateway gateway = await TestGateway.StartReadyAsync(folder);
        for (int i = 0; i < 3; i++)
        {
            string id = await gateway.LogAsync($"Who works on day {i}?", "I do not know.");
            await gateway.PostAsync("/api/feedback", new { completion_id = id, rating = "down" });
        }
        (int status, JsonNode started) = await gateway.PostAsync("/api/training/start", Quick);
        Assert.Equal(200, status);
        JsonNode run = await FinishedAsync(gateway, (string)started["id"]!);
        Assert.True((string?)run["status"] == "succeeded", run.ToJsonString());
        Assert.Equal((0, 0), ((int)run["examples"]!, (int)run["gate"]!["taught"]!["asked"]!));
        Assert.Equal(0.0, (double)run["gate"]!["figures"]!["unwanted_written"]!["candidate"]!);
        Assert.Contains("unwanted_share", run["gate"]!["reason_codes"]!.AsArray().Select(r => (string)r!["code"]!));
        Assert.All(File.ReadLines(folder[$"data/runs/{started["id"]}/feedback.jsonl"]), row => Assert.Contains("\"label\":false", row));
        JsonNode waiting = (await gateway.GetJsonAsync("/api/training"))["waiting"]!;
        Assert.Equal((3, 3, 0), ((int)waiting["examples"]!, (int)waiting["unwanted"]!, (int)waiting["new"]!));
        Assert.Equal([1], (await gateway.GetJsonAsync("/api/dataset"))["data"]![0]!["versions"]!.AsArray().Select(v => (int)v!));
    }

    /// <summary>When nothing more is to be done for it.</summary>
    private static async Task<JsonNode> CertificateAsync(TestGateway gateway, string erasure)
    {
        await Eventually.TrueAsync(async () => (string?)(await gateway.GetJsonAsync($"/api/erasures/{erasure}"))["status"] != "pending", Patience.RunLimit);
        return await gateway.GetJsonAsync($"/api/erasures/{erasure}");
    }

    [Fact]
    public async Task Wrong_options_are_errors()
    {
        await using TestGateway gateway = await TestGateway.StartWithoutEngineAsync();
        string id = await gateway.LogAsync("When?", "No idea.");
        await gateway.PostAsync("/api/feedback", new { completion_id = id, rating = "down", correction = "At nine." });
        foreach (string options in (string[])["""{"epochs":0}""", """{"epoch":1}""", """{"export_type":"Q1"}""", """{"rank":"big"}"""])
            Assert.Equal(400, (await gateway.PostAsync("/api/training/start", $$"""{"options":{{options}}}""")).Status);
        Assert.Equal(404, (await gateway.SendAsync(HttpMethod.Get, "/api/training/runs/run_none")).Status);
    }

    private static async Task<JsonNode> TeachAsync(TestGateway gateway, object options)
    {
        string id = await gateway.LogAsync("When do you open?", "I do not know.");
        await gateway.PostAsync("/api/feedback", new { completion_id = id, rating = "down", correction = "At nine." });
        (_, JsonNode started) = await gateway.PostAsync("/api/training/start", options);
        return await FinishedAsync(gateway, (string)started["id"]!);
    }

    internal static async Task<JsonNode> FinishedAsync(TestGateway gateway, string run)
    {
        await Eventually.TrueAsync(async () => (await gateway.GetJsonAsync($"/api/training/runs/{run}"))["finished_at"] is not null, Patience.RunLimit);
        return await gateway.GetJsonAsync($"/api/training/runs/{run}");
    }

    private static async Task ListenAsync(TestGateway gateway, ConcurrentQueue<string> names, CancellationToken stop)
    {
        using HttpResponseMessage stream = await gateway.Client.GetAsync("/api/events", HttpCompletionOption.ResponseHeadersRead, CancellationToken.None);
        using var reader = new StreamReader(await stream.Content.ReadAsStreamAsync(CancellationToken.None));
        try
        {
            while (await reader.ReadLineAsync(stop) is { } line)
                if (line.StartsWith("event: ", StringComparison.Ordinal))
                    names.Enqueue(line["event: ".Length..]);
        }
        catch (OperationCanceledException)
        {
            // heard enough
        }
    }
}
