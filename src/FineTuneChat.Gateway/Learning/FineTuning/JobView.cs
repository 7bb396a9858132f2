using System.Text.Json;
using FineTuneChat.Gateway.Learning.Runs;
using FineTuneChat.Protocol;

namespace FineTuneChat.Gateway.Learning.FineTuning;

/// <summary>A job as OpenAI's clients see it: its record and its run, in their words. Pure.</summary>
/// <param name="Job">What was asked for.</param>
/// <param name="Run">What it became; null until one began.</param>
internal sealed record JobView(JobRecord Job, Run? Run)
{
    private const double MillisecondsPerSecond = 1000;

    public string Status => Run is not null ? OfRun(Run.Status)
        : Job.IsCancelled ? JobStatus.Cancelled
        : Job.Error is not null ? JobStatus.Failed
        : Job.IsPaused ? JobStatus.Paused
        : Job.Examples is null ? JobStatus.ValidatingFiles : JobStatus.Queued;

    public bool IsFinished => JobStatus.IsFinished(Status);

    private string? Model => Run is { Status: RunStatus.Succeeded, Version: { } version } ? AssistantNames.Versioned(Job.Assistant, version) : null;

    private JobError? Error => Run switch
    {
        null => Job.Error is { } error ? new JobError("invalid_training_file", error, "training_file") : null,
        { Status: RunStatus.Refused } => new JobError("refused_by_gate", Refusal(Run), null),
        { Status: RunStatus.Failed } => new JobError("training_failed", Run.Error ?? "The run failed.", null),
        _ => null,
    };

    public FineTuningJob ToJob(long now) => new()
    {
        Id = Job.Id,
        Model = Job.Model,
        CreatedAt = Job.CreatedAt / 1000,
        FinishedAt = Run is null ? Job.FinishedAt / 1000 : Run.FinishedAt,
        FineTunedModel = Model,
        ResultFiles = Run is { Status: RunStatus.Succeeded } && Job.Guest is not null ? [Job.ResultFile] : [],
        Status = Status,
        TrainingFile = Job.TrainingFile,
        ValidationFile = Job.ValidationFile,
        Hyperparameters = Job.Asked,
        Method = new JobMethod { Type = "supervised", Supervised = new SupervisedMethod { Hyperparameters = Job.Asked } },
        TrainedTokens = null,
        Error = Error,
        Seed = Job.Seed ?? Run?.Options.Seed ?? 1,
        EstimatedFinish = Run is { Status: RunStatus.Training, Progress.SecondsLeft: { } left } ? now + (long)Math.Ceiling(left) : null,
        UserProvidedSuffix = Job.Suffix,
        Metadata = Job.Metadata is null ? null : JsonSerializer.Deserialize(Job.Metadata, FineTuningJson.Wire.DictionaryStringString),
        RunId = Job.RunId,
    };

    /// <summary>What happened so far, newest first.</summary>
    /// <param name="curve">Of the run.</param>
    public IReadOnlyList<JobEvent> Events(IReadOnlyList<CurvePoint> curve)
    {
        var events = new List<JobEvent>();
        long created = Job.CreatedAt / 1000, ended = Run?.FinishedAt ?? Job.FinishedAt / 1000 ?? created, began = Run?.CreatedAt ?? created;
        Add(created, "info", $"Created fine-tuning job: {Job.Id}");
        foreach (string warning in Job.Warned)
            Add(began, "warn", warning);
        if (Job.Examples is { } examples)
            Add(began, "info", $"Files read: {examples} examples");
        if (Run is not null)
            Add(began, "info", $"Fine-tuning job started: run {Run.Id}");
        int steps = Run?.Progress?.Steps ?? 0;
        foreach (CurvePoint point in curve)
            Add(
                point.At is { } at ? (long)(at / MillisecondsPerSecond) : began, "info", $"Step {point.Step}/{steps}: training loss={point.Loss:0.####}",
                new StepMetrics(point.Step, point.Loss, point.ValLoss));
        if (Error is { } error)
            Add(ended, "error", error.Message);
        if (Model is { } model)
            Add(ended, "info", $"New fine-tuned model created: {model}");
        if (Status is JobStatus.Succeeded or JobStatus.Cancelled)
            Add(ended, "info", $"The job has {(Status == JobStatus.Succeeded ? "successfully completed" : "been cancelled")}");
        events.Reverse();
        return events;

        void Add(long at, string level, string message, StepMetrics? data = null) => events.Add(new JobEvent
        {
            Id = $"ftevent-{Job.Id["ftjob-".Length..]}-{events.Count:000000}",
            CreatedAt = at,
            Level = level,
            Message = message,
            Type = data is null ? "message" : "metrics",
            Data = data,
        });
    }

    /// <summary>The finished model, where there is one.</summary>
    public IReadOnlyList<JobCheckpoint> Checkpoints() => Model is not { } model || Run!.Progress is not { } progress ? [] :
    [
        new JobCheckpoint
        {
            Id = $"ftckpt-{Job.Id["ftjob-".Length..]}",
            CreatedAt = Run.FinishedAt ?? Run.CreatedAt,
            FineTunedModelCheckpoint = model,
            FineTuningJobId = Job.Id,
            StepNumber = progress.Step,
            Metrics = new StepMetrics(progress.Step, progress.Loss, progress.ValLoss),
        },
    ];

    private string OfRun(string status) => status switch
    {
        RunStatus.Succeeded => JobStatus.Succeeded,
        RunStatus.Cancelled => JobStatus.Cancelled,
        RunStatus.Failed or RunStatus.Refused => JobStatus.Failed,
        _ when Job.IsPaused => JobStatus.Paused,
        RunStatus.Queued => JobStatus.Queued,
        _ => JobStatus.Running,
    };

    private static string Refusal(Run run) =>
        $"The gate refused what came of it: {string.Join(" ", run.Gate?.Reasons ?? [])}"
        + (run.Version is { } version ? $" It can still be asked as '{AssistantNames.Versioned(run.Assistant, version)}'." : "");
}
