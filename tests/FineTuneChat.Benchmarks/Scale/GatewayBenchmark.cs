using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Benchmarks.Scale;

/// <summary>What the gateway alone carries, in front of a server that computes nothing; client, gateway and stub share this machine's cores.</summary>
internal static class GatewayBenchmark
{
    private const int AtATime = 32, MostStreams = 3000, Step = 100;
    private static readonly int[] Streams = [500, 1000, MostStreams];

    public static async Task RunAsync(Report report, bool isSmall)
    {
        using var folder = new TemporaryFolder();
        await using UpstreamStub stub = await UpstreamStub.StartAsync();
        await using ServerProcess gateway = await ServerProcess.StartAsync(
            BenchmarkModels.Starter, folder["data"],
            ("Upstream:Url", stub.Address), ("Upstream:Parallel", "10000"), ("Embedding:Enabled", "false"), ("Learning:Recall", "false"));
        using var direct = new HttpClient(new SocketsHttpHandler()) { BaseAddress = new Uri(stub.Address), Timeout = Timeout.InfiniteTimeSpan };
        using var through = new HttpClient(new SocketsHttpHandler()) { BaseAddress = gateway.Address, Timeout = Timeout.InfiniteTimeSpan };
        await IdleAsync(report, through, gateway.ProcessId, isSmall ? Streams[..1] : Streams); // first: a heap that has grown would hide it
        int requests = isSmall ? 500 : 2000;
        foreach (bool isStored in (bool[])[false, true])
        {
            string how = isStored ? "stored" : "not stored";
            (double alone, double added) = await LatencyAsync(direct, through, requests, isStored);
            report.Add($"one short reply at a time, {how}: the stub alone, median", alone, "ms");
            report.Add($"one short reply at a time, {how}: added by the gateway, median", added, "ms", atMost: isStored ? null : 1);
            double best = await RateAsync(direct, requests * 4, isStored), rate = await RateAsync(through, requests * 4, isStored);
            report.Add($"{AtATime} short replies at a time, {how}: the stub alone", best, "requests/s");
            report.Add($"{AtATime} short replies at a time, {how}: through the gateway", rate, "requests/s", atLeast: isStored ? null : 2000);
        }
    }

    /// <summary>Milliseconds at the median, asked in turn: whatever else the machine does disturbs both.</summary>
    private static async Task<(double Alone, double Added)> LatencyAsync(HttpClient direct, HttpClient through, int requests, bool isStored)
    {
        var times = new List<double>[] { [], [] };
        for (int i = -requests / 4; i < requests; i++) // the first ones warm up
            foreach ((HttpClient client, List<double> to) in ((HttpClient, List<double>)[])[(direct, times[0]), (through, times[1])])
            {
                long start = Stopwatch.GetTimestamp();
                await AskAsync(client, isStored);
                if (i >= 0)
                    to.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            }
        double alone = Median(times[0]);
        return (alone, Median(times[1]) - alone);
    }

    private static async Task<double> RateAsync(HttpClient client, int requests, bool isStored)
    {
        int left = requests;
        long start = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, AtATime).Select(_ => Task.Run(async () =>
        {
            while (Interlocked.Decrement(ref left) >= 0)
                await AskAsync(client, isStored);
        })));
        return requests / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    /// <summary>Streams that have begun and say nothing more, and what the gateway grows by.</summary>
    private static async Task IdleAsync(Report report, HttpClient client, int process, int[] counts)
    {
        var open = new List<HttpResponseMessage>();
        try
        {
            await OpenAsync(client, open, Step); // what the first streams load and compile is not theirs
            double before = ProcessFigures.Of(process).ResidentMegabytes;
            foreach (int count in counts)
            {
                await OpenAsync(client, open, count + Step - open.Count);
                double grown = ProcessFigures.Of(process).ResidentMegabytes - before;
                report.Add($"{count} idle streams: the gateway's memory for each", grown * 1000 / count, "KB", atMost: 30);
            }
        }
        finally
        {
            open.ForEach(response => response.Dispose());
        }
    }

    private static async Task OpenAsync(HttpClient client, List<HttpResponseMessage> open, int more)
    {
        for (int done = 0; done < more; done += Step)
            open.AddRange(await Task.WhenAll(Enumerable.Range(0, Step).Select(async _ =>
            {
                HttpResponseMessage response = await client.SendAsync(Request(isStored: false, isStreamed: true), HttpCompletionOption.ResponseHeadersRead);
                Stream body = await response.EnsureSuccessStatusCode().Content.ReadAsStreamAsync();
                await body.ReadExactlyAsync(new byte[1]); // it has begun
                return response;
            })));
    }

    private static async Task AskAsync(HttpClient client, bool isStored)
    {
        using HttpRequestMessage request = Request(isStored, isStreamed: false);
        using HttpResponseMessage response = await client.SendAsync(request);
        if (!response.IsSuccessStatusCode)
            throw new InvalidOperationException(await response.Content.ReadAsStringAsync());
    }

    private static HttpRequestMessage Request(bool isStored, bool isStreamed) => new(HttpMethod.Post, "/v1/chat/completions")
    {
        Content = new ByteArrayContent(Encoding.UTF8.GetBytes(
            $$"""{"messages":[{"role":"user","content":"Is it open?"}],"store":{{Json(isStored)}},"stream":{{Json(isStreamed)}}}"""))
        {
            Headers = { ContentType = new MediaTypeHeaderValue("application/json") },
        },
    };

    private static string Json(bool value) => value ? "true" : "false";

    private static double Median(List<double> values)
    {
        values.Sort();
        return values[values.Count / 2];
    }
}
