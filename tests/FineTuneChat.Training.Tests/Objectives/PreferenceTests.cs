using FineTuneChat.Chat.Encoding;
using FineTuneChat.Native.Ggml;
using FineTuneChat.Native.Llama;
using FineTuneChat.TestSupport;
using FineTuneChat.Training.Batches;
using FineTuneChat.Training.Evaluation;
using FineTuneChat.Training.Graphs;
using FineTuneChat.Training.Lora;
using FineTuneChat.Training.Objectives;
using FineTuneChat.Training.Optimization;
using FineTuneChat.Training.Runs;
using FineTuneChat.Training.Tests.Graphs;

namespace FineTuneChat.Training.Tests.Objectives;

/// <summary>DPO and KTO: gradients against differences, losses against formulas over llama.cpp's logits, and what they teach.</summary>
[Trait(Tier.Name, Tier.Slow)]
public sealed class PreferenceTests : IDisposable
{
    private const int RowTokens = 64;
    private static readonly PreferenceOptions Plain = new() { SupervisedWeight = 0 };
    private static readonly FineTuneOptions Options = new()
    {
        BatchSize = 6,
        Rank = 4,
        Alpha = 8,
        LearningRate = 3e-3f,
        SequenceLength = RowTokens,
        Schedule = ScheduleKind.Constant,
        Preferences = Plain,
    };

    private readonly TinyModel _tiny = new();

    /// <summary>The losses and, of each, every term.</summary>
    public static TheoryData<string, double, bool, double> Losses => new()
    {
        { "dpo", 0, false, 0 },
        { "dpo", 0.1, false, 0 },
        { "dpo", 0, true, 0 },
        { "dpo", 0.2, true, 0.5 },
        { "kto", 0, false, 0 },
        { "kto", 0, false, 0.5 },
    };

    public void Dispose() => _tiny.Dispose();

    [Theory, MemberData(nameof(Losses))]
    public void The_gradient_is_that_of_the_loss(string method, double smoothing, bool perToken, double supervised)
    {
        Objective objective = New(method, new PreferenceOptions { LabelSmoothing = smoothing, LengthNormalized = perToken, SupervisedWeight = supervised });
        DecoderShape shape = DecoderShape.FromGguf(_tiny.Mapped.File);
        using LoraAdapter adapter = LoraAdapter.Create(_tiny.Mapped.File, 2, 4, seed: 1, LoraAdapter.AllLinears);
        DecoderWeights weights = DecoderWeights.Frozen(_tiny.Mapped, adapter);
        using var backend = new CpuBackend(1);
        using var evaluation = new GraphCache(backend, shape, weights, GraphPurpose.Evaluate);
        using var training = new GraphCache(backend, shape, weights, GraphPurpose.Train);
        var likelihood = new SequenceLikelihood(evaluation, weights, RowTokens);
        objective.Refer(likelihood.Of);
        var random = new Random(2);
        foreach (Parameter parameter in adapter.Parameters.All) // away from the reference
            foreach (ref float value in parameter.Value.AsSpan<float>())
                value += (float)((random.NextDouble() - 0.5) * 0.1);

        int[] rows = [.. Enumerable.Range(0, objective.Rows)];
        IReadOnlyList<double> reached = [];
        objective.Weigh(rows, examples => reached = likelihood.Of(examples));
        LossGradientCheck.Assert(adapter.Parameters, Backward, () => LossOf(objective.Weigh(rows, Now), likelihood.Of), together: true);

        void Backward()
        {
            WeightedExamples step = objective.Weigh(rows, likelihood.Of);
            foreach (PackedRow row in Packer.Rows(step.Examples, RowTokens, i => step.Weights[i]))
                training.Run(row.Batch);
        }

        // KTO's drift has no gradient: what it is taken from stays.
        IReadOnlyList<double> Now(IReadOnlyList<TrainingExample> examples)
        {
            IReadOnlyList<double> now = likelihood.Of(examples);
            return method == "dpo" ? now : [.. now.Take(now.Count / 2), .. reached.Skip(now.Count / 2)];
        }
    }

    [Fact]
    public void In_a_step_of_several_objectives_each_row_weighs_the_same()
    {
        Objective[] parts = [new SupervisedObjective(Replies), New("dpo", Plain), New("kto", Plain)]; // 6, 3 and 6 rows
        var mixed = new MixedObjective([.. parts, new SupervisedObjective([])]);
        LogProbabilities reference = examples => [.. examples.Select(e => -2.0 * e.TargetCount)];
        LogProbabilities policy = examples => [.. examples.Select(e => -1.9 * e.TargetCount)];
        foreach (Objective objective in (Objective[])[.. parts, mixed])
            objective.Refer(reference);

        Assert.Equal("sft+dpo+kto", mixed.Method);
        Assert.Equal(15, mixed.Rows);
        Assert.Equal(parts[1].ExamplesOf(2), mixed.ExamplesOf(8));
        WeightedExamples step = mixed.Weigh([13, 0, 7, 3], policy); // the fifth of those judged, two to be learned, the second pair
        Assert.Equal([Replies[4], Replies[0], Replies[3], Replies[2], Replies[3]], step.Examples);
        WeightedExamples judged = parts[2].Weigh([4], policy), learned = parts[0].Weigh([0, 3], policy), pair = parts[1].Weigh([1], policy);
        Assert.Equal(
            [judged.Weights[0] / 4, learned.Weights[0] / 2, learned.Weights[1] / 2, pair.Weights[0] / 4, pair.Weights[1] / 4], step.Weights);
        Assert.Equal(LossOf(judged, policy) / 4 + LossOf(learned, policy) / 2 + LossOf(pair, policy) / 4, LossOf(step, policy), 1e-6);
        Assert.NotNull(step.Figures!.Accuracy);
    }

    [Theory]
    [InlineData("dpo")]
    [InlineData("kto")]
    public void The_curve_is_that_of_the_formulas_over_the_logits_of_llama_cpp(string method)
    {
        var curve = new List<double>();
        Train("whole", method, epochs: 7, p => curve.Add(p.Loss));
        Assert.Equal(method == "dpo" ? Math.Log(2) : 0.5, curve[0], 1e-3); // nothing is preferred yet
        foreach (int steps in (int[])[3, 4, 6]) // one batch an epoch: the first steps of a longer run are a shorter one, after three of warm-up
        {
            FineTuneResult result = Train($"part{steps}", method, steps);
            double expected = method == "dpo" ? Dpo(result.Adapter) : Kto(result.Adapter);
            Assert.Equal(expected, curve[steps], 2e-3);
        }
        Assert.True(curve[^1] < curve[0] - 0.02, string.Join(' ', curve));
    }

    [Theory]
    [InlineData("dpo")]
    [InlineData("kto")]
    public void What_is_preferred_gets_likelier_than_what_is_not(string method)
    {
        var progress = new List<TrainingProgress>();
        FineTuneResult result = Train("run", method, epochs: 30, progress.Add);

        Assert.True(progress[^1].RewardMargin > 0.5, $"margin {progress[^1].RewardMargin}");
        Assert.Equal(method == "dpo" ? 1.0 : null, progress[^1].RewardAccuracy);
        IReadOnlyList<double> before = LogProbabilities(null, Replies), after = LogProbabilities(result.Adapter, Replies);
        for (int i = 0; i < Replies.Length; i += 2)
            Assert.True(after[i] - before[i] > after[i + 1] - before[i + 1], $"pair {i / 2}");
    }

    [Theory]
    [InlineData("dpo")]
    [InlineData("kto")]
    public void A_cancelled_run_goes_on_bit_for_bit(string method)
    {
        byte[] whole = File.ReadAllBytes(Train("run", method, epochs: 8).Adapter);
        File.Delete(_tiny.Folder["run/adapter.gguf"]);
        File.Delete(_tiny.Folder["run/checkpoint.gguf"]);
        using var cancel = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() => Run("run", method, 8).Run(1, resume: true, p => { if (p.Step == 5) cancel.Cancel(); }, cancel.Token));
        Run("run", method, 8).Run(1, resume: true, _ => { }, CancellationToken.None);
        Assert.Equal(whole, File.ReadAllBytes(_tiny.Folder["run/adapter.gguf"]));
    }

    [Fact]
    public void The_rarer_kind_of_rating_weighs_more()
    {
        RatedReply[] rated = [.. Replies.Select((reply, i) => new RatedReply(reply, IsGood: i % 3 != 0))]; // two of six are bad
        var objective = new RatedObjective(rated, Plain, RowTokens);
        objective.Refer(examples => [.. examples.Select(_ => -10.0)]);
        WeightedExamples step = objective.Weigh([0, 1], examples => [.. examples.Select(_ => -10.0)]);
        Assert.Equal(-2 * step.Weights[1], step.Weights[0], 1e-6f);
    }

    [Theory]
    [InlineData(0, 0, 0, 0.1, "beta is 0; allowed: above 0, up to 100.")]
    [InlineData(0.1, 0.5, 0, 0.1, "label-smoothing is 0.5; allowed: 0 to below 0.5.")]
    [InlineData(0.1, 0, 0, -1, "sft-weight is -1; allowed: 0 to 100.")]
    public void A_constant_out_of_range_is_named_with_what_is_allowed(double beta, double smoothing, int perToken, double supervised, string message)
    {
        var options = new PreferenceOptions { Beta = beta, LabelSmoothing = smoothing, LengthNormalized = perToken > 0, SupervisedWeight = supervised };
        Assert.Equal(message, Assert.Throws<ArgumentException>(options.Validate).Message);
    }

    /// <summary>Three questions, each with a preferred reply and then another.</summary>
    private static TrainingExample[] Replies { get; } =
    [
        .. Enumerable.Range(0, 6).Select(i =>
        {
            int[] question = [.. Enumerable.Range(0, 6).Select(t => 40 + (7 * (i / 2)) + t)];
            int[] reply = [.. Enumerable.Range(0, 4 + i).Select(t => 90 + (i % 2 * 50) + (5 * i) + t)];
            return new TrainingExample([.. question, .. reply], [.. question.Select(_ => false), .. reply.Select(_ => true)]);
        }),
    ];

    private static double LossOf(WeightedExamples step, LogProbabilities policy) =>
        step.Offset - step.Weights.Zip(policy(step.Examples), (weight, logProbability) => weight * logProbability).Sum();

    private static Objective New(string method, PreferenceOptions options) => method == "dpo"
        ? new PairObjective([.. Replies.Chunk(2).Select(pair => new PreferencePair(pair[0], pair[1]))], options)
        : new RatedObjective([.. Replies.Select((reply, i) => new RatedReply(reply, i % 2 == 0))], options, RowTokens);

    private FineTuneRun Run(string name, string method, int epochs)
    {
        Directory.CreateDirectory(_tiny.Folder[name]);
        return new FineTuneRun(
            _tiny.Mapped, New(method, Plain), validation: null, Options with { Epochs = epochs }, _tiny.Folder[name], TimeProvider.System);
    }

    private FineTuneResult Train(string name, string method, int epochs, Action<TrainingProgress>? report = null) =>
        Run(name, method, epochs).Run(1, resume: false, report ?? (_ => { }), CancellationToken.None);

    private IReadOnlyList<double> LogProbabilities(string? adapter, IReadOnlyList<TrainingExample> examples)
    {
        using LlamaModel model = LlamaModel.Load(_tiny.Folder["model.gguf"], new ModelOptions());
        using LoadedAdapter? loaded = adapter is null ? null : new LoadedAdapter(model, adapter);
        return [.. ModelEvaluation.Rows(model, loaded, examples, 1, CancellationToken.None).Select(row => -row.Loss * row.Tokens)];
    }

    /// <summary>As TRL writes it: −logsigmoid(β · ((πc − πr) − (rc − rr))), the mean over the pairs.</summary>
    private double Dpo(string adapter)
    {
        IReadOnlyList<double> now = LogProbabilities(adapter, Replies), then = LogProbabilities(null, Replies);
        return Enumerable.Range(0, 3).Average(i =>
        {
            double policy = now[2 * i] - now[(2 * i) + 1], reference = then[2 * i] - then[(2 * i) + 1];
            return Math.Log(1 + Math.Exp(-0.1 * (policy - reference)));
        });
    }

    /// <summary>As TRL writes it: 1 − sigmoid(β · (ratio − kl)) and 1 − sigmoid(β · (kl − ratio)), kl from questions with the next row's reply.</summary>
    private double Kto(string adapter)
    {
        TrainingExample[] mismatched =
        [
            .. Enumerable.Range(0, 6).Select(i => (Question: Replies[i].Tokens[..6], Reply: Replies[(i + 1) % 6].Tokens[6..])).Select(row =>
                new TrainingExample([.. row.Question, .. row.Reply], [.. row.Question.Select(_ => false), .. row.Reply.Select(_ => true)])),
        ];
        double drift = Math.Max(0, LogProbabilities(adapter, mismatched).Zip(LogProbabilities(null, mismatched), (a, b) => a - b).Average());
        IReadOnlyList<double> now = LogProbabilities(adapter, Replies), then = LogProbabilities(null, Replies);
        return Enumerable.Range(0, 6).Average(i =>
        {
            double value = 0.1 * (now[i] - then[i] - drift);
            return 1 - (1 / (1 + Math.Exp(i % 2 == 0 ? -value : value)));
        });
    }
}
