using System.Text.Json.Serialization;

namespace FineTuneChat.Training.Runs;

/// <summary>One line of <c>progress.jsonl</c>, and of what the trainer prints while it runs.</summary>
/// <param name="Step">Optimiser steps done.</param>
/// <param name="Steps">Steps of the run.</param>
/// <param name="Epoch">Passes over the data, with fraction.</param>
/// <param name="Loss">Mean −log p of the step.</param>
/// <param name="ValidationLoss">The same on held-out data, when it was measured at this step.</param>
/// <param name="LearningRate">Of the step.</param>
/// <param name="GradientNorm">Before clipping.</param>
/// <param name="TokensPerSecond">Over the last steps.</param>
/// <param name="SecondsLeft">Estimate.</param>
/// <param name="MemoryBytes">Resident memory of the process.</param>
public sealed record TrainingProgress(
    [property: JsonPropertyName("step")] int Step,
    [property: JsonPropertyName("steps")] int Steps,
    [property: JsonPropertyName("epoch")] double Epoch,
    [property: JsonPropertyName("loss")] double Loss,
    [property: JsonPropertyName("val_loss")] double? ValidationLoss,
    [property: JsonPropertyName("learning_rate")] double LearningRate,
    [property: JsonPropertyName("gradient_norm")] double GradientNorm,
    [property: JsonPropertyName("tokens_per_second")] double TokensPerSecond,
    [property: JsonPropertyName("seconds_left")] double SecondsLeft,
    [property: JsonPropertyName("memory_bytes")] long MemoryBytes)
{
    /// <summary>DPO: share of the step's pairs whose preferred reply has the higher reward.</summary>
    [JsonPropertyName("reward_accuracy"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public double? RewardAccuracy { get; init; }

    /// <summary>DPO, KTO: how far the rewards of preferred replies are ahead.</summary>
    [JsonPropertyName("reward_margin"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public double? RewardMargin { get; init; }
}
