using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using FineTuneChat.Gateway;
using FineTuneChat.OpenAi;

namespace FineTuneChat.Retraining;

/// <summary>
/// The settings of one run: <c>options</c> of <c>POST /api/training/start</c>, what is not given from the section <c>Retraining</c>, where each has
/// the same name, its default and what is allowed. To add one: a property here and there, a line in <see cref="Cli.TrainOptions"/>.
/// </summary>
internal sealed record RunOptions
{
    private static readonly (PropertyInfo Option, PropertyInfo Setting)[] All =
    [
        .. typeof(RunOptions).GetProperties().Where(p => p.Name != nameof(Unknown)).Select(p => (p, typeof(RetrainingSettings).GetProperty(p.Name)!)),
    ];

    [Range(1, 1000)] public int? Epochs { get; init; } // those with a range of their own are the trainer's choice where they are absent, or the setting is 0
    public int? Rank { get; init; }
    public double? Alpha { get; init; }
    public bool? RankStabilized { get; init; }
    public string? Targets { get; init; }
    public double? Dropout { get; init; }
    [Range(1e-7, 1)] public double? LearningRate { get; init; }
    public string? Schedule { get; init; }
    public double? Warmup { get; init; }
    public double? WeightDecay { get; init; }
    public double? MaxGradientNorm { get; init; }
    public int? BatchSize { get; init; }
    public int? SequenceLength { get; init; }
    public int? EarlyStopping { get; init; }
    public int? Seed { get; init; }
    public bool? TrainReasoning { get; init; }
    public string? Frugal { get; init; }
    public string? Device { get; init; }
    public string? ExportType { get; init; }

    [JsonExtensionData] public Dictionary<string, JsonElement>? Unknown { get; set; } // settable: the source generator asks for it

    /// <summary>With defaults for what is not given.</summary>
    /// <exception cref="OpenAiException">400, with the option and what is allowed.</exception>
    public RunOptions Complete(RetrainingSettings settings)
    {
        if (Unknown is { Count: > 0 })
            throw OpenAiException.UnknownParameter($"options.{Unknown.Keys.First()}");
        var complete = new RunOptions();
        foreach (var (option, setting) in All)
        {
            bool isOpen = option.IsDefined(typeof(RangeAttribute));
            if (option.GetValue(this) is { } given)
                option.SetValue(complete, Checked(option, isOpen ? option : setting, given));
            else if (setting.GetValue(settings) is { } preset && !(isOpen && Convert.ToDouble(preset, CultureInfo.InvariantCulture) == 0))
                option.SetValue(complete, preset);
        }

        return complete;
    }

    private static object Checked(PropertyInfo option, PropertyInfo rules, object value)
    {
        string name = $"options.{JsonNamingPolicy.SnakeCaseLower.ConvertName(option.Name)}";
        return Settings.Fault(rules, Convert.ToString(value, CultureInfo.InvariantCulture)!) is { } fault
            ? throw OpenAiException.InvalidRequest($"'{name}' {fault}.", name)
            : value;
    }
}
