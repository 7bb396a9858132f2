using System.CommandLine;
using System.Globalization;
using System.Reflection;
using FineTuneChat.Gateway;
using FineTuneChat.Retraining;

namespace FineTuneChat.Cli;

/// <summary>How a run learns, as options of <c>train</c>. The gateway starts its trainer with them.</summary>
internal static class TrainOptions
{
    private static readonly (Option<string?> Option, PropertyInfo Property)[] All =
    [
        Of("--epochs", "N", nameof(RunOptions.Epochs), "Passes over the data [10 for few conversations, down to 3 for many]"),
        Of("--rank", "N", nameof(RunOptions.Rank), "Rank of the adapter"),
        Of("--alpha", "X", nameof(RunOptions.Alpha), "The adapter counts alpha / rank"),
        Of("--rslora", "FLAG", nameof(RunOptions.RankStabilized), "The adapter counts alpha / √rank instead (rsLoRA)", alone: "true"),
        Of("--targets", "NAMES", nameof(RunOptions.Targets), "Layers to adapt: all, or some of attn_q, attn_k, attn_v, attn_output, ffn_gate, ffn_up, ffn_down"),
        Of("--dropout", "X", nameof(RunOptions.Dropout), "Share of the adapter's inputs that a step leaves out"),
        Of("--learning-rate", "X", nameof(RunOptions.LearningRate), "Peak learning rate [from the model's width]"),
        Of("--schedule", "KIND", nameof(RunOptions.Schedule), "How the learning rate goes down: cosine, linear or constant"),
        Of("--warmup", "X", nameof(RunOptions.Warmup), "Share of the steps in which the learning rate rises"),
        Of("--weight-decay", "X", nameof(RunOptions.WeightDecay), "Weight decay of the adapter"),
        Of("--max-gradient-norm", "X", nameof(RunOptions.MaxGradientNorm), "Greatest norm of the gradient; 0 = any"),
        Of("--batch-size", "N", nameof(RunOptions.BatchSize), "Conversations in a step"),
        Of("--seq-len", "N", nameof(RunOptions.SequenceLength), "Most tokens of a conversation"),
        Of("--early-stopping", "N", nameof(RunOptions.EarlyStopping), "Epochs without a lower loss on --val after which the run stops; the best epoch's adapter is kept; 0 = never"),
        Of("--seed", "N", nameof(RunOptions.Seed), "Same seed, same data: same adapter"),
        Of("--train-reasoning", "FLAG", nameof(RunOptions.TrainReasoning), "Learn the reasoning before a reply too; otherwise only the reply", alone: "true"),
        Of("--frugal", "WHEN", nameof(RunOptions.Frugal), "Compute activations twice to save memory: on, off, or auto, when they do not fit otherwise", alone: "on"),
        Of("--device", "NAME", nameof(RunOptions.Device), "What computes: cpu, a GPU by its name (as CUDA0, Vulkan0), or auto, the GPU with the most free memory where it can, else cpu"),
    ];

    public static void AddTo(Command command)
    {
        foreach (var (option, _) in All)
            command.Options.Add(option);
    }

    /// <summary>The option of a property of <see cref="RunOptions"/>.</summary>
    public static Option Named(string property) => All.First(pair => pair.Property.Name == property).Option;

    /// <summary>What was given on the command line.</summary>
    public static RunOptions Given(ParseResult parsed)
    {
        var given = new RunOptions();
        foreach (var (option, property) in All)
            if (parsed.GetValue(option) is { } text)
                property.SetValue(given, Convert.ChangeType(text, TypeOf(property), CultureInfo.InvariantCulture));
        return given;
    }

    /// <summary>The command line that gives a trainer these options.</summary>
    public static IEnumerable<string> ArgumentsFor(RunOptions options) =>
        from pair in All
        let value = pair.Property.GetValue(options)
        where value is not null
        from argument in new[] { pair.Option.Name, Convert.ToString(value, CultureInfo.InvariantCulture)! }
        select argument;

    private static (Option<string?> Option, PropertyInfo Property) Of(string name, string value, string key, string description, string? alone = null)
    {
        PropertyInfo property = typeof(RunOptions).GetProperty(key)!;
        object? preset = property.GetValue(new RunOptions().Complete(new RetrainingSettings()));
        bool isList = key == nameof(RunOptions.Targets);
        var option = new Option<string?>(name)
        {
            HelpName = value,
            Description = preset is null ? description : $"{description} [{Convert.ToString(preset, CultureInfo.InvariantCulture)}]",
            Arity = alone is not null ? ArgumentArity.ZeroOrOne : isList ? ArgumentArity.OneOrMore : ArgumentArity.ExactlyOne,
            AllowMultipleArgumentsPerToken = isList,
            CustomParser = result => result.Tokens.Count == 0 ? alone : string.Join(',', result.Tokens.Select(t => t.Value)),
        };
        option.Validators.Add(result =>
        {
            string text = string.Join(',', result.Tokens.Select(t => t.Value));
            if (result.Tokens.Count > 0 && Fault(property, text) is { } fault)
                result.AddError($"{name} is '{text}', but it {fault}.");
        });
        return (option, property);
    }

    /// <summary>Numbers are only asked to be numbers: the trainer has limits of its own, and says them.</summary>
    private static string? Fault(PropertyInfo property, string text) =>
        TypeOf(property) is var type && type == typeof(string) ? Settings.Fault(typeof(RetrainingSettings).GetProperty(property.Name)!, text)
        : Settings.IsConvertible(text, type) ? null
        : $"must be {Settings.Describe(type)}";

    private static Type TypeOf(PropertyInfo property) => Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
}
