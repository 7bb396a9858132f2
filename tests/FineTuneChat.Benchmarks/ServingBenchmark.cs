using System.Diagnostics;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using FineTuneChat.Native.Llama;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Benchmarks;

/// <summary>Tokens per second through gateway and engine, logging included, against a bare loop of <c>llama_decode</c> with the same library, model and threads.</summary>
internal static class ServingBenchmark
{
    private const int Tokens = 128, Prompt = 64;
    private static int _asked;

    public static async Task RunAsync(Report report, BenchmarkModels models, bool isSmall)
    {
        await MeasureAsync(report, "starter", BenchmarkModels.Starter);
        if (!isSmall)
            await MeasureAsync(report, "0.5 B Q4_K_M", models.HalfBillion(ModelFileType.Q4_K_M));
    }

    private static async Task MeasureAsync(Report report, string what, string model)
    {
        int threads = Math.Max(1, Environment.ProcessorCount - 1); // the engine's own default
        using var folder = new TemporaryFolder();
        long start = Stopwatch.GetTimestamp();
        await using ServerProcess server = await ServerProcess.StartAsync(model, folder["data"], ("Engine:Threads", $"{threads}"));
        await StreamAsync(server, 1);
        report.Add($"serve {what}: start to first token", Stopwatch.GetElapsedTime(start).TotalSeconds, "s");
        foreach (int streams in (int[])[1, 8])
        {
            double bare = Bare(model, streams, threads);
            double served = await ServedAsync(server, streams);
            report.Add($"bare loop {what}, {streams} at a time", bare, "tokens/s");
            report.Add($"serve {what}, {streams} at a time", served, "tokens/s", served / bare, "bare loop");
        }
    }

    /// <summary>Decode rate of a loop without a server: no sampling but the largest logit, no text, no socket.</summary>
    private static double Bare(string path, int streams, int threads)
    {
        using LlamaModel model = LlamaModel.Load(path);
        using var context = new LlamaContext(model, new ContextOptions { CacheTokens = streams * (Prompt + Tokens + 256), MaxSequences = streams, Threads = threads });
        double best = Clock.Best(2, () => Generate(context, streams));
        return streams * Tokens / best;
    }

    private static void Generate(LlamaContext context, int streams)
    {
        context.Clear();
        var batch = new LlamaBatch(512);
        int[] next = new int[streams];
        for (int s = 0; s < streams; s++)
        {
            batch.Clear();
            for (int i = 0; i < Prompt; i++)
                batch.Add(65 + ((i + s) % 26), i, s, output: i == Prompt - 1);
            context.Decode(batch);
            next[s] = Largest(context.LogitsOf(Prompt - 1));
        }
        for (int i = 0; i < Tokens; i++)
        {
            batch.Clear();
            for (int s = 0; s < streams; s++)
                batch.Add(next[s], Prompt + i, s, output: true);
            context.Decode(batch);
            for (int s = 0; s < streams; s++)
                next[s] = Largest(context.LogitsOf(s));
        }
    }

    private static int Largest(ReadOnlySpan<float> logits) => System.Numerics.Tensors.TensorPrimitives.IndexOfMax(logits);

    private static async Task<double> ServedAsync(ServerProcess server, int streams)
    {
        double best = 0;
        for (int round = 0; round < 3; round++)
        {
            long start = Stopwatch.GetTimestamp();
            int[] tokens = await Task.WhenAll(Enumerable.Range(0, streams).Select(_ => StreamAsync(server, Tokens)));
            best = Math.Max(best, tokens.Sum() / Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
        return best;
    }

    /// <summary>Streams a reply and returns its tokens, by the server's own count.</summary>
    private static async Task<int> StreamAsync(ServerProcess server, int tokens)
    {
        string question = $"Question {Interlocked.Increment(ref _asked)}: {new string('x', Prompt / 2)}";
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions")
        {
            Content = JsonContent.Create(new
            {
                model = "assistant", stream = true, temperature = 0, max_tokens = tokens, ignore_eos = true,
                stream_options = new { include_usage = true }, messages = new[] { new { role = "user", content = question } },
            }),
        };
        using HttpResponseMessage response = await server.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        if (!response.IsSuccessStatusCode)
            throw new InvalidOperationException(await response.Content.ReadAsStringAsync());
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(), Encoding.UTF8);
        int count = 0;
        while (await reader.ReadLineAsync() is { } line)
        {
            if (line.Contains("\"completion_tokens\"", StringComparison.Ordinal))
                count = JsonElement.Parse(line["data:".Length..]).GetProperty("usage").GetProperty("completion_tokens").GetInt32();
        }
        return count;
    }
}
