using System.Diagnostics;
using FineTuneChat.Chat.Encoding;
using FineTuneChat.Native.Ggml;
using FineTuneChat.Native.Llama;
using FineTuneChat.TestSupport;
using FineTuneChat.Training.Runs;

namespace FineTuneChat.Benchmarks;

/// <summary>What a run says that it will take, against what it takes.</summary>
internal static class EstimateBenchmark
{
    public static void Run(Report report, BenchmarkModels models, bool isSmall)
    {
        Measure(report, "starter, short conversations", BenchmarkModels.Starter, rows: 120, (30, 120), epochs: 3, isCheckpointed: false);
        Measure(report, "starter, short conversations, gradient checkpointing", BenchmarkModels.Starter, rows: 120, (30, 120), epochs: 3, isCheckpointed: true);
        Measure(report, "starter, long conversations", BenchmarkModels.Starter, rows: 32, (700, 1000), epochs: 1, isCheckpointed: false);
        if (isSmall)
            return;
        Measure(report, "0.5 B Q8_0, short conversations", models.HalfBillion(ModelFileType.Q8_0), rows: 16, (30, 100), epochs: 1, isCheckpointed: false);
        Measure(
            report, "0.5 B Q8_0, short conversations, gradient checkpointing", models.HalfBillion(ModelFileType.Q8_0), rows: 16, (30, 100), epochs: 1,
            isCheckpointed: true);
    }

    private static void Measure(Report report, string what, string path, int rows, (int Least, int Most) tokens, int epochs, bool isCheckpointed)
    {
        using var folder = new TemporaryFolder();
        using MappedModel model = MappedModel.Open(path);
        var clock = new Stopwatch();
        RunEstimate estimate = null!;
        var options = new FineTuneOptions { Epochs = epochs, GradientCheckpointing = isCheckpointed };
        var run = new FineTuneRun(model, Examples(rows, tokens), Examples(rows / 8, tokens), options, folder.Path, TimeProvider.System)
        {
            Estimated = e =>
            {
                estimate = e;
                clock.Start();
            },
        };
        run.Run(Environment.ProcessorCount, resume: false, _ => { }, CancellationToken.None);
        double seconds = clock.Elapsed.TotalSeconds;
        report.Add($"run {what}: took", seconds, "s");
        report.Add($"run {what}: had said", estimate.Seconds, "s", estimate.Seconds / seconds, "what it took");
    }

    /// <summary>Half of each is the reply.</summary>
    private static TrainingExample[] Examples(int rows, (int Least, int Most) tokens)
    {
        var random = new Random(rows);
        return
        [
            .. Enumerable.Range(0, rows).Select(_ => random.Next(tokens.Least, tokens.Most)).Select(length => new TrainingExample(
                [.. Enumerable.Range(0, length).Select(_ => random.Next(256))], [.. Enumerable.Range(0, length).Select(i => i >= length / 2f)])),
        ];
    }
}
