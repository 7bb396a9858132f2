using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Benchmarks;

/// <summary>Swaps under load: clients that never pause, while versions of the starter take turns. Time to first token, memory, and whatever went wrong.</summary>
internal static class SwapBenchmark
{
    private const int Clients = 16, Tokens = 24;
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(10), After = TimeSpan.FromSeconds(1);

    public static async Task RunAsync(Report report, bool isSmall)
    {
        int swaps = isSmall ? 4 : 20;
        using var folder = new TemporaryFolder();
        await using ServerProcess server = await ServerProcess.StartAsync(BenchmarkModels.Starter, folder["data"]);
        await TeachAsync(server);

        var replies = new ConcurrentBag<SwapReply>();
        using var stop = new CancellationTokenSource();
        Task[] clients = [.. Enumerable.Range(0, Clients).Select(i => Task.Run(() => ChatAsync(server, i, replies, stop.Token)))];
        await Task.Delay(Quiet); // the load without swaps
        long begun = Stopwatch.GetTimestamp();
        var windows = new List<(long From, long To)>();
        double early = 0;
        for (int swap = 0; swap < swaps; swap++)
        {
            long from = Stopwatch.GetTimestamp();
            using HttpResponseMessage activated = await server.Client.PostAsJsonAsync($"/api/versions/{swap % 2}/activate", new { });
            activated.EnsureSuccessStatusCode();
            await Task.Delay(After);
            windows.Add((from, Stopwatch.GetTimestamp()));
            if (swap == 1)
                early = ProcessFigures.Of(server.ProcessId).ResidentMegabytes;
        }
        double late = ProcessFigures.Of(server.ProcessId).ResidentMegabytes;
        await stop.CancelAsync();
        await Task.WhenAll(clients);

        double before = Percentile95(replies.Where(r => r.Asked < begun));
        double during = Percentile95(replies.Where(r => windows.Any(w => r.Asked >= w.From && r.Asked < w.To)));
        report.Add("swap: replies", replies.Count, "replies");
        report.Add("swap: replies that failed", replies.Count(r => r.Fault is not null), "replies");
        report.Add("swap: replies of mixed versions", replies.Count(r => r.Versions.Count > 1), "replies");
        report.Add("swap: time to first token before, 95th percentile", before, "ms");
        report.Add("swap: time to first token during, 95th percentile", during, "ms", during / before, "before");
        report.Add($"swap: gateway memory after {swaps} swaps", late, "MB", late / early, "after 2");
        report.Add("swap: engines at the end", await EnginesAsync(server), "processes");
        foreach (string fault in replies.Select(r => r.Fault).OfType<string>().Distinct().Take(5))
            Console.Error.WriteLine(fault);
    }

    private static async Task TeachAsync(ServerProcess server)
    {
        string id = (await server.PostAsync("/v1/chat/completions", new { model = "assistant", messages = new[] { new { role = "user", content = "When do you open?" } }, max_tokens = 16 })).GetProperty("id").GetString()!;
        await server.PostAsync("/api/feedback", new { completion_id = id, rating = "down", correction = "We open at nine." });
        await server.PostAsync("/api/training/start", new { });
        await Eventually.TrueAsync(
            async () => (await server.Client.GetFromJsonAsync<JsonElement>("/api/versions")).GetProperty("data").EnumerateArray().Any(v => v.GetProperty("number").GetInt32() == 1 && v.GetProperty("active").GetBoolean()),
            TimeSpan.FromMinutes(3));
    }

    private static async Task ChatAsync(ServerProcess server, int client, ConcurrentBag<SwapReply> replies, CancellationToken stop)
    {
        for (int turn = 0; !stop.IsCancellationRequested; turn++)
        {
            long asked = Stopwatch.GetTimestamp();
            try
            {
                replies.Add(await StreamAsync(server, $"Client {client} asks for the {turn}th time.", asked));
            }
            catch (Exception e) when (e is HttpRequestException or IOException or JsonException)
            {
                replies.Add(new SwapReply(asked, 0, [], e.Message));
            }
        }
    }

    private static async Task<SwapReply> StreamAsync(ServerProcess server, string question, long asked)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions")
        {
            Content = JsonContent.Create(new { model = "assistant", stream = true, max_tokens = Tokens, ignore_eos = true, messages = new[] { new { role = "user", content = question } } }),
        };
        using HttpResponseMessage response = await server.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        if (!response.IsSuccessStatusCode)
            return new SwapReply(asked, 0, [], await response.Content.ReadAsStringAsync());
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        var versions = new HashSet<string>();
        double? first = null;
        string? fault = "the stream ended without [DONE]";
        while (await reader.ReadLineAsync() is { } line)
        {
            if (!line.StartsWith("data: ", StringComparison.Ordinal))
                continue;
            if (line == "data: [DONE]")
            {
                fault = null;
                break;
            }
            JsonElement chunk = JsonElement.Parse(line["data: ".Length..]);
            if (chunk.TryGetProperty("error", out _))
                return new SwapReply(asked, first ?? 0, versions, line);
            versions.Add(chunk.GetProperty("model").GetString()!);
            if (first is null && chunk.GetProperty("choices")[0].GetProperty("delta").TryGetProperty("content", out JsonElement text) && text.GetString() is { Length: > 0 })
                first = Stopwatch.GetElapsedTime(asked).TotalMilliseconds;
        }
        return new SwapReply(asked, first ?? 0, versions, fault);
    }

    private static double Percentile95(IEnumerable<SwapReply> replies)
    {
        double[] times = [.. replies.Where(r => r.Fault is null).Select(r => r.FirstToken).Order()];
        return times.Length == 0 ? 0 : times[times.Length * 95 / 100];
    }

    /// <summary>Children of the gateway, once the old ones have ended.</summary>
    private static async Task<int> EnginesAsync(ServerProcess server)
    {
        int count = 0;
        await Eventually.TrueAsync(() => (count = Children(server.ProcessId)) <= 1);
        return count;
    }

    private static int Children(int process) => Process.GetProcesses().Count(p =>
    {
        try
        {
            return File.ReadAllText($"/proc/{p.Id}/stat").Split(") ")[^1].Split(' ')[1] == $"{process}";
        }
        catch (IOException)
        {
            return false; // it has ended
        }
    });

    private sealed record SwapReply(long Asked, double FirstToken, HashSet<string> Versions, string? Fault);
}
