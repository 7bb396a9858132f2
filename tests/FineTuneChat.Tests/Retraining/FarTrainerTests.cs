using System.Text.Json.Nodes;
using FineTuneChat.Gateway.Access;
using FineTuneChat.Gateway.Learning.Runs;
using FineTuneChat.Gateway.Learning.Trainers;
using FineTuneChat.Protocol;
using FineTuneChat.Tests.Support;
using FineTuneChat.TestSupport;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace FineTuneChat.Tests.Retraining;

/// <summary>Two real gateways: one teaches and measures, the other one trains for it, by OpenAI's fine-tuning API; a tiny random model.</summary>
[Trait(Tier.Name, Tier.Slow)]
public sealed class FarTrainerTests : IAsyncLifetime
{
    private readonly TemporaryFolder _here = new(), _there = new();
    private TestGateway _far = null!;
    private string _key = null!;

    public async Task InitializeAsync()
    {
        _far = await TestGateway.StartAsync(_there);
        _key = (await _far.Get<ApiKeyStore>().CreateAsync("trainer", [Scopes.Train])).Key!;
    }

    public async Task DisposeAsync()
    {
        await _far.DisposeAsync();
        _here.Dispose();
        _there.Dispose();
    }

    [Fact]
    public async Task What_was_trained_there_is_measured_and_serves_here_although_this_gateway_was_stopped_in_between()
    {
        string run;
        await using (TestGateway near = await StartAsync(epochs: 30))
        {
            run = await TeachAsync(near);
            await Eventually.TrueAsync(async () => await StepAsync(near, run) > 0);
        }
        await using TestGateway again = await StartAsync(epochs: 30);
        JsonNode ended = await RetrainingTests.FinishedAsync(again, run);

        Assert.True((string?)ended["status"] == "succeeded", ended.ToJsonString());
        Assert.Equal((int)ended["progress"]!["steps"]!, ended["curve"]!.AsArray().Count);
        JsonNode now = (await again.ChatAsync("When do you open?", maxTokens: 24)).Body;
        Assert.Equal(("assistant@1", "At nine."), ((string?)now["model"], (string?)now["choices"]![0]!["message"]!["content"]));
        Assert.True(PeftFolder.IsThere(_here[$"data/runs/{run}"]));

        // There it was one job, in the words of this run, and nothing of it stays.
        JsonNode job = (await _far.GetJsonAsync("/v1/fine_tuning/jobs"))["data"]!.AsArray().Single()!;
        Assert.Equal(("succeeded", null), ((string?)job["status"], (string?)job["fine_tuned_model"]));
        JsonNode options = (await _far.GetJsonAsync($"/api/training/runs/{job["run_id"]}"))["options"]!;
        Assert.Equal((30, 8, 0.002), ((int)options["epochs"]!, (int)options["rank"]!, (double)options["learning_rate"]!));
        Assert.Empty((await _far.GetJsonAsync("/api/dataset"))["data"]!.AsArray());
        Assert.Single((await _far.GetJsonAsync("/api/versions"))["data"]!.AsArray()); // the base
        Assert.Empty(Directory.EnumerateFiles(_there["data/files"]));
        Assert.Empty(Directory.EnumerateDirectories(_there["data/runs"]));
    }

    [Fact]
    public async Task A_run_is_paused_there_and_cancelled_there()
    {
        await using TestGateway near = await StartAsync(epochs: 1000);
        string run = await TeachAsync(near);
        await Eventually.TrueAsync(async () => await StepAsync(near, run) > 0);
        near.Get<RunPause>().Set(run);
        await Eventually.TrueAsync(async () => await StatusThereAsync() == "paused");
        near.Get<RunPause>().Set(null);
        await Eventually.TrueAsync(async () => await StatusThereAsync() == "running");
        Assert.Equal(200, (await near.PostAsync("/api/training/cancel", "{}")).Status);

        Assert.Equal("cancelled", (string?)(await RetrainingTests.FinishedAsync(near, run))["status"]);
        await Eventually.TrueAsync(async () => await StatusThereAsync() == "cancelled");
        await Eventually.TrueAsync(() => !Directory.EnumerateFiles(_there["data/files"]).Any() && !Directory.EnumerateDirectories(_there["data/runs"]).Any());
    }

    /// <summary>A service that trains and keeps the model, and that loses its answer to the first order.</summary>
    [Fact]
    public async Task A_server_that_keeps_what_it_trains_is_given_one_job_and_refused()
    {
        var jobs = new List<JsonNode>();
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        await using WebApplication cloud = builder.Build();
        cloud.Urls.Add("http://127.0.0.1:0");
        cloud.MapPost("/v1/files", () => Results.Text("""{"id":"file-1"}""", "application/json"));
        cloud.MapDelete("/v1/files/{id}", () => Results.Text("{}", "application/json"));
        cloud.MapPost("/v1/fine_tuning/jobs", async (HttpRequest order) =>
        {
            jobs.Add((await JsonNode.ParseAsync(order.Body))!);
            return Results.StatusCode(StatusCodes.Status502BadGateway);
        });
        cloud.MapGet("/v1/fine_tuning/jobs", () => Results.Text(
            new JsonObject
            {
                ["data"] = new JsonArray([.. jobs.Select(job => new JsonObject { ["id"] = "job-1", ["metadata"] = job["metadata"]!.DeepClone() })]),
            }
            .ToJsonString(), "application/json"));
        cloud.MapGet("/v1/fine_tuning/jobs/job-1", () => Results.Text("""{"id":"job-1","status":"succeeded","result_files":[]}""", "application/json"));
        cloud.MapGet("/v1/fine_tuning/jobs/job-1/events", () => Results.Text("""{"data":[],"has_more":false}""", "application/json"));
        await cloud.StartAsync();

        await using TestGateway near = await StartAsync(epochs: 1, cloud.Urls.First());
        JsonNode ended = await RetrainingTests.FinishedAsync(near, await TeachAsync(near));
        Assert.Equal("failed", (string?)ended["status"]);
        Assert.Contains("does not give the adapter back", (string?)ended["error"], StringComparison.Ordinal);
        Assert.Single(jobs);

        var refused = await Assert.ThrowsAsync<UserException>(() => StartAsync(epochs: 1, "https://api.openai.com/v1"));
        Assert.Contains("keeps what it trains", refused.Message, StringComparison.Ordinal);
    }

    private Task<TestGateway> StartAsync(int epochs, string? trainer = null) => TestGateway.StartReadyAsync(
        _here,
        ("Trainer:Kind", "openai"), ("Trainer:Url", trainer ?? $"{_far.Client.BaseAddress}v1"), ("Trainer:Key", _key),
        ("Retraining:Epochs", $"{epochs}"), ("Retraining:Rank", "8"), ("Retraining:LearningRate", "0.002"));

    private static async Task<string> TeachAsync(TestGateway gateway)
    {
        string id = await gateway.LogAsync("When do you open?", "No idea.");
        await gateway.PostAsync("/api/feedback", new { completion_id = id, rating = "down", correction = "At nine." });
        return (string)(await gateway.PostAsync("/api/training/start", "{}")).Body["id"]!;
    }

    private static async Task<int> StepAsync(TestGateway gateway, string run) =>
        (int?)(await gateway.GetJsonAsync($"/api/training/runs/{run}"))["progress"]?["step"] ?? 0;

    private async Task<string?> StatusThereAsync() => (string?)(await _far.GetJsonAsync("/v1/fine_tuning/jobs"))["data"]![0]!["status"];
}
