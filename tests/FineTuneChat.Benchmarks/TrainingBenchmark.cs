using System.Diagnostics;
using FineTuneChat.Native.Llama;
using FineTuneChat.Native.Loading;

namespace FineTuneChat.Benchmarks;

/// <summary>Training speed against the micro-kernel's own peak, memory beyond the weights, and where the time of a step goes.</summary>
internal static class TrainingBenchmark
{
    private const int Tokens = 512;

    public static void Run(Report report, BenchmarkModels models, bool isSmall, IReadOnlyList<string> peers)
    {
        if (peers.Count > 0)
        {
            TrainingPeers.Run(report, "0.5 B BF16", models.HalfBillion(ModelFileType.BF16), peers);
            return; // those who ask for peers ask for nothing else
        }

        double peak = KernelBenchmark.Peak(Environment.ProcessorCount);
        report.Add("micro-kernel in L1 (for training)", peak / 1e9, "GFLOPS");
        Measure(report, "starter F16", BenchmarkModels.Starter, peak, runs: 10, breakdown: true);
        foreach (ComputeDevice device in (ComputeDevice[])[ComputeDevice.Processor, .. ComputeDevice.Gpus()])
            OnDevice(report, "starter F16", BenchmarkModels.Starter, device);
        if (isSmall)
            return;
        foreach (ComputeDevice gpu in ComputeDevice.Gpus())
            OnDevice(report, "0.5 B BF16", models.HalfBillion(ModelFileType.BF16), gpu);
        Measure(report, "0.5 B BF16, checkpointed", models.HalfBillion(ModelFileType.BF16), peak, runs: 2, checkpointing: true);
        Measure(report, "0.5 B BF16", models.HalfBillion(ModelFileType.BF16), peak, runs: 3, breakdown: true);
        foreach (ModelFileType type in (ModelFileType[])[ModelFileType.Q8_0, ModelFileType.Q4_K_M])
            Measure(report, $"0.5 B {type}", models.HalfBillion(type), peak, runs: 2);
    }

    /// <summary>Composed of ggml's operations, as on GPUs.</summary>
    private static void OnDevice(Report report, string what, string path, ComputeDevice device)
    {
        using var step = new TrainingStep(path, Tokens, device: device);
        double seconds = step.Seconds(runs: 5);
        report.Add($"train {what} on {device.Id}, composed: tokens", Tokens / seconds, "tokens/s");
        report.Add($"train {what} on {device.Id}, composed: arithmetic", step.Flops / seconds / 1e9, "GFLOPS");
    }

    private static void Measure(Report report, string what, string path, double peak, int runs, bool checkpointing = false, bool breakdown = false)
    {
        ForgetPeakMemory();
        using var step = new TrainingStep(path, Tokens, checkpointing: checkpointing);
        double seconds = step.Seconds(runs), flops = step.Flops / seconds;
        report.Add($"train {what}: tokens", Tokens / seconds, "tokens/s");
        report.Add($"train {what}: arithmetic", flops / 1e9, "GFLOPS", flops / peak, "micro-kernel");
        report.Add($"train {what}: peak memory beyond the weights", (Process.GetCurrentProcess().PeakWorkingSet64 - step.FileBytes) / 1e6, "MB");
        foreach ((string part, double time) in breakdown ? step.Breakdown() : [])
            report.Add($"train {what}: {part}", time * 1000, "ms", time / seconds, "step");
    }

    /// <summary>So that each case shows its own; where the system cannot, the largest so far is shown.</summary>
    private static void ForgetPeakMemory()
    {
        GC.Collect();
        if (OperatingSystem.IsLinux())
            File.WriteAllText("/proc/self/clear_refs", "5");
    }
}
