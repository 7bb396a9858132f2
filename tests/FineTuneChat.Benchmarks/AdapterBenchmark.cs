using System.Diagnostics;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using FineTuneChat.Native.Llama;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Benchmarks;

/// <summary>
/// Eight clients at an engine with one base, whose requests name one adapter or many: what the turns of adapters cost, by the clock and, as a busy machine
/// disturbs that less, by the engine's processor time.
/// </summary>
internal static class AdapterBenchmark
{
    private const int Clients = 8, Tokens = 64, Replies = 3, Files = 8;
    private const double LeastOfOne = 0.9; // the bar, with a hundred
    private static readonly int[] Counts = [0, 1, 2, 8, 100];

    public static async Task RunAsync(Report report, BenchmarkModels models, bool isSmall)
    {
        await MeasureAsync(report, "starter", BenchmarkModels.Starter, rounds: isSmall ? 2 : 4);
        if (!isSmall)
            await MeasureAsync(report, "0.5 B Q4_K_M", models.HalfBillion(ModelFileType.Q4_K_M), rounds: 1);
    }

    private static async Task MeasureAsync(Report report, string what, string model, int rounds)
    {
        using var folder = new TemporaryFolder();
        await using ProgramProcess engine = ProgramProcess.Start(
            "engine", "--model", model, "--socket", folder["s"], "--parallel", $"{Clients}", "--threads", "1", "--max-adapters", $"{Clients}");
        await engine.LineAsync("serving");
        using HttpClient http = ClientOf(folder["s"]);
        for (int i = 0; i < Counts[^1]; i++) // a hundred that are loaded one by one, of a few files
        {
            string file = i < Files ? RandomAdapter.Write(folder[$"{i}.gguf"], model, seed: i, rank: 16) : folder[$"{i % Files}.gguf"];
            (await http.PostAsJsonAsync("/v1/load_lora_adapter", new { lora_name = $"a{i}", lora_path = file })).EnsureSuccessStatusCode();
        }

        // In rounds that take turns; the first warms up.
        var best = Counts.ToDictionary(count => count, _ => new Round(0, double.MaxValue, double.MaxValue));
        for (int round = -1; round < rounds; round++)
        {
            foreach (int count in Counts)
            {
                Round measured = await RoundAsync(http, count, engine.Id);
                if (round >= 0)
                    best[count] = best[count].Better(measured);
            }
        }

        report.Add($"adapters: {what}, 8 clients, none", best[0].Rate, "tokens/s", best[0].Rate / best[1].Rate, "one");
        foreach (int count in Counts[1..])
        {
            report.Add(
                $"adapters: {what}, 8 clients, {count}", best[count].Rate, "tokens/s", best[count].Rate / best[1].Rate, "one",
                atLeast: count == Counts[^1] ? LeastOfOne : null);
            report.Add(
                $"adapters: {what}, 8 clients, {count}: processor time of a token", best[count].Processor, "ms", best[1].Processor / best[count].Processor,
                "one's speed", atLeast: count == Counts[^1] ? LeastOfOne : null);
            report.Add($"adapters: {what}, 8 clients, {count}: time to first token, median", best[count].First, "ms");
        }
    }

    private static async Task<Round> RoundAsync(HttpClient http, int adapters, int process)
    {
        using Process engine = Process.GetProcessById(process);
        double before = engine.TotalProcessorTime.TotalMilliseconds;
        long start = Stopwatch.GetTimestamp();
        double[][] firsts = await Task.WhenAll(Enumerable.Range(0, Clients).Select(async client =>
        {
            var own = new double[Replies];
            for (int turn = 0; turn < Replies; turn++)
                own[turn] = await AskAsync(http, adapters == 0 ? null : $"a{((turn * Clients) + client) % adapters}");
            return own;
        }));
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        double[] sorted = [.. firsts.SelectMany(f => f).Order()];
        engine.Refresh();
        const int All = Clients * Replies * Tokens;
        return new Round(All / seconds, (engine.TotalProcessorTime.TotalMilliseconds - before) / All, sorted[sorted.Length / 2]);
    }

    private static async Task<double> AskAsync(HttpClient http, string? model)
    {
        long sent = Stopwatch.GetTimestamp();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions")
        {
            Content = JsonContent.Create(new
            {
                model,
                stream = true,
                max_tokens = Tokens,
                ignore_eos = true,
                messages = new[] { new { role = "user", content = $"{Guid.NewGuid()} asks for something." } },
            }),
        };
        using HttpResponseMessage response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        if (!response.IsSuccessStatusCode)
            throw new InvalidOperationException(await reader.ReadToEndAsync());
        double? first = null;
        string? last = null;
        while (await reader.ReadLineAsync() is { } line)
        {
            first ??= line.Length > 0 ? Stopwatch.GetElapsedTime(sent).TotalMilliseconds : null; // headers and the role come with the first token
            last = line.Length > 0 ? line : last;
        }

        return last == "data: [DONE]" ? first!.Value : throw new JsonException($"The stream ended with: {last}");
    }

    /// <summary>What a round took.</summary>
    /// <param name="Rate">Tokens per second of all together.</param>
    /// <param name="Processor">Milliseconds of processor time for a token, its share of the prompt included.</param>
    /// <param name="First">Milliseconds to a first token, median.</param>
    private sealed record Round(double Rate, double Processor, double First)
    {
        public Round Better(Round other) => new(Math.Max(Rate, other.Rate), Math.Min(Processor, other.Processor), Math.Min(First, other.First));
    }

    /// <summary>A client of an engine at a socket.</summary>
    public static HttpClient ClientOf(string socket) => new(new SocketsHttpHandler
    {
        ConnectCallback = async (_, cancellation) =>
        {
            var connection = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await connection.ConnectAsync(new UnixDomainSocketEndPoint(socket), cancellation);
            return new NetworkStream(connection, ownsSocket: true);
        },
    })
    {
        BaseAddress = new Uri("http://engine"),
    };
}
