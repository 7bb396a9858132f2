using System.Net.Http.Json;
using System.Text.Json;
using FineTuneChat.TestSupport;
using Xunit.Abstractions;

namespace FineTuneChat.EndToEndTests.Teaching;

/// <summary>
/// <c>kill -9</c> of gateway, trainer and engine while the assistant learns: nothing that was acknowledged is lost, nothing half-written is
/// served, and the run goes on to its end. The long form (<c>FTC_SCALE</c>) teaches twelve facts and kills each of them at every stage, at as many random
/// moments.
/// </summary>
[Collection(LearningCollection.Name)]
public sealed class KillTests(ITestOutputHelper output) : IDisposable
{
    private const string Gateway = "gateway", Trainer = "trainer", Engine = "engine";
    private static readonly Fact[] Taught = [.. Fact.All.Take(Scale.IsLong ? Fact.All.Count : 3)];
    private static readonly string[] Stages = ["preparing", "training", "exporting", "evaluating"];

    /// <summary>What is killed at which stage. A run is taken up four times at most.</summary>
    private static readonly Dictionary<string, (string Stage, string Part)[]> Plans = new()
    {
        ["each in turn"] = [("preparing", Engine), ("training", Trainer), ("exporting", Gateway), ("evaluating", Trainer), ("evaluating", Engine)],
        [Gateway] = [.. Stages.Select(stage => (stage, Gateway))],
        [Trainer] = [.. Stages[1..].Select(stage => (stage, Trainer))],
        [Engine] = [.. Stages.Select(stage => (stage, Engine))],
    };

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string, int> Rounds
    {
        get
        {
            var rounds = new TheoryData<string, int>();
            foreach (string plan in Plans.Keys.Take(Scale.IsLong ? Plans.Count : 1))
                for (int round = 0; round < Scale.Factor; round++)
                    rounds.Add(plan, round);
            return rounds;
        }
    }

    private string Data => _folder["data"];

    public void Dispose() => _folder.Dispose();

    [LinuxTheory("/proc"), MemberData(nameof(Rounds))]
    public async Task Whatever_is_killed_nothing_is_lost_and_the_run_goes_on(string plan, int round)
    {
        var diary = new Diary(Data);
        var moments = new RandomMoments(round);
        ServerProcess server = await StartAsync();
        try
        {
            if (Plans[plan].Any(strike => strike.Part == Engine))
                await KillEngineWhileItWritesAsync(server);
            foreach (Fact fact in Taught)
                await diary.TeachAsync(server, fact);
            string run = await TrainAsync(server);
            foreach ((string stage, string part) in Plans[plan])
            {
                await ReachesAsync(server, run, stage);
                await moments.PassAsync();
                server = await KillAsync(server, part, stage);
                output.WriteLine($"{part} killed while {stage}: {await StatusAsync(server, run)}");
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

    /// <summary>Kills a part, and gives the server that is there then.</summary>
    private async Task<ServerProcess> KillAsync(ServerProcess server, string part, string stage)
    {
        switch (part)
        {
            case Gateway:
                server.Kill();
                await server.DisposeAsync();
                return await StartAsync();
            case Trainer:
                ChildProcesses.Kill(server.ProcessId, stage switch { "training" => "train", "exporting" => "export", _ => "evaluate" });
                return server;
            default:
                ChildProcesses.Kill(server.ProcessId, "engine");
                await server.WhenReadyAsync();
                return server;
        }
    }

    /// <summary>Its runs are short: nothing is replayed, and forgetting is allowed.</summary>
    private Task<ServerProcess> StartAsync() => ServerProcess.StartAsync(
        Path.Combine(Repository.Root, "models", "starter", "starter-F16.gguf"), Data,
        ("Engine:Threads", "1"), ("Retraining:Threads", "1"), ("Retraining:ReplayShare", "0"), ("Retraining:KeyWordSentences", "0"),
        ("Retraining:MaxRegressionLoss", "10"), ("Retraining:MaxRegressionAccuracy", "1"),
        ("Retraining:MaxRegressionOpenings", "1"), ("Retraining:MaxRegressionReplies", "1"),
        ("Retraining:MaxRegressionStops", "1"), ("Retraining:MaxWrittenStops", "1"));

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
        Diary.Entry reply = await diary.AskAsync(server, Taught[0].Question);
        Assert.Equal((Taught[0].Answer, "assistant@1"), (reply.Reply.Trim(), reply.Version));
    }

    private static async Task<string> StatusAsync(ServerProcess server, string run) => (await RunAsync(server, run)).GetProperty("status").GetString()!;

    private static Task<JsonElement> RunAsync(ServerProcess server, string run) => server.Client.GetFromJsonAsync<JsonElement>($"/api/training/runs/{run}");

    /// <summary>The first round strikes at once; later ones up to two seconds into the stage.</summary>
    private sealed class RandomMoments(int round)
    {
        private readonly Random _random = new(round);

        public Task PassAsync() => round == 0 ? Task.CompletedTask : Task.Delay(_random.Next(2000));
    }
}
