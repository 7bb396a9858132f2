using System.Diagnostics;
using FineTuneChat.Native.Ggml;
using FineTuneChat.Native.Llama;
using FineTuneChat.Training.Batches;
using FineTuneChat.Training.Graphs;
using FineTuneChat.Training.Optimization;
using FineTuneChat.Training.Runs;
using LoraAdapter = FineTuneChat.Training.Lora.LoraAdapter;

namespace FineTuneChat.Benchmarks;

/// <summary>A LoRA step, rank 16 on all linears, every token supervised; 4 N FLOPs a token (N weights, the head among them): forward 2 N, gradient of the input 2 N.</summary>
internal static class TrainingBenchmark
{
    private const int Tokens = 512, Rank = 16;

    public static void Run(Report report, BenchmarkModels models, bool isSmall)
    {
        double peak = KernelBenchmark.Peak(Environment.ProcessorCount);
        report.Add("micro-kernel in L1 (for training)", peak / 1e9, "GFLOPS");
        Measure(report, "starter F16", BenchmarkModels.Starter, peak, checkpointing: false, runs: 10);
        if (isSmall)
            return;
        foreach (ModelFileType type in (ModelFileType[])[ModelFileType.BF16, ModelFileType.Q8_0, ModelFileType.Q4_K_M])
            Measure(report, $"0.5 B {type}", models.HalfBillion(type), peak, checkpointing: false, runs: 2);
        Measure(report, "0.5 B BF16, checkpointed", models.HalfBillion(ModelFileType.BF16), peak, checkpointing: true, runs: 2);
    }

    private static void Measure(Report report, string what, string path, double peak, bool checkpointing, int runs)
    {
        using MappedModel model = MappedModel.Open(path);
        DecoderShape shape = DecoderShape.FromGguf(model.File);
        using LoraAdapter adapter = LoraAdapter.Create(model.File, Rank, 2 * Rank, seed: 1, LoraAdapter.AllLinears);
        using var backend = new CpuBackend(Environment.ProcessorCount);
        using var trainer = new Trainer(
            backend, shape, DecoderWeights.Frozen(model, adapter), adapter.Parameters, new AdamW(adapter.Parameters, new AdamWOptions()),
            new LearningRateSchedule(1e-4f, 1, 1000), Tokens, maxGradientNorm: 1, checkpointing);
        var random = new Random(1);
        var example = new EncodedExample([.. Enumerable.Range(0, Tokens).Select(_ => random.Next(256))], [.. Enumerable.Repeat(1f, Tokens)]);

        double seconds = Clock.Best(runs, () => trainer.Step([example], CancellationToken.None));
        double weights = model.File.Tensors.Where(t => t.Shape.Count == 2).Sum(t => (double)t.ElementCount);
        double flops = 4 * weights * Tokens / seconds;
        report.Add($"train {what}: tokens", Tokens / seconds, "tokens/s");
        report.Add($"train {what}: arithmetic", flops / 1e9, "GFLOPS", flops / peak, "micro-kernel");
        report.Add($"train {what}: peak memory of the process so far", Process.GetCurrentProcess().PeakWorkingSet64 / 1e6, "MB");
    }
}
