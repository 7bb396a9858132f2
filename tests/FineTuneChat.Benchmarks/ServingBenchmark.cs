using System.Diagnostics;
using FineTuneChat.Native.Llama;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Benchmarks;

/// <summary>
/// Chat through gateway and engine, logging included, against a bare loop of <c>llama_decode</c> with the same library, model, threads and cache.
/// Rounds of both take turns, and the best of each counts: the machine is shared.
/// </summary>
internal sealed class ServingBenchmark
{
    private const int Parallel = 8;
    private const int KeptSequences = 32; // the engine's own
    private const int CachedPrefix = 2000; // tokens
    private const int Question = 40; // characters
    private static readonly TimeSpan Warm = TimeSpan.FromSeconds(6);
    // the engine's own default
    private static readonly int Threads = Math.Max(1, Environment.ProcessorCount > 4 ? Environment.ProcessorCount / 2 : Environment.ProcessorCount - 1);

    private readonly Report _report;
    private readonly string _name;
    private readonly Sizes _sizes;
    private readonly ServingBareLoop _bare;
    private readonly ServingClient _client;
    private readonly ServingProcesses _processes;

    private ServingBenchmark(Report report, string name, Sizes sizes, ServingBareLoop bare, ServerProcess server) =>
        (_report, _name, _sizes, _bare, _client, _processes) = (report, name, sizes, bare, new ServingClient(server, bare.Word), new ServingProcesses(server));

    public static async Task RunAsync(Report report, BenchmarkModels models, bool isSmall)
    {
        await MeasureAsync(report, "starter", BenchmarkModels.Starter, new(Context: 1024, Tokens: 300, Rounds: 8, RoundsTogether: 4, Prompt: 900));
        if (!isSmall)
            await MeasureAsync(
                report, "0.5 B Q4_K_M", models.HalfBillion(ModelFileType.Q4_K_M), new(Context: 4096, Tokens: 24, Rounds: 6, RoundsTogether: 2, Prompt: 480));
    }

    private static async Task MeasureAsync(Report report, string name, string model, Sizes sizes)
    {
        using var bare = new ServingBareLoop(model, Threads, Parallel * sizes.Context, Parallel + KeptSequences);

        // 1. As the bare loop: nothing of what has ended stays in the cache.
        await ServeAsync(report, name, sizes, bare, model, async benchmark =>
        {
            await benchmark.DecodeAsync(streams: 1, sizes.Rounds);
            await benchmark.DecodeAsync(Parallel, sizes.RoundsTogether);
            await benchmark.DecodeAsync(Parallel, rounds: 1, temperature: 0.8);
            await benchmark.PrefillAsync();
            benchmark.Compare();
        }, ("Engine:PrefixCacheTokens", "0"));

        // 2. As it is by default: what has ended stays, which is there when it is asked for again, and in the way of everything else.
        await ServeAsync(report, $"{name}, ended conversations kept", sizes, bare, model, async benchmark =>
        {
            if (sizes.Context > CachedPrefix)
                await benchmark.CachedAsync();
            await benchmark.DecodeAsync(streams: 1, sizes.Rounds);
            await benchmark.DecodeAsync(Parallel, sizes.RoundsTogether);
        });
    }

    private static async Task ServeAsync(
        Report report, string name, Sizes sizes, ServingBareLoop bare, string model,
        Func<ServingBenchmark, Task> measure, params (string Key, string Value)[] settings)
    {
        using var folder = new TemporaryFolder();
        long start = Stopwatch.GetTimestamp();
        await using ServerProcess server = await ServerProcess.StartAsync(
            model, folder["data"], [("Engine:Threads", $"{Threads}"), ("Engine:Parallel", $"{Parallel}"), ("Engine:Speculation", "off"), .. settings]);
        await new ServingClient(server, word: null).AskAsync("Hello", 1);
        report.Add($"{name}: start to first token", Stopwatch.GetElapsedTime(start).TotalSeconds, "s");
        var benchmark = new ServingBenchmark(report, name, sizes, bare, server);
        await benchmark.WarmUpAsync();
        await measure(benchmark);
    }

    /// <summary>.NET compiles what is called often a second time, on the cores that compute.</summary>
    private async Task WarmUpAsync()
    {
        for (long start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start) < Warm;)
            await _client.AskAsync(Parallel, Question, _sizes.Tokens);
    }

    private async Task DecodeAsync(int streams, int rounds, double temperature = 0)
    {
        double bare = 0, served = 0;
        Counters before = await CountersAsync();
        for (int round = 0; round < rounds; round++)
        {
            StreamedReply[] replies = await _client.AskAsync(streams, Question, _sizes.Tokens, temperature);
            served = Math.Max(served, StreamedReply.DecodeRate(replies));
            bare = Math.Max(bare, _bare.Decode(streams, replies[0].PromptTokens, _sizes.Tokens));
        }

        string what = $"{_name}, {streams} at a time{(temperature > 0 ? $", temperature {temperature}" : "")}";
        _report.Add($"{what}: bare loop", bare, "tokens/s");
        _report.Add($"{what}: served", served, "tokens/s", served / bare, "bare loop");
        Tell(what, await CountersAsync(), before);
    }

    /// <summary>Where the time of a token goes, over all rounds, prompts included.</summary>
    private void Tell(string what, Counters after, Counters before)
    {
        double tokens = after.Tokens - before.Tokens;
        double Each(Func<Counters, double> counter) => (counter(after) - counter(before)) / tokens;

        foreach (string phase in (string[])["plan", "decode", "sample", "publish"])
            _report.Add($"{what}: {phase}{(phase == "decode" ? ", prompts included" : "")}, each token", 1e6 * Each(c => c.Phases[phase]), "µs");
        _report.Add($"{what}: HTTP in the engine, on other threads, each token", 1e6 * Each(c => c.EngineSeconds), "µs of processor time");
        _report.Add($"{what}: gateway, each token", 1e6 * Each(c => c.GatewaySeconds), "µs of processor time");
        _report.Add($"{what}: managed memory of the loop, each token", Each(c => c.Allocated), "bytes");
    }

    /// <summary>What the server does not change: the library rounds by the shape of a batch.</summary>
    private void Compare()
    {
        (double largest, int changed, int choices) = _bare.Compare(Parallel, prompt: 32, Math.Min(_sizes.Tokens, 16));
        _report.Add($"{_name}, bare loop, {Parallel} at a time against 1: largest difference of a logit", largest, "");
        _report.Add($"{_name}, bare loop, {Parallel} at a time against 1: other token than the likeliest, of {choices}", changed, "tokens");
    }

    private async Task PrefillAsync()
    {
        double bare = 0, served = 0;
        for (int round = 0; round < _sizes.RoundsTogether; round++)
        {
            StreamedReply reply = await _client.AskAsync(_client.Question(_sizes.Prompt), tokens: 2);
            served = Math.Max(served, (reply.PromptTokens - reply.CachedTokens) / reply.SecondsToFirst);
            bare = Math.Max(bare, _bare.Prefill(reply.PromptTokens));
        }

        _report.Add($"{_name}, prompt: bare loop", bare, "tokens/s");
        _report.Add($"{_name}, prompt: served, by the time to its first token", served, "tokens/s", served / bare, "bare loop");
    }

    private async Task CachedAsync()
    {
        string question = _client.Question(CachedPrefix);
        StreamedReply reply = await _client.AskAsync(question, tokens: 2);
        double step = double.MaxValue, first = double.MaxValue;
        for (int round = 0; round < _sizes.Rounds; round++)
        {
            reply = await _client.AskAsync(question, tokens: 2);
            first = Math.Min(first, reply.SecondsToFirst);
        }

        for (int round = 0; round < _sizes.RoundsTogether; round++)
            step = Math.Min(step, 1 / _bare.Decode(streams: 1, reply.PromptTokens, tokens: 6));
        _report.Add($"{_name}, cached prompt: bare loop, a step after {reply.PromptTokens} tokens", 1e3 * step, "ms");
        _report.Add(
            $"{_name}, cached prompt: first token, {reply.CachedTokens} of {reply.PromptTokens} tokens cached", 1e3 * first, "ms", first / step, "a step");
    }

    private async Task<Counters> CountersAsync()
    {
        Dictionary<string, double> metrics = await _client.MetricsAsync();
        return new(
            metrics["llamacpp:tokens_predicted_total"],
            metrics.Where(m => m.Key.StartsWith("finetunechat:loop_seconds_total", StringComparison.Ordinal))
                .ToDictionary(m => m.Key.Split('"')[1], m => m.Value),
            metrics["finetunechat:loop_allocated_bytes_total"],
            _processes.EngineSeconds,
            _processes.GatewaySeconds);
    }

    /// <param name="Context">Of one request: the model's own.</param>
    /// <param name="Tokens">Of a reply.</param>
    /// <param name="Rounds">How often one reply alone is measured.</param>
    /// <param name="RoundsTogether">How often many are.</param>
    /// <param name="Prompt">Characters of a long one.</param>
    private sealed record Sizes(int Context, int Tokens, int Rounds, int RoundsTogether, int Prompt);

    private sealed record Counters(double Tokens, Dictionary<string, double> Phases, double Allocated, double EngineSeconds, double GatewaySeconds);
}
