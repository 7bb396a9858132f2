using FineTuneChat.Chat.Encoding;
using FineTuneChat.Gguf;
using FineTuneChat.TestSupport;
using FineTuneChat.Training.Graphs;
using FineTuneChat.Training.Optimization;
using FineTuneChat.Training.Runs;

namespace FineTuneChat.Training.Tests.Runs;

/// <summary>A checkpoint is taken up by the run that it is of. Whatever else lies in the folder is never overwritten without a word.</summary>
[Trait(Tier.Name, Tier.Slow)]
public sealed class ResumeTests : IDisposable
{
    private const int Interrupted = 5;

    private static readonly FineTuneOptions Options = new()
    {
        Epochs = 6,
        BatchSize = 2,
        Rank = 4,
        LearningRate = 5e-3f,
        SequenceLength = 64,
        CheckpointSeconds = 0,
    };
    private static readonly RunSources Sources = new() { Base = "b", Data = "d", Validation = "v" };

    private readonly TinyModel _tiny = new();
    private readonly List<string> _told = [];

    public void Dispose() => _tiny.Dispose();

    private string Checkpoint => _tiny.Folder["checkpoint.gguf"];

    private string Old => _tiny.Folder["checkpoint.old.gguf"];

    public static TheoryData<FineTuneOptions, RunSources, string> Others { get; } = new()
    {
        { Options with { LearningRate = 5e-4f }, Sources, "--learning-rate was 0.005 and is 0.0005" },
        { Options with { Epochs = null }, Sources, "--epochs was 6 and is 10" },
        { Options with { Schedule = ScheduleKind.Linear }, Sources, "--schedule was cosine and is linear" },
        { Options with { Rank = 8 }, Sources, "--rank was 4 and is 8" },
        { Options with { Targets = ["attn_q"] }, Sources, "--targets was attn_q,attn_k,attn_v,attn_output,ffn_gate,ffn_up,ffn_down and is attn_q" },
        { Options with { Rope = new() { FrequencyBase = 500 } }, Sources, "was base 10000 with factor 1 and is base 500 with factor 1" },
        { Options, Sources with { Data = "other" }, "the content of --data has changed" },
        { Options, Sources with { Base = "other" }, "the content of --base has changed" },
        { Options, Sources with { From = "other" }, "--from was not given" },
        { Options with { Seed = 2, BatchSize = 4 }, Sources, "--batch-size was 2 and is 4; --seed was 1 and is 2" },
    };

    [Theory]
    [MemberData(nameof(Others))]
    public void A_run_of_other_options_or_data_is_refused_by_what_differs_and_changes_nothing(FineTuneOptions options, RunSources sources, string differs)
    {
        Interrupt();
        byte[] before = File.ReadAllBytes(Checkpoint);
        var e = Assert.Throws<InvalidDataException>(() => Resume(options, sources));
        Assert.Contains(differs, e.Message, StringComparison.Ordinal);
        Assert.Contains("start over without --resume", e.Message, StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllBytes(Checkpoint));
        Assert.Equal([Checkpoint, _tiny.Mapped.File.Path], Directory.GetFiles(_tiny.Folder.Path).Order());
    }

    [Fact]
    public void Where_that_is_wanted_it_starts_over_says_so_and_keeps_the_old_checkpoint()
    {
        Interrupt();
        byte[] before = File.ReadAllBytes(Checkpoint);
        Assert.Equal(1, Resume(Options with { Seed = 2 }, Sources, restarts: true));
        Assert.Equal(before, File.ReadAllBytes(Old));
        Assert.Contains("--seed was 1 and is 2. The run starts over", Assert.Single(_told), StringComparison.Ordinal);
    }

    [Fact]
    public void What_does_not_change_the_result_may_differ()
    {
        Interrupt();
        FineTuneOptions same = Options with
        {
            GradientCheckpointing = true,
            Device = TrainingDevice.Processor,
            CheckpointSeconds = 60,
            Rope = new() { Factor = 1 },
        };
        Assert.Equal(Interrupted + 1, Resume(same, Sources with { Validation = "other" }, threads: 2));
        Assert.Empty(_told);
    }

    [Fact]
    public void Held_out_data_that_decide_when_the_run_stops_may_not_differ()
    {
        FineTuneOptions stopping = Options with { EarlyStopping = 3 };
        Interrupt(stopping);
        var e = Assert.Throws<InvalidDataException>(() => Resume(stopping, Sources with { Validation = "other" }));
        Assert.Contains("the content of --val has changed", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_checkpoint_of_another_version_of_the_program_is_put_aside()
    {
        var writer = new GgufWriter();
        writer.Metadata.Set("general.type", "training-checkpoint");
        writer.Metadata.Set("training.identity", """{"baseHash":"b","dataHash":"d","startHash":"","options":{"Rank":4}}""");
        writer.Save(Checkpoint);
        Assert.Equal(1, Resume(Options, Sources));
        Assert.True(File.Exists(Old));
        Assert.Contains("was written by another version of this program. The run starts over", Assert.Single(_told), StringComparison.Ordinal);
    }

    [Fact]
    public void A_damaged_checkpoint_is_put_aside()
    {
        Interrupt();
        using (var file = new FileStream(Checkpoint, FileMode.Open))
            file.SetLength(file.Length / 2);
        Assert.Equal(1, Resume(Options, Sources));
        Assert.True(File.Exists(Old));
        Assert.Contains("cannot be read", Assert.Single(_told), StringComparison.Ordinal);
    }

    /// <summary>Whoever adds an option raises <see cref="RunIdentity.Format"/>: else an older checkpoint would be taken for one of another run.</summary>
    [Fact]
    public void The_entries_of_an_identity_belong_to_its_format()
    {
        RunIdentity identity = FineTuneIdentity.Of(Options, Sources, 1, 1, DecoderShape.FromGguf(_tiny.Mapped.File));
        Assert.Equal(
            "3: --base, --data, --from, --val, --keep, --until, --epochs, --rank, --alpha, --rslora, --targets, --dropout, --learning-rate, --schedule, --warmup, "
            + "--weight-decay, --max-gradient-norm, --batch-size, --seq-len, --early-stopping, --seed, --train-reasoning, RoPE (--rope-…, --ctx)",
            $"{RunIdentity.Format}: {string.Join(", ", identity.Entries.Keys)}");
        Assert.Empty(identity.ChangesSince(RunIdentity.Parse(identity.ToText())!));
    }

    private void Interrupt(FineTuneOptions? options = null)
    {
        using var cancel = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() => New(options ?? Options, Sources).Run(
            1, resume: false, p => { if (p.Step == Interrupted) cancel.Cancel(); }, cancel.Token));
        foreach (string file in Directory.GetFiles(_tiny.Folder.Path, "best.*"))
            File.Delete(file);
    }

    /// <returns>The first step that it does.</returns>
    private int Resume(FineTuneOptions options, RunSources sources, bool restarts = false, int threads = 1)
    {
        using var cancel = new CancellationTokenSource();
        int first = 0;
        try
        {
            New(options, sources, restarts).Run(threads, resume: true, Stop, cancel.Token);
        }
        catch (OperationCanceledException)
        {
            // as ordered after its first step
        }

        return first;

        void Stop(TrainingProgress progress)
        {
            first = first == 0 ? progress.Step : first;
            cancel.Cancel();
        }
    }

    private FineTuneRun New(FineTuneOptions options, RunSources sources, bool restarts = false) =>
        new(_tiny.Mapped, Examples, Examples[..1], options, _tiny.Folder.Path, TimeProvider.System)
        {
            Sources = sources,
            RestartsIfChanged = restarts,
            Told = _told.Add,
        };

    private static TrainingExample[] Examples { get; } =
        [.. Enumerable.Range(0, 4).Select(i => new TrainingExample([.. Enumerable.Range(i, 12)], [.. Enumerable.Repeat(true, 12)]))];
}
