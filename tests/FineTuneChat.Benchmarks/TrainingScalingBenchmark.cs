using FineTuneChat.Native.Llama;

namespace FineTuneChat.Benchmarks;

/// <summary>What a step costs by threads, length of the sequence and rank.</summary>
internal static class TrainingScalingBenchmark
{
    private const int Tokens = 512, Rank = 16;

    public static void Run(Report report, BenchmarkModels models, bool isSmall)
    {
        Measure(report, "starter", BenchmarkModels.Starter, [128, 256, 512, 1024, 2048, 4096], [4, 16, 64], runs: 5, checkpointing: false);
        if (!isSmall)
            Measure(report, "0.5 B Q8_0", models.HalfBillion(ModelFileType.Q8_0), [128, 512, 2048], [4, 64], runs: 1, checkpointing: true);
    }

    private static void Measure(Report report, string what, string path, int[] lengths, int[] ranks, int runs, bool checkpointing)
    {
        double one = Rate(path, Tokens, Rank, 1, runs, checkpointing);
        report.Add($"train {what}, 1 thread", one, "tokens/s");
        for (int threads = 2; threads <= Environment.ProcessorCount; threads *= 2)
        {
            double rate = Rate(path, Tokens, Rank, threads, runs, checkpointing);
            report.Add($"train {what}, {threads} threads", rate, "tokens/s", rate / (threads * one), $"{threads} × 1 thread");
        }

        foreach (int length in lengths)
            report.Add($"train {what}, sequence of {length}", Rate(path, length, Rank, Environment.ProcessorCount, runs, checkpointing), "tokens/s");
        foreach (int rank in ranks)
            report.Add($"train {what}, rank {rank}", Rate(path, Tokens, rank, Environment.ProcessorCount, runs, checkpointing), "tokens/s");
    }

    private static double Rate(string path, int tokens, int rank, int threads, int runs, bool checkpointing)
    {
        using var step = new TrainingStep(path, tokens, rank, threads, checkpointing);
        return tokens / step.Seconds(runs);
    }
}
