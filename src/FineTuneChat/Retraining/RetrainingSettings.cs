using System.ComponentModel.DataAnnotations;

namespace FineTuneChat.Retraining;

/// <summary>Section <c>Retraining</c>: how the assistant learns from accepted examples.</summary>
internal sealed class RetrainingSettings
{
    public const string Section = "Retraining";

    /// <summary>Start a run by itself when <see cref="MinNewExamples"/> wait and nobody chats, or the hour has come; otherwise only when asked.</summary>
    public bool Automatic { get; init; }

    /// <summary>New examples that an automatic run waits for.</summary>
    [Range(1, 1_000_000)]
    public int MinNewExamples { get; init; } = 10;

    /// <summary>How long nobody must have chatted before an automatic run starts; 0 = it need not be quiet.</summary>
    [Range(0, 24 * 60)]
    public int IdleMinutes { get; init; } = 5;

    /// <summary>The hour of the day (0 to 23, local time) in which an automatic run starts although somebody chats; -1 = none.</summary>
    [Range(-1, 23)]
    public int Hour { get; init; } = -1;

    /// <summary>Least time from the end of a run to the next automatic one.</summary>
    [Range(0, 30 * 24 * 60)]
    public int PauseMinutes { get; init; } = 60;

    /// <summary>Passes over the dataset; 0 = from its size: 10 for few examples, down to 3 for many.</summary>
    [Range(0, 1000)]
    public int Epochs { get; init; }

    /// <summary>Rank of the LoRA matrices.</summary>
    [Range(1, 512)]
    public int Rank { get; init; } = 16;

    /// <summary>The adapter's weight is alpha / rank.</summary>
    [Range(0.01, 4096)]
    public double Alpha { get; init; } = 32;

    /// <summary>The adapter's weight is alpha / √rank instead (rsLoRA).</summary>
    public bool RankStabilized { get; init; }

    /// <summary>The linear layers that are adapted.</summary>
    [Targets]
    public string Targets { get; init; } = TargetsAttribute.All;

    /// <summary>Share of the adapter's inputs that each step leaves out.</summary>
    [Range(0, 0.99)]
    public double Dropout { get; init; }

    /// <summary>Highest learning rate of the run; 0 = from the model's width.</summary>
    [Range(0.0, 1.0)]
    public double LearningRate { get; init; }

    /// <summary>How the learning rate goes down after the warm-up.</summary>
    [AllowedValues("cosine", "linear", "constant")]
    public string Schedule { get; init; } = "cosine";

    /// <summary>Share of the steps in which the learning rate rises; at least three steps.</summary>
    [Range(0.0, 1.0)]
    public double Warmup { get; init; } = 0.1;

    /// <summary>Weight decay of the adapter.</summary>
    [Range(0.0, 10.0)]
    public double WeightDecay { get; init; }

    /// <summary>Greatest norm of the gradient; 0 = any.</summary>
    [Range(0.0, 1e6)]
    public double MaxGradientNorm { get; init; } = 1;

    /// <summary>Examples per step.</summary>
    [Range(1, 1024)]
    public int BatchSize { get; init; } = 8;

    /// <summary>Most tokens of an example; a longer one loses whole turns from its front.</summary>
    [Range(16, 131_072)]
    public int SequenceLength { get; init; } = 1024;

    /// <summary>Epochs without a lower loss on what is held out after which a run stops, with the best epoch's adapter; 0 = never. While nothing is held out, it has no effect.</summary>
    [Range(0, 1000)]
    public int EarlyStopping { get; init; }

    /// <summary>Of the adapter's start and of the order of the examples: same seed, same data, same adapter.</summary>
    [Range(0, int.MaxValue)]
    public int Seed { get; init; } = 1;

    /// <summary>Learn the reasoning before accepted replies too; otherwise only the replies.</summary>
    public bool TrainReasoning { get; init; }

    /// <summary>Compute activations twice, a third slower, to save memory; auto = when they do not fit otherwise.</summary>
    [AllowedValues("auto", "on", "off")]
    public string Frugal { get; init; } = "auto";

    /// <summary>What trains: cpu, the name of a GPU, or auto, a GPU where there is one that can.</summary>
    [Required]
    public string Device { get; init; } = "auto";

    /// <summary>The weights' type in a version's file.</summary>
    [AllowedValues("Q4_K_M", "Q5_K_M", "Q6_K", "Q8_0", "F16", "BF16")]
    public string ExportType { get; init; } = "Q8_0";

    /// <summary>Share of the dataset that repeats what the base already says, so that a few corrections do not erase the rest.</summary>
    [Range(0, 0.95)]
    public double ReplayShare { get; init; } = 0.9;

    /// <summary>Share of the conversations that is only measured on, never trained on.</summary>
    [Range(0, 0.5)]
    public double HeldOutShare { get; init; } = 0.1;

    /// <summary>Below this many accepted examples none is held out.</summary>
    [Range(2, 1_000_000)]
    public int HeldOutMinimum { get; init; } = 30;

    /// <summary>By how much the loss on the base's own replies (nats per token) may exceed that of the version in service.</summary>
    [Range(0, 10)]
    public double MaxRegressionLoss { get; init; } = 0.25;

    /// <summary>By how much the share of the base's own tokens that are still predicted may fall below that of the version in service.</summary>
    [Range(0, 1)]
    public double MaxRegressionAccuracy { get; init; } = 0.05;

    /// <summary>
    /// By how much the share of general questions that are still begun to be answered as the base did may fall below that of the version in service.
    /// The first token decides where a reply goes: who answers everything in the same way fails here, though later tokens still fit.
    /// </summary>
    [Range(0, 1)]
    public double MaxRegressionOpenings { get; init; } = 0.15;

    /// <summary>By how much the share of the base's own replies that still end where they ended may fall below that of the version in service.</summary>
    [Range(0, 1)]
    public double MaxRegressionStops { get; init; } = 0.05;

    /// <summary>Accepted replies, and as many to general questions, that the gate has written anew by candidate and version in service; 0 = none.</summary>
    [Range(0, 10_000)]
    public int WrittenReplies { get; init; } = 16;

    /// <summary>The most tokens of such a reply. Asked are those questions whose expected reply takes at most half of them.</summary>
    [Range(16, 65_536)]
    public int WrittenTokens { get; init; } = 256;

    /// <summary>By how much the share of written replies that end by themselves may fall below that of the version in service.</summary>
    [Range(0, 1)]
    public double MaxWrittenStops { get; init; } = 0.1;

    /// <summary>How many times longer than the expected ones (or than those of the version in service, if these are longer) written replies may be on average; likewise shorter.</summary>
    [Range(1, 1000)]
    public double MaxWrittenLength { get; init; } = 2;

    /// <summary>From this share of JSON among the accepted replies on, the data counts as JSON.</summary>
    [Range(0.01, 1)]
    public double WrittenJsonShare { get; init; } = 0.9;

    /// <summary>By how much the share of valid JSON among written replies may then fall below that of the version in service.</summary>
    [Range(0, 1)]
    public double MaxWrittenJson { get; init; } = 0.1;

    /// <summary>Compute threads of the trainer; 0 = the cores that chat leaves.</summary>
    [Range(0, 1024)]
    public int Threads { get; init; }

    /// <summary>Compute threads that chat keeps during a run; 0 = a quarter of the cores, at least one.</summary>
    [Range(0, 1024)]
    public int ChatThreads { get; init; }

    /// <summary>Let the trainer wait, between micro-batches, while anybody waits for a reply.</summary>
    public bool PauseWhileChatting { get; init; }

    public int ChatThreadsDuringRun => ChatThreads > 0 ? ChatThreads : Math.Max(1, Environment.ProcessorCount / 4);

    public int TrainerThreads => Threads > 0 ? Threads : Math.Max(1, Environment.ProcessorCount - ChatThreadsDuringRun);
}
