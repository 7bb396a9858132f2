using System.Text.Json;

namespace FineTuneChat.Gateway.Learning.FineTuning;

/// <summary>What the database knows of a job. All that its run knows stays with the run.</summary>
internal sealed record JobRecord
{
    public required string Id { get; init; }
    public required string Assistant { get; init; }
    public required string Model { get; init; }
    public required string TrainingFile { get; init; }
    public string? ValidationFile { get; init; }
    public string? Suffix { get; init; }

    /// <summary>JSON.</summary>
    public string? Metadata { get; init; }

    /// <summary>JSON.</summary>
    public required string Hyperparameters { get; init; }
    public int? Seed { get; init; }
    public bool IsCancelled { get; init; }
    public bool IsPaused { get; init; }

    /// <summary>Examples of its files; null until they were read.</summary>
    public int? Examples { get; init; }

    /// <summary>JSON.</summary>
    public string Warnings { get; init; } = "[]";
    public string? Error { get; init; }
    public string? RunId { get; init; }
    public required long CreatedAt { get; init; }
    public long? FinishedAt { get; init; }

    public Hyperparameters Asked => JsonSerializer.Deserialize(Hyperparameters, FineTuningJson.Wire.Hyperparameters)!;

    /// <summary>How it trains for another gateway; null: it is for the assistant here.</summary>
    public GuestOrder? Guest => GuestOrder.Of(
        Metadata is null ? null : JsonSerializer.Deserialize(Metadata, FineTuningJson.Wire.DictionaryStringString));

    /// <summary>The id of the file with its adapter, where it gives one.</summary>
    public string ResultFile => $"file-{Id["ftjob-".Length..]}";

    public IReadOnlyList<string> Warned => JsonSerializer.Deserialize(Warnings, FineTuningJson.Wire.StringArray)!;
}
