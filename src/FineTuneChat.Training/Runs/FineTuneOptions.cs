using FineTuneChat.Training.Lora;
using FineTuneChat.Training.Objectives;
using FineTuneChat.Training.Optimization;

namespace FineTuneChat.Training.Runs;

/// <summary>How a LoRA run learns. Defaults are those that small sets need; their sources are in docs/training.md.</summary>
public sealed record FineTuneOptions
{
    /// <summary>Rank of the adapter, 1 to 512. Default 16.</summary>
    public int Rank { get; init; } = 16;

    /// <summary>Scale of the adapter is alpha / rank. Default 32.</summary>
    public float Alpha { get; init; } = 32;

    /// <summary>Whether the scale is alpha / √rank instead (rsLoRA, Kalajdzievski 2023, arXiv 2312.03732). Default: false.</summary>
    public bool RankStabilized { get; init; }

    /// <summary>Peak learning rate; null (default): from the model's width, see <see cref="DefaultLearningRate"/>.</summary>
    public float? LearningRate { get; init; }

    /// <summary>Of DPO or KTO, where the run compares; null (default): it does not.</summary>
    public PreferenceOptions? Preferences { get; init; }

    /// <summary>Factor on the learning rate, whether it is given or not. Default 1.</summary>
    public float LearningRateMultiplier { get; init; } = 1;

    /// <summary>
    /// Passes over the data, 1 to 1000; null (default): from the size of the set, see <see cref="DefaultEpochs"/>, or as many as are needed, see
    /// <see cref="FineTuneRun.MustLearn"/>.
    /// </summary>
    public int? Epochs { get; init; }

    /// <summary>Conversations in an optimiser step, 1 to 1024. Default 8; a smaller set is one batch.</summary>
    public int BatchSize { get; init; } = 8;

    /// <summary>Most tokens of a conversation and of a micro-batch's row. Default 1024.</summary>
    public int SequenceLength { get; init; } = 1024;

    /// <summary>The RoPE options that the model is served with. Default: as its file says.</summary>
    public Native.Llama.RopeOptions Rope { get; init; } = new();

    /// <summary>Whether the reasoning before a reply is learned too; otherwise it stands there, and only the reply is learned. Default: false.</summary>
    public bool TrainReasoning { get; init; }

    /// <summary>Share of the steps in which the learning rate rises. Default 0.1, at least 3 steps.</summary>
    public float WarmupShare { get; init; } = 0.1f;

    /// <summary>What the learning rate does afterwards. Default: cosine to zero.</summary>
    public ScheduleKind Schedule { get; init; } = ScheduleKind.Cosine;

    /// <summary>Weight decay of the adapter. Default 0.</summary>
    public float WeightDecay { get; init; }

    /// <summary>Greatest norm of the gradient. Default 1; 0 switches clipping off.</summary>
    public float MaxGradientNorm { get; init; } = 1;

    /// <summary>Share of an adapter's inputs that each step leaves out (Srivastava et al. 2014), 0 to below 1. Default 0.</summary>
    public float Dropout { get; init; }

    /// <summary>Adapter to begin with (a GGUF file, or a folder with PEFT's files), whose rank, alpha and layers hold; null (default): a new one.</summary>
    public string? From { get; init; }

    /// <summary>
    /// Whether activations are computed twice to save memory, a third slower; null (default): when they do not fit otherwise. The result is the same.
    /// </summary>
    public bool? GradientCheckpointing { get; init; }

    /// <summary>
    /// What computes: <c>cpu</c>, the name of a GPU, or <c>auto</c> (default): the GPU with the most free memory where the run can be computed there, else
    /// the processor. See <see cref="TrainingDevice"/>.
    /// </summary>
    public string Device { get; init; } = TrainingDevice.Automatic;

    /// <summary>
    /// Epochs without a lower loss on the validation data after which the run stops; the adapter is then that of the best epoch. Default 0: never.
    /// </summary>
    public int EarlyStopping { get; init; }

    /// <summary>Of the adapter's start and of the order of the data. Default 1.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Layers to adapt. Default: all seven linears.</summary>
    public IReadOnlyList<string> Targets { get; init; } = LoraAdapter.AllLinears;

    /// <summary>
    /// 2·10⁻⁴ · (2000 / width)^0.781: 1.0·10⁻³ for width 256, 2·10⁻⁴ for 2048. The exponent is that of the rule which Thinking Machines fitted for Llama models
    /// (tinker-cookbook, hyperparam_utils; "LoRA Without Regret", 2025). Its factor, 5·10⁻⁴, cost the starter three times as much of what it knew as this one,
    /// at the same number of facts learned.
    /// </summary>
    /// <param name="width">Width of the residual stream.</param>
    public static float DefaultLearningRate(int width) => (float)(2e-4 * Math.Pow(2000.0 / width, 0.781));

    /// <summary>
    /// 2000 / rows, at least 3 and at most 10. A handful of corrections needs more passes than the three that are usual for thousands of rows:
    /// measured on the starter, 12 facts among 108 replayed rows are repeated by 5 passes to 10 of 12, by 8 and 10 to 12 of 12.
    /// </summary>
    /// <param name="rows">Conversations in the set.</param>
    public static int DefaultEpochs(int rows) => Math.Clamp(2000 / rows, 3, 10);

    /// <summary>The most passes of a run that ends when enough is learned: 40,000 / rows, at least 5 and at most 30.</summary>
    /// <param name="rows">Conversations in the set.</param>
    public static int MostEpochs(int rows) => Math.Clamp(40_000 / rows, 5, 30);

    /// <summary>The alpha of an adapter whose scale is alpha / rank: what files hold, since not every reader of adapters knows rsLoRA.</summary>
    internal float EffectiveAlpha => RankStabilized ? Alpha * MathF.Sqrt(Rank) : Alpha;

    /// <summary>Seconds from checkpoint to checkpoint. Default 15; 0 = after every step.</summary>
    public double CheckpointSeconds { get; init; } = 15;

    /// <summary>Refuses values out of range.</summary>
    /// <exception cref="ArgumentException">The message names the option, its value and what is allowed.</exception>
    public void Validate()
    {
        Require(Rank is >= 1 and <= 512, "rank", Rank, "1 to 512");
        Require(Alpha > 0 && float.IsFinite(Alpha), "alpha", Alpha, "a positive number");
        Require(LearningRate is null or (> 0 and <= 1), "learning-rate", LearningRate, "above 0, up to 1");
        Require(LearningRateMultiplier is > 0 and <= 100, "learning-rate-multiplier", LearningRateMultiplier, "above 0, up to 100");
        Require(Epochs is null or (>= 1 and <= 1000), "epochs", Epochs, "1 to 1000");
        Require(BatchSize is >= 1 and <= 1024, "batch-size", BatchSize, "1 to 1024");
        Require(SequenceLength is >= 16 and <= 131_072, "seq-len", SequenceLength, "16 to 131072");
        Require(WarmupShare is >= 0 and <= 1, "warmup", WarmupShare, "0 to 1");
        Require(WeightDecay is >= 0 and <= 10, "weight-decay", WeightDecay, "0 to 10");
        Require(MaxGradientNorm >= 0, "max-gradient-norm", MaxGradientNorm, "0 or more");
        Require(Dropout is >= 0 and < 1, "dropout", Dropout, "0 to below 1");
        Require(EarlyStopping is >= 0 and <= 1000, "early-stopping", EarlyStopping, "0 to 1000");
        Require(
            Targets.Count > 0 && Targets.All(LoraAdapter.AllLinears.Contains), "targets", string.Join(",", Targets), string.Join(", ", LoraAdapter.AllLinears));
        Require(Seed >= 0, "seed", Seed, "0 or more");
        Preferences?.Validate();
        Require(CheckpointSeconds >= 0, "checkpoint-seconds", CheckpointSeconds, "0 or more");

        static void Require(bool valid, string name, object? value, string allowed)
        {
            if (!valid)
                throw new ArgumentException($"{name} is {value}; allowed: {allowed}.");
        }
    }
}
