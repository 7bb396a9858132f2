using System.Text.Json;
using System.Text.Json.Serialization;
using FineTuneChat.OpenAi;

namespace FineTuneChat.Retraining;

/// <summary>The settings of one run: <c>options</c> of <c>POST /api/training/start</c>, the rest from the section <c>Retraining</c>.</summary>
internal sealed record RunOptions
{
    public int? Epochs { get; init; }
    public int? Rank { get; init; }
    public double? Alpha { get; init; }
    public double? LearningRate { get; init; }
    public int? BatchSize { get; init; }
    public int? Seed { get; init; }
    public string? ExportType { get; init; }
    public bool? TrainReasoning { get; init; }

    [JsonExtensionData] public Dictionary<string, JsonElement>? Unknown { get; set; } // settable: the source generator asks for it

    /// <summary>With defaults for what is not given.</summary>
    /// <exception cref="OpenAiException">400, with the option and what is allowed.</exception>
    public RunOptions Complete(RetrainingSettings settings)
    {
        if (Unknown is { Count: > 0 })
            throw OpenAiException.UnknownParameter($"options.{Unknown.Keys.First()}");
        var complete = new RunOptions
        {
            Epochs = Epochs ?? (settings.Epochs == 0 ? null : settings.Epochs), // null: from the number of examples
            Rank = Rank ?? settings.Rank,
            Alpha = Alpha ?? settings.Alpha,
            LearningRate = LearningRate ?? (settings.LearningRate == 0 ? null : settings.LearningRate), // null: from the model's width
            BatchSize = BatchSize ?? settings.BatchSize,
            Seed = Seed ?? 1,
            ExportType = ExportType ?? settings.ExportType,
            TrainReasoning = TrainReasoning ?? settings.TrainReasoning,
        };
        Check("epochs", complete.Epochs is null or (>= 1 and <= 1000), "from 1 to 1000");
        Check("rank", complete.Rank is >= 1 and <= 512, "from 1 to 512");
        Check("alpha", complete.Alpha is >= 0.01 and <= 4096, "from 0.01 to 4096");
        Check("learning_rate", complete.LearningRate is null or (>= 1e-7 and <= 1), "from 1e-7 to 1");
        Check("batch_size", complete.BatchSize is >= 1 and <= 1024, "from 1 to 1024");
        Check("seed", complete.Seed is >= 0, "at least 0");
        Check("export_type", complete.ExportType is "Q4_K_M" or "Q5_K_M" or "Q6_K" or "Q8_0" or "F16" or "BF16", "Q4_K_M, Q5_K_M, Q6_K, Q8_0, F16 or BF16");
        return complete;
    }

    private static void Check(string name, bool isAllowed, string allowed)
    {
        if (!isAllowed)
            throw OpenAiException.InvalidRequest($"'options.{name}' must be {allowed}.", $"options.{name}");
    }
}
