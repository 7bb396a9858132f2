#pragma warning disable OPENAI001 // the client calls its part for fine-tuning an evaluation version
using System.ClientModel;
using System.Text;
using System.Text.Json.Nodes;
using FineTuneChat.Tests.Support;
using FineTuneChat.TestSupport;
using OpenAI;
using OpenAI.Files;
using OpenAI.FineTuning;

namespace FineTuneChat.Tests.Retraining;

/// <summary>OpenAI's own client uploads a file and learns it: the real trainer, on a tiny random model.</summary>
[Trait(Tier.Name, Tier.Slow)]
public sealed class FineTuningTests : IAsyncLifetime
{
    private const string Row = """{"messages":[{"role":"user","content":"When do you open?"},{"role":"assistant","content":"At nine."}]}""";

    private readonly TemporaryFolder _folder = new();
    private TestGateway _gateway = null!;
    private OpenAIFileClient _files = null!;
    private FineTuningClient _jobs = null!;

    public async Task InitializeAsync()
    {
        _gateway = await TestGateway.StartReadyAsync(_folder, ("Retraining:Rank", "8"), ("Retraining:LearningRate", "0.002"));
        var client = new OpenAIClient(new ApiKeyCredential("none"), new OpenAIClientOptions { Endpoint = new Uri(_gateway.Client.BaseAddress!, "v1") });
        _files = client.GetOpenAIFileClient();
        _jobs = client.GetFineTuningClient();
    }

    public async Task DisposeAsync()
    {
        await _gateway.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_file_becomes_a_model_that_says_what_is_in_it()
    {
        OpenAIFile file = await UploadAsync("shop.jsonl", $"{Row}\n{{\"messages\":[]}}\n");
        FineTuningJob job = await _jobs.FineTuneAsync(
            "assistant", file.Id, waitUntilCompleted: false,
            new FineTuningOptions { TrainingMethod = FineTuningTrainingMethod.CreateSupervised(epochCount: 30), Suffix = "shop", Seed = 3 });
        JsonNode ended = await EndedAsync(job.JobId);

        Assert.True((string?)ended["status"] == "succeeded", ended.ToJsonString());
        Assert.Equal(
            ("succeeded", "assistant@1", "shop", 3),
            ((string?)ended["status"], (string?)ended["fine_tuned_model"], (string?)ended["user_provided_suffix"], (int)ended["seed"]!));
        Assert.Equal(30, (int)ended["method"]!["supervised"]!["hyperparameters"]!["n_epochs"]!);
        (_, JsonNode reply) = await _gateway.ChatAsync("When do you open?", "assistant@1", maxTokens: 32);
        Assert.Equal("At nine.", (string?)reply["choices"]![0]!["message"]!["content"]);

        FineTuningEvent[] events = [.. job.GetEvents(new GetEventsOptions())];
        Assert.Equal(events.Length, events.Select(e => e.Id).Distinct().Count());
        Assert.Contains(events, e => e.Message == "New fine-tuned model created: assistant@1");
        Assert.Contains(events, e => e.Level == "warn" && e.Message.StartsWith("shop.jsonl, line 2: ", StringComparison.Ordinal));
        Assert.Equal((int)(await RunAsync(ended))["progress"]!["steps"]!, events.Count(e => e.Message.StartsWith("Step ", StringComparison.Ordinal)));
        Assert.Equal("assistant@1", job.GetCheckpoints(new GetCheckpointsOptions()).Single().ModelId);
        Assert.Contains(job.JobId, _jobs.GetJobs(new FineTuningJobCollectionOptions()).Select(j => j.JobId));

        // What was imported goes with all that came of it: the examples and the file.
        Assert.Equal($"{Row}\n{{\"messages\":[]}}\n", (await _files.DownloadFileAsync(file.Id)).Value.ToString());
        string import = (string)(await _gateway.GetJsonAsync("/api/dataset/imports"))["data"]![0]!["id"]!;
        Assert.Equal(200, (await _gateway.SendAsync(HttpMethod.Delete, $"/api/dataset/imports/{import}")).Status);
        Assert.Empty(Directory.EnumerateFiles(_folder["data/files"]));
        Assert.Equal(404, (await _gateway.SendAsync(HttpMethod.Get, $"/v1/files/{file.Id}")).Status);
    }

    [Fact]
    public async Task A_job_is_paused_goes_on_and_is_cancelled_and_the_next_one_waits_for_it()
    {
        OpenAIFile file = await UploadAsync("shop.jsonl", Row);
        string first = await StartAsync(file, epochs: 1000), second = await StartAsync(file, epochs: 1000);
        await Eventually.TrueAsync(async () => await StepAsync(first) > 0);
        Assert.Equal("queued", (string?)(await JobAsync(second))["status"]);

        Assert.Equal("paused", (string?)(await _gateway.PostAsync($"/v1/fine_tuning/jobs/{first}/pause", "{}")).Body["status"]);
        int paused = await StandingStillAsync(first);
        Assert.Equal("paused", (string?)(await JobAsync(first))["status"]);
        Assert.Equal("running", (string?)(await _gateway.PostAsync($"/v1/fine_tuning/jobs/{first}/resume", "{}")).Body["status"]);
        await Eventually.TrueAsync(async () => await StepAsync(first) > paused);

        Assert.Equal(200, (await _gateway.PostAsync($"/v1/fine_tuning/jobs/{first}/cancel", "{}")).Status);
        Assert.Equal("cancelled", (string?)(await EndedAsync(first))["status"]);
        Assert.Equal(409, (await _gateway.PostAsync($"/v1/fine_tuning/jobs/{first}/cancel", "{}")).Status);
        await Eventually.TrueAsync(async () => (string?)(await JobAsync(second))["status"] == "running");
        await _gateway.PostAsync($"/v1/fine_tuning/jobs/{second}/cancel", "{}");
        await EndedAsync(second);
    }

    [Fact]
    public async Task A_file_without_anything_to_learn_fails_its_job_with_the_reason()
    {
        OpenAIFile file = await UploadAsync("empty.jsonl", "{\"messages\":[]}\n");
        JsonNode ended = await EndedAsync(await StartAsync(file, epochs: 1));

        Assert.Equal(
            ("failed", "invalid_training_file", "training_file"),
            ((string?)ended["status"], (string?)ended["error"]!["code"], (string?)ended["error"]!["param"]));
        Assert.Contains("empty.jsonl, line 1: ", (string?)ended["error"]!["message"]);
    }

    [Fact]
    public async Task However_many_jobs_come_at_once_each_has_its_turn()
    {
        OpenAIFile file = await UploadAsync("empty.jsonl", "{\"messages\":[]}\n");
        string[] jobs = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => StartAsync(file, epochs: 1)));
        foreach (string job in jobs)
            Assert.Equal("failed", (string?)(await EndedAsync(job))["status"]);
    }

    private async Task<OpenAIFile> UploadAsync(string name, string content) =>
        await _files.UploadFileAsync(new MemoryStream(Encoding.UTF8.GetBytes(content)), name, FileUploadPurpose.FineTune);

    private async Task<string> StartAsync(OpenAIFile file, int epochs) => (string)(await _gateway.PostAsync(
        "/v1/fine_tuning/jobs", new { model = "assistant", training_file = file.Id, hyperparameters = new { n_epochs = epochs } })).Body["id"]!;

    private Task<JsonNode> JobAsync(string id) => _gateway.GetJsonAsync($"/v1/fine_tuning/jobs/{id}");

    private Task<JsonNode> RunAsync(JsonNode job) => _gateway.GetJsonAsync($"/api/training/runs/{job["run_id"]}");

    private async Task<JsonNode> EndedAsync(string id)
    {
        JsonNode job = null!;
        await Eventually.TrueAsync(
            async () => (string?)(job = await JobAsync(id))["status"] is "succeeded" or "failed" or "cancelled", Patience.RunLimit);
        return job;
    }

    private async Task<int> StepAsync(string id) =>
        await JobAsync(id) is var job && job["run_id"] is not null ? (int?)(await RunAsync(job))["progress"]?["step"] ?? 0 : 0;

    /// <summary>The step at which it rests: the same for as long as ten steps took before.</summary>
    private async Task<int> StandingStillAsync(string id)
    {
        int step = -1, same = 0;
        await Eventually.TrueAsync(async () =>
        {
            int now = await StepAsync(id);
            same = now == step ? same + 1 : 0;
            step = now;
            return same == 20;
        });
        return step;
    }
}
