using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using FineTuneChat.Native.Llama;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Benchmarks;

/// <summary>
/// Two engines with the same model, one that computes guesses ahead and one that does not, are asked the same in turns: replies that repeat their prompt, and
/// replies that do not. By the clock and, as a busy machine disturbs that less, by the engine's processor time.
/// </summary>
internal static class SpeculationBenchmark
{
    private const double Repeating = 1.5, Free = 0.97; // the bars
    private static readonly string[] Modes = ["off", "auto"];

    public static async Task RunAsync(Report report, BenchmarkModels models, bool isSmall)
    {
        await MeasureAsync(report, "starter", BenchmarkModels.Starter, tokens: 160, rounds: isSmall ? 4 : 8);
        if (!isSmall)
            await MeasureAsync(report, "0.5 B Q4_K_M", models.HalfBillion(ModelFileType.Q4_K_M), tokens: 48, rounds: 3);
    }

    private static async Task MeasureAsync(Report report, string what, string model, int tokens, int rounds)
    {
        using var folder = new TemporaryFolder();
        var engines = new List<(ProgramProcess Process, HttpClient Http)>();
        foreach (string mode in Modes)
        {
            ProgramProcess engine = ProgramProcess.Start(
                "engine", "--model", model, "--socket", folder[mode], "--parallel", "4", "--threads", "1", "--speculation", mode);
            await engine.LineAsync("serving");
            engines.Add((engine, AdapterBenchmark.ClientOf(folder[mode])));
        }

        foreach (int clients in (int[])[1, 4])
        {
            foreach (bool repeats in (bool[])[true, false])
            {
                // In rounds that take turns; the first warms up.
                var measured = Modes.Select(_ => new List<(double Rate, double Processor)>()).ToArray();
                for (int round = -1; round < rounds; round++)
                {
                    for (int i = 0; i < engines.Count; i++)
                    {
                        var one = await RoundAsync(engines[i].Http, engines[i].Process.Id, clients, repeats, tokens, round);
                        if (round >= 0)
                            measured[i].Add(one);
                    }
                }

                string name = $"speculation: {what}, {clients} {(clients == 1 ? "client" : "clients")}, {(repeats ? "repeats its prompt" : "free text")}";
                double Best(int mode) => measured[mode].Max(m => m.Rate);
                double Least(int mode) => measured[mode].Min(m => m.Processor);
                report.Add(name, Best(1), "tokens/s", Best(1) / Best(0), "off", atLeast: repeats ? Repeating : Free);
                report.Add($"{name}: processor time of a token", Least(1), "ms", Least(0) / Least(1), "off's speed", atLeast: repeats ? Repeating : Free);
            }
        }

        foreach ((ProgramProcess process, HttpClient http) in engines)
        {
            http.Dispose();
            await process.DisposeAsync();
        }
    }

    private static async Task<(double Rate, double Processor)> RoundAsync(HttpClient http, int id, int clients, bool repeats, int tokens, int round)
    {
        using Process engine = Process.GetProcessById(id);
        double before = engine.TotalProcessorTime.TotalMilliseconds;
        long start = Stopwatch.GetTimestamp();
        int[] written = await Task.WhenAll(Enumerable.Range(0, clients).Select(client => AskAsync(http, repeats, tokens, (round * clients) + client)));
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        engine.Refresh();
        return (written.Sum() / seconds, (engine.TotalProcessorTime.TotalMilliseconds - before) / written.Sum());
    }

    /// <summary>
    /// Repeating: greedy replies to a list that is written three times; small and random models go on with it, or fall into a loop of their own.
    /// Free: drawn at temperature 1 from all tokens, so that nothing comes again but by chance.
    /// </summary>
    private static async Task<int> AskAsync(HttpClient http, bool repeats, int tokens, int seed)
    {
        string list = string.Join(", ", Enumerable.Range(0, 12).Select(i => $"item {(seed + i) % 97}"));
        using HttpResponseMessage response = await http.PostAsJsonAsync("/v1/completions", new
        {
            prompt = $"{seed}: {list}; {list}; {list};",
            max_tokens = tokens,
            ignore_eos = true,
            temperature = repeats ? 0.0 : 1.0,
            top_k = 0,
            top_p = 1.0,
            min_p = 0.0,
            seed,
        });
        JsonElement reply = await response.Content.ReadFromJsonAsync<JsonElement>();
        return response.IsSuccessStatusCode ? reply.GetProperty("usage").GetProperty("completion_tokens").GetInt32()
            : throw new InvalidOperationException(reply.ToString());
    }
}
