using System.ComponentModel.DataAnnotations;
using System.Text.Json;

namespace FineTuneChat.Gateway.Learning.FineTuning;

/// <summary>A job in OpenAI's shape. Times are Unix seconds.</summary>
internal sealed record FineTuningJob
{
    public string Object => "fine_tuning.job";
    public required string Id { get; init; }
    public required string Model { get; init; }
    public required long CreatedAt { get; init; }
    public required long? FinishedAt { get; init; }

    /// <summary>The version that came of it, such as <c>assistant@3</c>: a model's id.</summary>
    public required string? FineTunedModel { get; init; }
    public string OrganizationId => "local";

    /// <summary>Of a job that only trained: a zip with PEFT's two files.</summary>
    public required IReadOnlyList<string> ResultFiles { get; init; }

    [AllowedValues(
        JobStatus.ValidatingFiles, JobStatus.Queued, JobStatus.Running, JobStatus.Paused, JobStatus.Succeeded, JobStatus.Failed, JobStatus.Cancelled)]
    public required string Status { get; init; }
    public required string TrainingFile { get; init; }
    public required string? ValidationFile { get; init; }
    public required Hyperparameters Hyperparameters { get; init; }
    public required JobMethod Method { get; init; }

    /// <summary>Not counted before the end.</summary>
    public required long? TrainedTokens { get; init; }
    public required JobError? Error { get; init; }
    public IReadOnlyList<JsonElement> Integrations => [];
    public required int Seed { get; init; }
    public required long? EstimatedFinish { get; init; }
    public required string? UserProvidedSuffix { get; init; }
    public required Dictionary<string, string>? Metadata { get; init; }

    /// <summary>The run that it is, for <c>/api/training/runs</c>; null until one began.</summary>
    public required string? RunId { get; init; }
}

/// <summary>Why a job failed.</summary>
internal sealed record JobError(string Code, string Message, string? Param);

internal static class JobStatus
{
    public const string ValidatingFiles = "validating_files";
    public const string Queued = "queued";
    public const string Running = "running";
    public const string Paused = "paused";
    public const string Succeeded = "succeeded";
    public const string Failed = "failed";
    public const string Cancelled = "cancelled";

    public static bool IsFinished(string status) => status is Succeeded or Failed or Cancelled;
}

/// <summary>What happened to a job.</summary>
internal sealed record JobEvent
{
    public string Object => "fine_tuning.job.event";
    public required string Id { get; init; }
    public required long CreatedAt { get; init; }
    [AllowedValues("info", "warn", "error")] public required string Level { get; init; }
    public required string Message { get; init; }
    [AllowedValues("message", "metrics")] public required string Type { get; init; }

    /// <summary>Of a step: <c>step</c>, <c>train_loss</c>, <c>valid_loss</c>.</summary>
    public required StepMetrics? Data { get; init; }
}

/// <summary>Figures of a step.</summary>
internal sealed record StepMetrics(int Step, double? TrainLoss, double? ValidLoss);

/// <summary>A model of a job that can be asked: the finished one. What the trainer saves on its way is no model.</summary>
internal sealed record JobCheckpoint
{
    public string Object => "fine_tuning.job.checkpoint";
    public required string Id { get; init; }
    public required long CreatedAt { get; init; }
    public required string FineTunedModelCheckpoint { get; init; }
    public required string FineTuningJobId { get; init; }
    public required int StepNumber { get; init; }
    public required StepMetrics Metrics { get; init; }
}
