using System.Text.Json.Serialization;

namespace FineTuneChat.Training.Pretraining;

/// <summary>What a pretraining gave: the last line that <c>pretrain</c> prints.</summary>
/// <param name="Model">The model's file.</param>
/// <param name="Steps">Optimiser steps.</param>
/// <param name="TrainLoss">Mean loss of the last steps.</param>
/// <param name="ValidationLoss">Loss on what was held out, null where nothing was.</param>
/// <param name="Tokens">Tokens trained on, by this process.</param>
/// <param name="TokensPerSecond">Mean over this process's steps.</param>
/// <param name="Seconds">Time of this process.</param>
public sealed record PretrainResult(
    [property: JsonPropertyName("model")] string Model,
    [property: JsonPropertyName("steps")] int Steps,
    [property: JsonPropertyName("train_loss")] double TrainLoss,
    [property: JsonPropertyName("val_loss")] double? ValidationLoss,
    [property: JsonPropertyName("tokens")] long Tokens,
    [property: JsonPropertyName("tokens_per_second")] double TokensPerSecond,
    [property: JsonPropertyName("seconds")] double Seconds)
{
    /// <summary>Weights of the model.</summary>
    [JsonPropertyName("parameters")]
    public long Parameters { get; init; }

    /// <summary>What was trained: <c>weights</c>, or <c>lora</c> on a base that goes on.</summary>
    [JsonPropertyName("trained")]
    public string Trained { get; init; } = "weights";

    /// <summary>The adapter, where one was trained.</summary>
    [JsonPropertyName("adapter"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Adapter { get; init; }
}

/// <summary>What a model writes while it learns.</summary>
/// <param name="Step">Steps done.</param>
/// <param name="Prompt">What it was to go on with.</param>
/// <param name="Text">How it went on.</param>
public sealed record PretrainSample(
    [property: JsonPropertyName("step")] int Step, [property: JsonPropertyName("prompt")] string Prompt, [property: JsonPropertyName("text")] string Text);
