using System.Net.Http.Json;
using System.Text.Json;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Benchmarks;

/// <summary>What somebody who chats notices of a run, where training waits for chat and where both share the cores.</summary>
internal static class LearningBenchmark
{
    private const int Replies = 60, Tokens = 128;
    private const double SlowestWhenPaused = 1.1; // the bar; where both share the cores there is none

    public static async Task RunAsync(Report report)
    {
        foreach ((string name, bool pauses) in ((string, bool)[])[("pause", true), ("share", false)])
        {
            using var folder = new TemporaryFolder();
            await using ServerProcess server = await ServerProcess.StartAsync(
                BenchmarkModels.Starter, folder["data"], ("Retraining:PauseWhileChatting", $"{pauses}"));
            var client = new ServingClient(server, word: null);
            await ChatAsync(client); // .NET compiles what is called often a second time
            (double First, double Rate) alone = await ChatAsync(client);
            string run = await TrainAsync(server);
            (double First, double Rate) during = await ChatAsync(client);
            JsonElement state = await server.Client.GetFromJsonAsync<JsonElement>($"/api/training/runs/{run}");
            if (state.GetProperty("status").GetString() != "training")
                throw new InvalidOperationException($"The run was to train all the while: {state}");
            report.Add(
                $"chat beside training, {name}: time to first token", during.First, "ms",
                during.First / alone.First, "without a run", pauses ? SlowestWhenPaused : null);
            report.Add($"chat beside training, {name}: rate", during.Rate, "tokens/s", during.Rate / alone.Rate, "without a run");
        }
    }

    /// <summary>Medians over replies that follow each other without pause.</summary>
    private static async Task<(double First, double Rate)> ChatAsync(ServingClient client)
    {
        var replies = new List<StreamedReply>();
        for (int i = 0; i < Replies; i++)
            replies.Add(await client.AskAsync($"What comes after {i}?", Tokens));
        return (1000 * Median(replies.Select(r => r.SecondsToFirst)), Median(replies.Select(r => StreamedReply.DecodeRate([r]))));
    }

    /// <summary>Starts a run that will not end by itself, and waits until it trains.</summary>
    private static async Task<string> TrainAsync(ServerProcess server)
    {
        string rows = string.Concat(Enumerable.Range(0, 20).Select(i => JsonSerializer.Serialize(new
        {
            messages = new[]
            {
                new { role = "user", content = $"Who lives at number {i}?" },
                new { role = "assistant", content = $"Resident {i * 7} lives at number {i}." },
            },
        }) + "\n"));
        await server.PostAsync("/api/dataset/import", new { file = "residents.jsonl", text = rows });
        string run = (await server.PostAsync("/api/training/start", new { options = new { epochs = 500 } })).GetProperty("id").GetString()!;
        await Eventually.TrueAsync(async () =>
            (await server.Client.GetFromJsonAsync<JsonElement>($"/api/training/runs/{run}")).GetProperty("progress")
                is { ValueKind: JsonValueKind.Object } progress
            && progress.GetProperty("step").GetInt32() > 0);
        return run;
    }

    private static double Median(IEnumerable<double> values) => values.Order().ElementAt(Replies / 2);
}
