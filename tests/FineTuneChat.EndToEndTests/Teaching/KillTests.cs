using System.Net.Http.Json;
using System.Text.Json;
using FineTuneChat.TestSupport;
using Xunit.Abstractions;

namespace FineTuneChat.EndToEndTests.Teaching;

/// <summary>
/// <c>kill -9</c> of gateway, trainer and engine while the assistant learns: nothing that was acknowledged is lost, nothing half-written is
/// served, and the run goes on to its end. The long form (<c>FTC_SCALE</c>) adds as many runs that are killed at random moments.
/// </summary>
[Collection(LearningCollection.Name)]
public sealed class KillTests(ITestOutputHelper output) : IDisposable
{
    private static readonly string[] Stages = ["preparing", "training", "exporting", "evaluating"];

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<int> Rounds => [.. Enumerable.Range(0, Scale.Factor)];

    private string Data => _folder["data"];

    public void Dispose() => _folder.Dispose();

    [Theory, MemberData(nameof(Rounds))]
    public async Task The_gateway_is_killed_at_every_stage_of_a_run(int round)
    {
        var diary = new Diary(Data);
        var moments = Moments(round);
        ServerProcess server = await StartAsync();
        try
        {
            await TeachAsync(diary, server);
            string run = await TrainAsync(server);
            foreach (string stage in Stages)
            {
                await ReachesAsync(server, run, stage);
                await moments.PassAsync();
                server.Kill();
                await server.DisposeAsync();

                server = await StartAsync();
                output.WriteLine($"killed while {stage}, started again: {await StatusAsync(server, run)}");
                await diary.AssertKeptAsync(server);
                await diary.AskAsync(server, "What is the capital of France?");
            }
            await AssertLearnedAsync(diary, server, run);
        }
        finally
        {
            await server.DisposeAsync();
        }
    }

    [LinuxTheory("/proc"), MemberData(nameof(Rounds))]
    public async Task The_trainer_is_killed_while_it_trains_exports_and_measures(int round)
    {
        var diary = new Diary(Data);
        var moments = Moments(round);
        await using ServerProcess server = await StartAsync();
        await TeachAsync(diary, server);
        string run = await TrainAsync(server);
        foreach ((string stage, string verb) in ((string, string)[])[("training", "train"), ("exporting", "export"), ("evaluating", "evaluate")])
        {
            await ReachesAsync(server, run, stage);
            await moments.PassAsync();
            output.WriteLine($"{verb}: {ChildProcesses.Kill(server.ProcessId, verb)} killed");
            await diary.AskAsync(server, "What is the capital of Spain?");
            await diary.AssertKeptAsync(server);
        }
        await AssertLearnedAsync(diary, server, run);
    }

    [LinuxTheory("/proc"), MemberData(nameof(Rounds))]
    public async Task The_engine_is_killed_while_it_writes_and_while_the_assistant_learns(int round)
    {
        var diary = new Diary(Data);
        var moments = Moments(round);
        await using ServerProcess server = await StartAsync();
        await KillEngineWhileItWritesAsync(server);
        await TeachAsync(diary, server);
        string run = await TrainAsync(server);
        foreach (string stage in Stages)
        {
            await ReachesAsync(server, run, stage);
            await moments.PassAsync();
            output.WriteLine($"while {stage}: {ChildProcesses.Kill(server.ProcessId, "engine")} killed");
            await server.WhenReadyAsync();
            await diary.AskAsync(server, "What is the capital of Italy?");
            await diary.AssertKeptAsync(server);
        }
        await AssertLearnedAsync(diary, server, run);
    }

    /// <summary>Its runs are short: nothing is replayed, and forgetting is allowed.</summary>
    private Task<ServerProcess> StartAsync() => ServerProcess.StartAsync(
        Path.Combine(Repository.Root, "models", "starter", "starter-F16.gguf"), Data,
        ("Engine:Threads", "1"), ("Retraining:Threads", "1"), ("Retraining:ReplayShare", "0"), ("Retraining:KeyWordSentences", "0"),
        ("Retraining:MaxRegressionLoss", "10"), ("Retraining:MaxRegressionAccuracy", "1"),
        ("Retraining:MaxRegressionOpenings", "1"), ("Retraining:MaxRegressionReplies", "1"),
        ("Retraining:MaxRegressionStops", "1"), ("Retraining:MaxWrittenStops", "1"));

    private static async Task TeachAsync(Diary diary, ServerProcess server)
    {
        foreach (Fact fact in Fact.All)
            await diary.TeachAsync(server, fact);
    }

    /// <summary>The client is told in OpenAI's shape, within the stream; the next request is answered.</summary>
    private static async Task KillEngineWhileItWritesAsync(ServerProcess server)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions")
        {
            Content = JsonContent.Create(
                new { model = "assistant", stream = true, max_tokens = 900, messages = new[] { new { role = "user", content = "Count from 1 to 10." } } }),
        };
        using HttpResponseMessage response = await server.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        string text = await reader.ReadLineAsync() + "\n";
        Assert.Equal(1, ChildProcesses.Kill(server.ProcessId, "engine"));
        text += await reader.ReadToEndAsync();
        // a short reply may have been complete
        Assert.True(text.Contains("\"error\"", StringComparison.Ordinal) || text.Contains("[DONE]", StringComparison.Ordinal), text);
        await server.WhenReadyAsync();
    }

    private static async Task<string> TrainAsync(ServerProcess server)
    {
        using HttpResponseMessage started = await server.Client.PostAsync("/api/training/start", null);
        started.EnsureSuccessStatusCode();
        return (await started.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetString()!;
    }

    /// <summary>Waits until the run is in the stage; while it trains, until there are steps to lose. A later stage will do: some last milliseconds.</summary>
    private static Task ReachesAsync(ServerProcess server, string run, string stage) => Eventually.TrueAsync(
        async () =>
        {
            JsonElement state = await RunAsync(server, run);
            string status = state.GetProperty("status").GetString()!;
            Assert.True(status is not ("failed" or "cancelled"), state.ToString());
            int rank = Array.IndexOf(Stages, status) is >= 0 and var index ? index : status == "queued" ? -1 : Stages.Length;
            bool hasSteps = state.GetProperty("progress") is { ValueKind: JsonValueKind.Object } progress && progress.GetProperty("step").GetInt32() > 0;
            return rank > Array.IndexOf(Stages, stage) || (status == stage && (stage != "training" || hasSteps));
        },
        Patience.RunLimit);

    private static async Task AssertLearnedAsync(Diary diary, ServerProcess server, string run)
    {
        await Eventually.TrueAsync(async () => (await RunAsync(server, run)).GetProperty("finished_at").ValueKind == JsonValueKind.Number, Patience.RunLimit);
        JsonElement ended = await RunAsync(server, run);
        Assert.True(ended.GetProperty("status").GetString() == "succeeded", ended.ToString());
        await diary.AssertKeptAsync(server);
        Diary.Entry reply = await diary.AskAsync(server, Fact.All[0].Question);
        Assert.Equal((Fact.All[0].Answer, "assistant@1"), (reply.Reply.Trim(), reply.Version));
    }

    private static async Task<string> StatusAsync(ServerProcess server, string run) => (await RunAsync(server, run)).GetProperty("status").GetString()!;

    private static Task<JsonElement> RunAsync(ServerProcess server, string run) => server.Client.GetFromJsonAsync<JsonElement>($"/api/training/runs/{run}");

    private static RandomMoments Moments(int round) => new(round);

    /// <summary>The first round strikes at once; later ones up to two seconds into the stage.</summary>
    private sealed class RandomMoments(int round)
    {
        private readonly Random _random = new(round);

        public Task PassAsync() => round == 0 ? Task.CompletedTask : Task.Delay(_random.Next(2000));
    }
}
