using FineTuneChat.Chat.Encoding;
using FineTuneChat.Native.Ggml;
using FineTuneChat.Native.Llama;
using FineTuneChat.Native.Loading;
using FineTuneChat.Starter.Corpus;
using FineTuneChat.TestSupport;
using FineTuneChat.Training.Batches;
using FineTuneChat.Training.Graphs;
using FineTuneChat.Training.Lora;
using FineTuneChat.Training.Optimization;
using FineTuneChat.Training.Runs;

namespace FineTuneChat.Training.Tests.Runs;

/// <summary>However a run is computed, it learns the same. <c>FTC_SCALE=10</c> compares 200 steps.</summary>
[Trait(Tier.Name, Tier.Slow)]
public sealed class LossCurveTests : IDisposable
{
    private const double Tolerance = 1e-3; // relative, at every step
    private const int BatchSize = 4;
    private const int RowTokens = 64; // of one conversation: each is longer than half of it, so that no two share a row
    private const int PackedTokens = 256;

    private static readonly int Steps = 20 * Scale.Factor;
    private static readonly string Starter = Path.Combine(Repository.Root, "models", "starter", "starter-F16.gguf");

    private readonly TemporaryFolder _folder = new();
    private readonly TrainingExample[] _examples;

    public LossCurveTests()
    {
        NativeLibraries.Load();
        using LlamaModel tokenizer = LlamaModel.Load(Starter, new ModelOptions { VocabularyOnly = true });
        ConversationEncoder encoder = ConversationEncoder.OfModel(tokenizer);
        _examples =
        [
            .. CorpusGenerator.Generate(seed: 5).SelectMany(c => encoder.EncodeConversation(c.Messages, c.Tools))
                .Where(e => e.Tokens.Length is > RowTokens / 2 and <= RowTokens && e.TargetCount > 0).Take(48).Select(Backwards),
        ];
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void With_checkpointed_activations_the_curve_is_the_same()
    {
        double[] plain = Curve(Starter, _examples, PackedTokens);
        Assert.True(plain[^1] < plain[0], "nothing was learned: the comparison proves nothing");
        Assert.Equal(plain, Curve(Starter, _examples, PackedTokens, checkpointing: true));
    }

    [Fact]
    public void With_one_conversation_in_a_row_the_curve_is_that_of_packed_rows()
    {
        Assert.Equal(BatchSize, Packer.Pack(_examples[..BatchSize], RowTokens).Count);
        Assert.Single(Packer.Pack(_examples[..BatchSize], PackedTokens));
        AssertSame(Curve(Starter, _examples, RowTokens), Curve(Starter, _examples, PackedTokens));
    }

    [Theory]
    [InlineData(ModelFileType.F32)]
    [InlineData(ModelFileType.BF16)]
    [InlineData(ModelFileType.Q8_0)]
    [InlineData(ModelFileType.Q4_K_M)]
    public void With_the_textbooks_matrix_product_the_curve_is_that_of_the_fast_one(ModelFileType type)
    {
        string path = RandomModel.Write(_folder["F32.gguf"], new RandomModelShape(Width: 256, FeedForward: 512));
        if (type != ModelFileType.F32)
            ModelQuantizer.Quantize(path, path = _folder["typed.gguf"], type, threads: 1);
        TrainingExample[] bytes = [.. _examples.Select(e => e with { Tokens = [.. e.Tokens.Select(id => id % 256)] })];
        AssertSame(Curve(path, bytes, PackedTokens, reference: true), Curve(path, bytes, PackedTokens));
    }

    [Fact]
    public void A_run_that_is_interrupted_and_resumed_has_the_curve_and_the_adapter_of_one_that_is_not_bit_for_bit()
    {
        using MappedModel model = MappedModel.Open(Starter);
        var (whole, wholeAdapter) = Run("whole", interruptions: []);
        var (parts, adapter) = Run("parts", interruptions: [1, Steps / 3, Steps / 2, Steps - 1]);
        Assert.Equal(Steps, whole.Length);
        Assert.Equal(whole, parts);
        Assert.Equal(wholeAdapter[^(wholeAdapter.Length / 2)..], adapter[^(adapter.Length / 2)..]); // the head names the folder

        ((int, double, double?)[] Curve, byte[] Adapter) Run(string name, int[] interruptions)
        {
            Directory.CreateDirectory(_folder[name]);
            var options = new FineTuneOptions
            {
                Epochs = Steps / 2,
                BatchSize = BatchSize,
                Rank = 4,
                Alpha = 8,
                SequenceLength = PackedTokens,
                CheckpointSeconds = 1e9,
            };
            var run = new FineTuneRun(model, _examples[..(2 * BatchSize)], _examples[^2..], options, _folder[name], TimeProvider.System);
            var curve = new List<(int, double, double?)>();
            foreach (int last in interruptions.Append(int.MaxValue))
            {
                using var cancel = new CancellationTokenSource();
                try
                {
                    run.Run(1, resume: true, Report, cancel.Token);
                }
                catch (OperationCanceledException)
                {
                }

                void Report(TrainingProgress progress)
                {
                    curve.Add((progress.Step, progress.Loss, progress.ValidationLoss));
                    if (progress.Step == last)
                        cancel.Cancel();
                }
            }

            return ([.. curve], File.ReadAllBytes(run.AdapterPath));
        }
    }

    /// <summary>With the reply told backwards: the starter knows what its corpus says.</summary>
    private static TrainingExample Backwards(TrainingExample example)
    {
        int[] tokens = [.. example.Tokens], targets = [.. example.PredictedFrom.Select(i => i + 1)];
        foreach (var (place, source) in targets.Zip(targets.Reverse()))
            tokens[place] = example.Tokens[source];
        return example with { Tokens = tokens };
    }

    private static double[] Curve(string path, TrainingExample[] examples, int rowTokens, bool checkpointing = false, bool reference = false)
    {
        using MappedModel model = MappedModel.Open(path);
        using LoraAdapter adapter = LoraAdapter.Create(model.File, rank: 8, alpha: 16, seed: 1, LoraAdapter.AllLinears);
        using var backend = new CpuBackend(1) { ReferenceProducts = reference };
        using var trainer = new Trainer(
            backend, DecoderShape.FromGguf(model.File), DecoderWeights.Frozen(model, adapter), adapter.Parameters,
            new AdamW(adapter.Parameters, new AdamWOptions()),
            new LearningRateSchedule(2e-3f, WarmupSteps: 3, Steps), rowTokens, maxGradientNorm: 1, checkpointing);
        var order = new DataOrder(examples.Length, BatchSize, epochs: Steps, seed: 1);
        return [.. Enumerable.Range(0, Steps)
            .Select(step => trainer.Step([.. order.Batch(step).ToArray().Select(i => examples[i])], CancellationToken.None).Loss)];
    }

    private static void AssertSame(double[] expected, double[] actual)
    {
        double worst = expected.Zip(actual, (e, a) => Math.Abs(a - e) / e).Max();
        Assert.True(worst <= Tolerance, $"the curves differ by {worst:E1} (relative), more than {Tolerance:E0}");
    }
}
