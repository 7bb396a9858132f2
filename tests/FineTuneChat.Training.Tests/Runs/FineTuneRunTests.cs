using FineTuneChat.Chat.Encoding;
using FineTuneChat.Native.Ggml;
using FineTuneChat.TestSupport;
using FineTuneChat.Training.Evaluation;
using FineTuneChat.Training.Lora;
using FineTuneChat.Training.Runs;

namespace FineTuneChat.Training.Tests.Runs;

[Trait(Tier.Name, Tier.Slow)]
public sealed class FineTuneRunTests : IDisposable
{
    private static readonly FineTuneOptions Options = new()
    {
        Epochs = 12,
        BatchSize = 2,
        Rank = 4,
        Alpha = 8,
        LearningRate = 5e-3f,
        SequenceLength = 64,
        CheckpointSeconds = 0,
    };

    private readonly TinyModel _tiny = new();

    public void Dispose() => _tiny.Dispose();

    [Fact]
    public void The_loss_falls_on_what_is_taught_and_validation_is_measured_each_epoch()
    {
        var progress = new List<TrainingProgress>();
        FineTuneResult result = New("run", Options, validation: Examples(2)).Run(1, resume: false, progress.Add, CancellationToken.None);
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
        File.Delete(Path.Combine(_tiny.Folder["run"], "adapter.gguf"));
        File.Delete(Path.Combine(_tiny.Folder["run"], "checkpoint.gguf"));
        for (int stop = 5; stop < 36; stop += 13)
        {
            using var cancel = new CancellationTokenSource();
            Assert.Throws<OperationCanceledException>(
                () => New("run", Options).Run(1, resume: true, p => { if (p.Step == stop) cancel.Cancel(); }, cancel.Token));
        }

        var steps = new List<int>();
        New("run", Options).Run(1, resume: true, p => steps.Add(p.Step), CancellationToken.None);
        Assert.True(steps[0] > 20, "the run began again instead of going on");
        Assert.Equal(whole, File.ReadAllBytes(Path.Combine(_tiny.Folder["run"], "adapter.gguf")));
    }

    [Fact]
    [Trait(Tier.Name, Tier.Slow)]
    public void Dropout_is_another_in_each_step_but_the_same_in_every_run_of_a_seed()
    {
        FineTuneOptions options = Options with { Dropout = 0.3f };
        byte[] whole = Adapter("run", options);
        Assert.Equal(whole, Adapter("run", options));
        Assert.NotEqual(whole, Adapter("run", Options));

        using var cancel = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() => New("run", options).Run(2, resume: false, p => { if (p.Step == 9) cancel.Cancel(); }, cancel.Token));
        New("run", options).Run(1, resume: true, _ => { }, CancellationToken.None);
        Assert.Equal(whole, File.ReadAllBytes(_tiny.Folder["run/adapter.gguf"]));
    }

    [Fact]
    public void A_run_that_no_longer_gets_better_stops_and_keeps_the_best_epoch()
    {
        // What is held out has nothing to do with what is learned: it gets worse soon.
        FineTuneOptions options = Options with { EarlyStopping = 2, Epochs = 200, LearningRate = 2e-2f };
        TrainingExample[] other = [.. Examples(9)[5..]];
        var progress = new List<TrainingProgress>();
        FineTuneResult result = New("run", options, other).Run(1, resume: false, progress.Add, CancellationToken.None);
        double[] losses = [.. progress.Where(p => p.ValidationLoss != null).Select(p => p.ValidationLoss!.Value)];
        Assert.True(losses.Length < 200, "it did not stop");
        Assert.Equal(losses.Min(), losses[^3]);
        Assert.Equal(losses.Min(), result.ValidationLoss);

        byte[] adapter = File.ReadAllBytes(result.Adapter);
        using var cancel = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(
            () => New("run", options, other).Run(1, resume: false, p => { if (p.Step == progress.Count - 4) cancel.Cancel(); }, cancel.Token));
        Assert.Equal(result.ValidationLoss, New("run", options, other).Run(1, resume: true, _ => { }, CancellationToken.None).ValidationLoss);
        Assert.Equal(adapter, File.ReadAllBytes(result.Adapter));
    }

    [Fact]
    public void A_run_that_must_learn_ends_when_it_has_and_goes_on_bit_for_bit()
    {
        FineTuneOptions options = Options with { Epochs = null, Rank = 16, Alpha = 32, LearningRate = 6e-3f };
        var steps = new List<TrainingProgress>();
        FineTuneResult result = New("run", options, mustLearn: Examples(5)).Run(1, resume: false, steps.Add, CancellationToken.None);
        Assert.Equal(1, result.Learned);
        Assert.True(result.Steps < 3 * FineTuneOptions.MostEpochs(5), "it took all the passes that there are");
        Assert.Equal(result.Steps, steps[^1].Steps);
        Assert.True(steps[^1].LearningRate < steps[^4].LearningRate, "the learning rate did not fall");

        byte[] adapter = File.ReadAllBytes(result.Adapter);
        File.Delete(_tiny.Folder["run/checkpoint.gguf"]);
        foreach (int stop in new[] { result.Steps / 2, result.Steps - 2 })
        {
            using var cancel = new CancellationTokenSource();
            Assert.Throws<OperationCanceledException>(() => New("run", options, mustLearn: Examples(5)).Run(
                1, resume: true, p => { if (p.Step == stop) cancel.Cancel(); }, cancel.Token));
        }
        Assert.Equal(result.Steps, New("run", options, mustLearn: Examples(5)).Run(1, resume: true, _ => { }, CancellationToken.None).Steps);
        Assert.Equal(adapter, File.ReadAllBytes(result.Adapter));
    }

    [Fact]
    public void What_is_judged_by_its_letters_is_learned_longer_than_what_is_judged_by_its_prediction()
    {
        int Steps(ReplyMeasure measure) =>
            New($"{measure}", Options with { Epochs = null }, mustLearn: Examples(5), measure: measure).Run(1, resume: false, _ => { }, default).Steps;
        Assert.True(Steps(ReplyMeasure.Prediction) < Steps(ReplyMeasure.Json));
        Assert.True(Steps(ReplyMeasure.Json) <= Steps(ReplyMeasure.Text));
    }

    [Fact]
    public void What_cannot_be_learned_does_not_keep_a_run_going()
    {
        TrainingExample[] others = [.. Examples(9)[5..]]; // which it is not taught
        FineTuneResult result = New("run", Options with { Epochs = null }, mustLearn: others).Run(1, resume: false, _ => { }, CancellationToken.None);
        Assert.True(result.Learned < LearnedRows.Enough);
        Assert.True(result.Steps < 3 * FineTuneOptions.MostEpochs(5), "it waited for what does not come");
    }

    [Fact]
    public void The_scale_of_rsLoRA_is_alpha_over_the_root_of_the_rank()
    {
        Adapter("run", Options with { RankStabilized = true });
        using LoraAdapter adapter = LoraFile.Load(_tiny.Folder["run/adapter.gguf"], _tiny.Mapped.File);
        Assert.Equal(8 / 2f, adapter.Find("blk.0.attn_q.weight")!.Scale); // alpha 8, rank 4
    }

    [Fact]
    public async Task A_run_waits_at_a_closed_gate_and_goes_on_as_if_nothing_had_been()
    {
        byte[] whole = Adapter("run", Options);
        using var gate = new PauseGate();
        var waits = new TaskCompletionSource();
        Task run = Task.Run(() => New("run", Options, pause: gate).Run(1, resume: false, p =>
        {
            if (p.Step != 7)
                return;
            gate.Pause();
            waits.SetResult();
        }, CancellationToken.None));
        await waits.Task;
        Assert.False(run.IsCompleted);
        gate.Resume();
        await run;
        Assert.Equal(whole, File.ReadAllBytes(_tiny.Folder["run/adapter.gguf"]));
    }

    [Fact]
    public void A_run_is_estimated_computed_twice_where_memory_is_short_and_refused_where_it_cannot_fit()
    {
        FineTuneOptions options = Options with { Epochs = 2, SequenceLength = 512, BatchSize = 64 };
        TrainingExample[] examples = [.. Enumerable.Range(0, 20).SelectMany(_ => Examples(5))];
        RunEstimate roomy = Estimate(null), tight = Estimate(roomy.MemoryBytes - 1);
        Assert.False(roomy.GradientCheckpointing);
        Assert.True(tight.GradientCheckpointing && tight.MemoryBytes < roomy.MemoryBytes);
        Assert.Equal((4, 2 * 100 * 21, true), (roomy.Steps, roomy.Tokens, roomy.Seconds > 0));

        var e = Assert.Throws<OutOfMemoryException>(() => Estimate(tight.MemoryBytes - 1));
        Assert.Contains("Use a smaller --seq-len or --rank", e.Message, StringComparison.Ordinal);

        RunEstimate Estimate(long? limit)
        {
            RunEstimate? told = null;
            Directory.CreateDirectory(_tiny.Folder["run"]);
            new FineTuneRun(_tiny.Mapped, examples, [], options, _tiny.Folder["run"], TimeProvider.System) { MemoryLimit = limit, Estimated = e => told = e }
                .Run(1, resume: false, _ => { }, CancellationToken.None);
            return told!;
        }
    }

    [Fact]
    public void A_run_whose_base_is_not_finite_is_refused_with_the_name_of_the_tensor()
    {
        using MappedModel spoilt = MappedModel.Open(RandomModel.Spoil(RandomModel.Write(_tiny.Folder["spoilt.gguf"]), "blk.1.ffn_up.weight"));
        var run = new FineTuneRun(spoilt, Examples(5), [], Options, _tiny.Folder.Path, TimeProvider.System);
        var e = Assert.Throws<InvalidDataException>(() => run.Run(1, resume: false, _ => { }, CancellationToken.None));
        Assert.Contains("tensor 'blk.1.ffn_up.weight' holds numbers that are not finite", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_value_out_of_range_is_named_with_what_is_allowed()
    {
        var e = Assert.Throws<ArgumentException>(() => (Options with { Rank = 0 }).Validate());
        Assert.Equal("rank is 0; allowed: 1 to 512.", e.Message);
    }

    private FineTuneRun New(
        string name, FineTuneOptions options, TrainingExample[]? validation = null, PauseGate? pause = null, TrainingExample[]? mustLearn = null,
        ReplyMeasure measure = ReplyMeasure.Text)
    {
        Directory.CreateDirectory(_tiny.Folder[name]);
        return new FineTuneRun(_tiny.Mapped, Examples(5), validation ?? [], options, _tiny.Folder[name], TimeProvider.System)
        {
            Pause = pause,
            MustLearn = [.. (mustLearn ?? []).Select(example => new Lesson(example, measure))],
        };
    }

    private byte[] Adapter(string name, FineTuneOptions options)
    {
        New(name, options).Run(1, resume: false, _ => { }, CancellationToken.None);
        return File.ReadAllBytes(Path.Combine(_tiny.Folder[name], "adapter.gguf"));
    }

    private static TrainingExample[] Examples(int count)
    {
        var random = new Random(9);
        return [.. Enumerable.Range(0, count).Select(_ =>
        {
            int[] ids = [.. Enumerable.Range(0, 20).Select(_ => random.Next(256)), RandomModel.TurnEnd];
            return new TrainingExample(ids, [.. ids.Select((_, i) => i >= 10)]);
        })];
    }
}
