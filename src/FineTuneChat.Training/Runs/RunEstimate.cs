using System.Text.Json.Serialization;

namespace FineTuneChat.Training.Runs;

/// <summary>What a run will take, told before it starts.</summary>
/// <param name="Steps">Optimiser steps.</param>
/// <param name="Tokens">Tokens over all epochs.</param>
/// <param name="GradientCheckpointing">Whether activations are computed twice to save memory.</param>
/// <param name="MemoryBytes">Weights, adapter with optimiser, activations.</param>
/// <param name="DiskBytes">Checkpoints and adapter.</param>
/// <param name="Seconds">By what the head and a few layers took for one of the micro-batches, just measured.</param>
public sealed record RunEstimate(
    [property: JsonPropertyName("steps")] int Steps,
    [property: JsonPropertyName("tokens")] long Tokens,
    [property: JsonPropertyName("gradient_checkpointing")] bool GradientCheckpointing,
    [property: JsonPropertyName("memory_bytes")] long MemoryBytes,
    [property: JsonPropertyName("disk_bytes")] long DiskBytes,
    [property: JsonPropertyName("seconds")] double Seconds)
{
    /// <summary>What computes: <c>cpu</c> or a GPU's short name.</summary>
    [JsonPropertyName("device")]
    public string Device { get; init; } = TrainingDevice.Processor;

    /// <summary>Of a GPU's memory: weights, their transposes, adapter, activations.</summary>
    [JsonPropertyName("device_bytes")]
    public long DeviceBytes { get; init; }

    /// <summary>Why the processor computes although there is a GPU, null when there is nothing to say.</summary>
    [JsonPropertyName("note")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Note { get; init; }
}
