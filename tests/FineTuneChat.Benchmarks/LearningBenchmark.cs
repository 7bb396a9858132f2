using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Benchmarks;

/// <summary>What somebody who chats notices of a run, where training waits for chat and where both share the cores.</summary>
internal static class LearningBenchmark
{
    private const int Replies = 60, Tokens = 128;

    public static async Task RunAsync(Report report)
    {
        foreach ((string name, bool pauses) in ((string, bool)[])[("pause", true), ("share", false)])
        {
            using var folder = new TemporaryFolder();
            await using ServerProcess server = await ServerProcess.StartAsync(BenchmarkModels.Starter, folder["data"], ("Retraining:PauseWhileChatting", $"{pauses}"));
            await ChatAsync(server); // .NET compiles what is called often a second time
            (double First, double Rate) alone = await ChatAsync(server);
            string run = await TrainAsync(server);
            (double First, double Rate) during = await ChatAsync(server);
            JsonElement state = await server.Client.GetFromJsonAsync<JsonElement>($"/api/training/runs/{run}");
            if (state.GetProperty("status").GetString() != "training")
                throw new InvalidOperationException($"The run was to train all the while: {state}");
            report.Add($"chat beside training, {name}: time to first token", during.First, "ms", during.First / alone.First, "without a run");
            report.Add($"chat beside training, {name}: rate", during.Rate, "tokens/s", during.Rate / alone.Rate, "without a run");
        }
    }

    /// <summary>Medians over replies that follow each other without pause.</summary>
    private static async Task<(double First, double Rate)> ChatAsync(ServerProcess server)
    {
        var replies = new List<(double First, double Rate)>();
        for (int i = 0; i < Replies; i++)
            replies.Add(await ReplyAsync(server, $"What comes after {i}?"));
        return (Median(replies.Select(r => r.First)), Median(replies.Select(r => r.Rate)));
    }

    private static async Task<(double First, double Rate)> ReplyAsync(ServerProcess server, string question)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions")
        {
            Content = JsonContent.Create(new { model = "assistant", stream = true, max_tokens = Tokens, ignore_eos = true, messages = new[] { new { role = "user", content = question } } }),
        };
        long asked = Stopwatch.GetTimestamp(), first = 0, last = 0;
        using HttpResponseMessage response = await server.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        response.EnsureSuccessStatusCode();
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        while (await reader.ReadLineAsync() is { } line)
        {
            if (!line.Contains("\"content\":\"", StringComparison.Ordinal))
                continue;
            last = Stopwatch.GetTimestamp();
            first = first == 0 ? last : first;
        }
        return (Stopwatch.GetElapsedTime(asked, first).TotalMilliseconds, (Tokens - 1) / Stopwatch.GetElapsedTime(first, last).TotalSeconds);
    }

    /// <summary>Starts a run that will not end by itself, and waits until it trains.</summary>
    private static async Task<string> TrainAsync(ServerProcess server)
    {
        string rows = string.Concat(Enumerable.Range(0, 20).Select(i => JsonSerializer.Serialize(new
        {
            messages = new[] { new { role = "user", content = $"Who lives at number {i}?" }, new { role = "assistant", content = $"Resident {i * 7} lives at number {i}." } },
        }) + "\n"));
        await PostAsync(server, "/api/dataset/import", new { file = "residents.jsonl", text = rows });
        string run = (await PostAsync(server, "/api/training/start", new { options = new { epochs = 500 } })).GetProperty("id").GetString()!;
        await Eventually.TrueAsync(async () => (await server.Client.GetFromJsonAsync<JsonElement>($"/api/training/runs/{run}")).GetProperty("progress") is { ValueKind: JsonValueKind.Object } progress
            && progress.GetProperty("step").GetInt32() > 0);
        return run;
    }

    private static async Task<JsonElement> PostAsync(ServerProcess server, string path, object body)
    {
        using HttpResponseMessage response = await server.Client.PostAsJsonAsync(path, body);
        response.EnsureSuccessStatusCode();
        return await response.Content.ReadFromJsonAsync<JsonElement>();
    }

    private static double Median(IEnumerable<double> values) => values.Order().ElementAt(Replies / 2);
}
