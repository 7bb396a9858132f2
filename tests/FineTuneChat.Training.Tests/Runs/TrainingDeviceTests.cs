using FineTuneChat.Chat.Encoding;
using FineTuneChat.Native.Loading;
using FineTuneChat.Training.Runs;

namespace FineTuneChat.Training.Tests.Runs;

/// <summary>Where a run is computed. ggml's CPU backend stands in for a GPU.</summary>
public sealed class TrainingDeviceTests : IDisposable
{
    private static readonly ComputeDevice Small = new("A small GPU", 1 << 30, SharesMemory: false), Large = new("A large GPU", 8L << 30, SharesMemory: false);

    private readonly TinyModel _tiny = new();

    public void Dispose() => _tiny.Dispose();

    [Fact]
    public void Auto_is_the_gpu_with_the_most_free_memory_and_the_processor_where_there_is_none()
    {
        Assert.Equal(Large, TrainingDevice.Find("auto", [Small, Large]));
        Assert.Null(TrainingDevice.Find("auto", []));
        Assert.Null(TrainingDevice.Find("CPU", [Small]));
        Assert.Equal(Small, TrainingDevice.Find("a small gpu", [Large, Small]));
    }

    [Fact]
    public void A_device_that_is_not_there_is_refused_with_the_list_of_those_that_are()
    {
        string message = Assert.Throws<ArgumentException>(() => TrainingDevice.Find("CUDA7", [Small])).Message;
        Assert.Contains("no device 'CUDA7'", message, StringComparison.Ordinal);
        Assert.Contains("cpu,", message, StringComparison.Ordinal);
        Assert.Contains("A small GPU, 1024 MiB free", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_on_a_device_learns_what_it_learns_on_the_processor()
    {
        var (losses, _) = Run("cpu", device: null);
        var (onDevice, estimate) = Run("device", ComputeDevice.Processor);
        Assert.Equal("CPU", estimate.Device);
        Assert.True(estimate.DeviceBytes > _tiny.Mapped.File.Length);
        Assert.True(losses[^1] < losses[0], "nothing was learned: the comparison proves nothing");
        foreach (var (expected, actual) in losses.Zip(onDevice))
            Assert.InRange(actual / expected, 1 - 1e-3, 1 + 1e-3);
    }

    [Fact]
    public void A_gpu_that_is_too_small_leaves_the_run_to_the_processor_unless_it_was_asked_for_by_name()
    {
        ComputeDevice tiny = ComputeDevice.Processor with { FreeBytes = 1 << 10 };
        var (_, estimate) = Run("auto", tiny);
        Assert.Equal("cpu", estimate.Device);
        Assert.Contains("MiB are free there", estimate.Note, StringComparison.Ordinal);
        var e = Assert.Throws<OutOfMemoryException>(() => Run("named", tiny, name: "CPU0"));
        Assert.Contains("--device cpu", e.Message, StringComparison.Ordinal);
    }

    private (double[] Losses, RunEstimate Estimate) Run(string folder, ComputeDevice? device, string name = TrainingDevice.Automatic)
    {
        Directory.CreateDirectory(_tiny.Folder[folder]);
        TrainingExample[] examples =
            [.. Enumerable.Range(0, 6).Select(i => new TrainingExample([.. Enumerable.Range(i, 12)], [.. Enumerable.Repeat(true, 12)]))];
        RunEstimate? estimate = null;
        var options = new FineTuneOptions
        {
            Rank = 4,
            Alpha = 8,
            Epochs = 3,
            BatchSize = 2,
            SequenceLength = 32,
            Dropout = 0.1f,
            Device = device == null ? TrainingDevice.Processor : name,
        };
        var run = new FineTuneRun(_tiny.Mapped, examples, examples[..2], options, _tiny.Folder[folder], TimeProvider.System)
        {
            Device = device,
            Estimated = e => estimate = e,
        };
        var losses = new List<double>();
        run.Run(
            1, resume: false, progress => losses.AddRange(progress.ValidationLoss is { } validation ? [progress.Loss, validation] : [progress.Loss]),
            CancellationToken.None);
        return ([.. losses], estimate!);
    }
}
