using FineTuneChat.Native.Ggml;
using FineTuneChat.Native.Loading;
using FineTuneChat.TestSupport;
using FineTuneChat.Training.Batches;
using FineTuneChat.Training.Runs;

namespace FineTuneChat.Training.Tests.Runs;

public sealed class FineTuneRunTests : IDisposable
{
    private static readonly FineTuneOptions Options = new() { Epochs = 12, BatchSize = 2, Rank = 4, Alpha = 8, LearningRate = 5e-3f, SequenceLength = 64, CheckpointSeconds = 0 };

    private readonly TemporaryFolder _folder = new();
    private readonly MappedModel _model;

    public FineTuneRunTests()
    {
        NativeLibraries.Load();
        _model = MappedModel.Open(RandomModel.Write(_folder["model.gguf"]));
    }

    public void Dispose()
    {
        _model.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void The_loss_falls_on_what_is_taught_and_validation_is_measured_each_epoch()
    {
        var progress = new List<TrainingProgress>();
        FineTuneResult result = New("run", Options, validation: Examples(2)).Run(2, resume: false, progress.Add, CancellationToken.None);
        Assert.True(result.TrainLoss < 0.5 * progress[0].Loss, $"from {progress[0].Loss} to {result.TrainLoss}");
        Assert.Equal(36, result.Steps); // 5 examples in batches of 2, 12 epochs
        Assert.Equal(12, progress.Count(p => p.ValidationLoss != null));
        Assert.True(File.Exists(result.Adapter));
    }

    [Fact]
    public void The_same_seed_gives_the_same_adapter_and_another_seed_another()
    {
        byte[] first = Adapter("first", Options), second = Adapter("second", Options), other = Adapter("other", Options with { Seed = 2 });
        Assert.Equal(first[^4096..], second[^4096..]);
        Assert.NotEqual(first[^4096..], other[^4096..]);
    }

    [Fact]
    public void A_set_smaller_than_a_batch_is_one_batch() =>
        Assert.Equal(12, New("small", Options with { BatchSize = 64 }).Run(1, resume: false, _ => { }, CancellationToken.None).Steps);

    [Fact]
    public void A_cancelled_run_goes_on_bit_for_bit()
    {
        byte[] whole = Adapter("run", Options);
        File.Delete(Path.Combine(_folder["run"], "adapter.gguf"));
        File.Delete(Path.Combine(_folder["run"], "checkpoint.gguf"));
        for (int stop = 5; stop < 36; stop += 13)
        {
            using var cancel = new CancellationTokenSource();
            Assert.Throws<OperationCanceledException>(() => New("run", Options).Run(2, resume: true, p => { if (p.Step == stop) cancel.Cancel(); }, cancel.Token));
        }

        var steps = new List<int>();
        New("run", Options).Run(2, resume: true, p => steps.Add(p.Step), CancellationToken.None);
        Assert.True(steps[0] > 20, "the run began again instead of going on");
        Assert.Equal(whole, File.ReadAllBytes(Path.Combine(_folder["run"], "adapter.gguf")));
    }

    [Fact]
    public void A_checkpoint_of_another_run_is_not_taken_up()
    {
        Adapter("run", Options);
        var steps = new List<int>();
        new FineTuneRun(_model, Examples(5), [], Options, _folder["run"], "another run", TimeProvider.System).Run(1, resume: true, p => steps.Add(p.Step), CancellationToken.None);
        Assert.Equal(1, steps[0]);
    }

    [Fact]
    public void A_value_out_of_range_is_named_with_what_is_allowed()
    {
        var e = Assert.Throws<ArgumentException>(() => (Options with { Rank = 0 }).Validate());
        Assert.Equal("rank is 0; allowed: 1 to 512.", e.Message);
    }

    private FineTuneRun New(string name, FineTuneOptions options, EncodedExample[]? validation = null)
    {
        Directory.CreateDirectory(_folder[name]);
        return new FineTuneRun(_model, Examples(5), validation ?? [], options, _folder[name], "test", TimeProvider.System);
    }

    private byte[] Adapter(string name, FineTuneOptions options)
    {
        New(name, options).Run(2, resume: false, _ => { }, CancellationToken.None);
        return File.ReadAllBytes(Path.Combine(_folder[name], "adapter.gguf"));
    }

    private static EncodedExample[] Examples(int count)
    {
        var random = new Random(9);
        return [.. Enumerable.Range(0, count).Select(_ =>
        {
            int[] ids = [.. Enumerable.Range(0, 20).Select(_ => random.Next(256)), RandomModel.TurnEnd];
            return new EncodedExample(ids, [.. ids.Select((_, i) => i >= 10 ? 1f : 0)]);
        })];
    }
}
