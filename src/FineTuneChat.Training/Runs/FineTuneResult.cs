using System.Text.Json.Serialization;

namespace FineTuneChat.Training.Runs;

/// <summary>What a LoRA run gave: the last line that <c>train</c> prints.</summary>
/// <param name="Adapter">The adapter's file.</param>
/// <param name="Steps">Optimiser steps.</param>
/// <param name="TrainLoss">Mean loss of the last epoch.</param>
/// <param name="ValidationLoss">Loss on the validation data after the last step, null without such data.</param>
/// <param name="Tokens">Tokens trained on, by this process.</param>
/// <param name="TokensPerSecond">Mean over this process's steps.</param>
/// <param name="Seconds">Time of this process.</param>
public sealed record FineTuneResult(
    [property: JsonPropertyName("adapter")] string Adapter,
    [property: JsonPropertyName("steps")] int Steps,
    [property: JsonPropertyName("train_loss")] double TrainLoss,
    [property: JsonPropertyName("val_loss")] double? ValidationLoss,
    [property: JsonPropertyName("tokens")] long Tokens,
    [property: JsonPropertyName("tokens_per_second")] double TokensPerSecond,
    [property: JsonPropertyName("seconds")] double Seconds)
{
    /// <summary>Ids of tokens of the replies that the base can hardly write: their rows of its head were trained, too. Null: none.</summary>
    [JsonPropertyName("undertrained_tokens"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<int>? UndertrainedTokens { get; init; }

    /// <summary>Share of what the run had to learn that it did, 0 to 1; null where nothing had to be.</summary>
    [JsonPropertyName("learned"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Learned { get; init; }
}
