using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using FineTuneChat.Protocol.Configuration;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Protocol.Runs;

/// <summary>
/// How one run learns: the one description from which the settings of section <c>Retraining</c>, <c>options</c> of <c>POST /api/training/start</c>, the
/// options of <c>train</c>, what the gateway tells its trainer and the table in docs/training.md come. Null = not given. To add one: a property here with
/// its default in <see cref="Defaults"/>, a line in <c>TrainCommand.Choose</c>.
/// </summary>
internal sealed record RunOptions
{
    private static readonly PropertyInfo[] All = [.. Settings.Keys(typeof(RunOptions))];

    /// <summary>What is done where nothing is said; what is null here is the trainer's choice.</summary>
    public static RunOptions Defaults { get; } = new()
    {
        Rank = 16,
        Alpha = 32,
        RankStabilized = false,
        Targets = TargetsAttribute.All,
        Dropout = 0,
        LearningRateMultiplier = 1,
        Schedule = "cosine",
        Warmup = 0.1,
        WeightDecay = 0,
        MaxGradientNorm = 1,
        BatchSize = 8,
        SequenceLength = 1024,
        EarlyStopping = 0,
        Seed = 1,
        TrainReasoning = false,
        GradientCheckpointing = "auto",
        Device = "auto",
        ExportType = "Q8_0",
    };

    /// <summary>Passes over the dataset.</summary>
    [Option("--epochs", "N", "Passes over the data", Otherwise = "10 for few conversations, down to 3 for many"), Range(1, 1000), ZeroIsOpen]
    public int? Epochs { get; init; }

    /// <summary>Rank of the LoRA matrices.</summary>
    [Option("--rank", "N", "Rank of the adapter"), Range(1, 512)]
    public int? Rank { get; init; }

    /// <summary>The adapter's weight is alpha / rank.</summary>
    [Option("--alpha", "X", "The adapter counts alpha / rank"), Range(0.01, 4096)]
    public double? Alpha { get; init; }

    /// <summary>The adapter's weight is alpha / √rank instead (rsLoRA).</summary>
    [Option("--rslora", "FLAG", "The adapter counts alpha / √rank instead (rsLoRA)", Alone = "true")]
    public bool? RankStabilized { get; init; }

    /// <summary>The linear layers that are adapted.</summary>
    [Option("--targets", "NAMES", "Layers to adapt: all, or some of attn_q, attn_k, attn_v, attn_output, ffn_gate, ffn_up, ffn_down", IsList = true), Targets]
    public string? Targets { get; init; }

    /// <summary>Share of the adapter's inputs that each step leaves out.</summary>
    [Option("--dropout", "X", "Share of the adapter's inputs that a step leaves out"), Range(0, 0.99)]
    public double? Dropout { get; init; }

    /// <summary>Highest learning rate of the run.</summary>
    [Option("--learning-rate", "X", "Peak learning rate", Otherwise = "from the model's width"), Range(1e-7, 1), ZeroIsOpen]
    public double? LearningRate { get; init; }

    /// <summary>Factor on the learning rate, given or not: what OpenAI's fine-tuning jobs have in its place.</summary>
    [Option("--learning-rate-multiplier", "X", "Factor on the learning rate"), Range(0.001, 100)]
    public double? LearningRateMultiplier { get; init; }

    /// <summary>How the learning rate goes down after the warm-up.</summary>
    [Option("--schedule", "KIND", "How the learning rate goes down: cosine, linear or constant"), AllowedValues("cosine", "linear", "constant")]
    public string? Schedule { get; init; }

    /// <summary>Share of the steps in which the learning rate rises; at least three steps.</summary>
    [Option("--warmup", "X", "Share of the steps in which the learning rate rises"), Range(0.0, 1.0)]
    public double? Warmup { get; init; }

    /// <summary>Weight decay of the adapter.</summary>
    [Option("--weight-decay", "X", "Weight decay of the adapter"), Range(0.0, 10.0)]
    public double? WeightDecay { get; init; }

    /// <summary>Greatest norm of the gradient; 0 = any.</summary>
    [Option("--max-gradient-norm", "X", "Greatest norm of the gradient; 0 = any"), Range(0.0, 1e6)]
    public double? MaxGradientNorm { get; init; }

    /// <summary>Examples per step.</summary>
    [Option("--batch-size", "N", "Conversations in a step"), Range(1, 1024)]
    public int? BatchSize { get; init; }

    /// <summary>Most tokens of an example; a longer one loses whole turns from its front.</summary>
    [Option("--seq-len", "N", "Most tokens of a conversation"), Range(16, 131_072)]
    public int? SequenceLength { get; init; }

    /// <summary>
    /// Epochs without a lower loss on what is held out after which a run stops, with the best epoch's adapter; 0 = never. While nothing is held out, it has no
    /// effect.
    /// </summary>
    [Option("--early-stopping", "N", "Epochs without a lower loss on --val after which the run stops; the best epoch's adapter is kept; 0 = never")]
    [Range(0, 1000)]
    public int? EarlyStopping { get; init; }

    /// <summary>Of the adapter's start and of the order of the examples: same seed, same data, same adapter.</summary>
    [Option("--seed", "N", "Same seed, same data: same adapter"), Range(0, int.MaxValue)]
    public int? Seed { get; init; }

    /// <summary>Learn the reasoning before accepted replies too; otherwise only the replies.</summary>
    [Option("--train-reasoning", "FLAG", "Learn the reasoning before a reply too; otherwise only the reply", Alone = "true")]
    public bool? TrainReasoning { get; init; }

    /// <summary>Compute activations twice, a third slower, to save memory; auto = when they do not fit otherwise.</summary>
    [Option(
        "--gradient-checkpointing", "WHEN", "Compute activations twice to save memory: on, off, or auto, when they do not fit otherwise",
        Alone = "on", OldFlag = "--frugal")]
    [AllowedValues("auto", "on", "off"), OldName("Frugal")]
    public string? GradientCheckpointing { get; init; }

    /// <summary>What trains: cpu, the name of a GPU, or auto, a GPU where there is one that can.</summary>
    [Option("--device", "NAME", "What computes: cpu, a GPU by its name (as CUDA0, Vulkan0), or auto, the GPU with the most free memory where it can, else cpu")]
    [Required]
    public string? Device { get; init; }

    /// <summary>The weights' type in a version's file: an option of <c>export</c>.</summary>
    [AllowedValues("Q4_K_M", "Q5_K_M", "Q6_K", "Q8_0", "F16", "BF16")]
    public string? ExportType { get; init; }

    [JsonExtensionData] public Dictionary<string, JsonElement>? Unknown { get; set; } // settable: the source generator asks for it

    /// <summary>With the settings' values for what is not given.</summary>
    /// <param name="settings">Those of section <c>Retraining</c>.</param>
    /// <exception cref="OpenAiException">400, with the option and what is allowed.</exception>
    public RunOptions Complete(RunOptions settings)
    {
        RunOptions given = Renamed();
        if (given.Unknown is { Count: > 0 })
            throw OpenAiException.UnknownParameter($"options.{given.Unknown.Keys.First()}");
        var complete = new RunOptions();
        foreach (PropertyInfo option in All)
        {
            if (option.GetValue(given) is { } value)
                option.SetValue(complete, Checked(option, value));
            else if (option.GetValue(settings) is { } preset && !IsOpen(option, preset))
                option.SetValue(complete, preset);
        }
        return complete;
    }

    /// <summary>What was given by an older name, under its present one.</summary>
    private RunOptions Renamed()
    {
        if (Unknown is null)
            return this;
        RunOptions renamed = this with { Unknown = new(Unknown) };
        foreach (PropertyInfo option in All)
            if (option.GetCustomAttribute<OldNameAttribute>() is { } old
                && renamed.Unknown!.Remove(Wire(old.Name), out JsonElement value) && value.ValueKind == JsonValueKind.String)
                option.SetValue(renamed, option.GetValue(renamed) ?? value.GetString());
        return renamed;
    }

    private static bool IsOpen(PropertyInfo option, object value) =>
        option.IsDefined(typeof(ZeroIsOpenAttribute)) && Convert.ToDouble(value, CultureInfo.InvariantCulture) == 0;

    private static object Checked(PropertyInfo option, object value)
    {
        string name = $"options.{Wire(option.Name)}";
        return Settings.Fault(option, OptionTable.Text(value), isZeroOpen: false) is { } fault
            ? throw OpenAiException.InvalidRequest($"'{name}' {fault}.", name)
            : value;
    }

    private static string Wire(string name) => JsonNamingPolicy.SnakeCaseLower.ConvertName(name);
}
