using System.Globalization;
using FineTuneChat.Training.Graphs;

namespace FineTuneChat.Training.Runs;

/// <summary>
/// The identity of a LoRA run. What is chosen by itself where nothing is given stands there as the value that was chosen. Left out is what changes time or
/// memory only: threads, device, gradient checkpointing, seconds between checkpoints.
/// </summary>
internal static class FineTuneIdentity
{
    public static RunIdentity Of(
        FineTuneOptions options, RunSources sources, int epochs, float learningRate, DecoderShape shape, string method = "sft")
    {
        string? validation = options.EarlyStopping > 0 ? sources.Validation : null; // otherwise it is only measured on
        var entries = new Dictionary<string, string>
        {
            ["--base"] = RunIdentity.FileContent(sources.Base),
            ["--data"] = RunIdentity.FileContent(sources.Data),
            ["--from"] = RunIdentity.FileContent(sources.From),
            ["--val"] = RunIdentity.FileContent(validation),
            ["--keep"] = RunIdentity.FileContent(sources.Keep),
            ["--until"] = RunIdentity.FileContent(options.Epochs is null ? sources.Until : null),
            ["--epochs"] = Text(epochs),
            ["--rank"] = Text(options.Rank),
            ["--alpha"] = Text(options.Alpha),
            ["--rslora"] = Text(options.RankStabilized),
            ["--targets"] = string.Join(',', options.Targets),
            ["--dropout"] = Text(options.Dropout),
            ["--learning-rate"] = Text(learningRate),
            ["--schedule"] = Text(options.Schedule).ToLowerInvariant(),
            ["--warmup"] = Text(options.WarmupShare),
            ["--weight-decay"] = Text(options.WeightDecay),
            ["--max-gradient-norm"] = Text(options.MaxGradientNorm),
            ["--batch-size"] = Text(options.BatchSize),
            ["--seq-len"] = Text(options.SequenceLength),
            ["--early-stopping"] = Text(options.EarlyStopping),
            ["--seed"] = Text(options.Seed),
            ["--train-reasoning"] = Text(options.TrainReasoning),
            ["RoPE (--rope-…, --ctx)"] = Rope(shape),
        };
        if (sources.Feedback is { } feedback)
            entries["--feedback"] = RunIdentity.FileContent(feedback);
        if (options.Preferences is { } preferences)
            entries["--method, --beta, --label-smoothing, --length-normalized, --sft-weight"] = string.Join(
                ' ', method, Text(preferences.Beta), Text(preferences.LabelSmoothing), Text(preferences.LengthNormalized), Text(preferences.SupervisedWeight));
        return new RunIdentity(entries);
    }

    /// <summary>What the options for RoPE come to: most models are the same at every context, and one may give what the file says anyway.</summary>
    private static string Rope(DecoderShape shape)
    {
        var rope = shape.Rope;
        string yarn = rope.ExtFactor == 0 ? "" : $", YaRN from {Text(rope.OriginalContext)} tokens";
        string factors = shape.FrequencyFactors is { } name ? $", {name}" : "";
        return $"base {Text(rope.FrequencyBase)} with factor {Text(1 / rope.FrequencyScale)}{yarn}{factors}";
    }

    private static string Text(object value) => Convert.ToString(value, CultureInfo.InvariantCulture)!;
}
