using System.Text.Json;
using Dapper;
using FineTuneChat.Gateway.Access;
using FineTuneChat.Gateway.Storage;
using FineTuneChat.Protocol.Lists;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Learning.FineTuning;

/// <summary>The fine-tuning jobs.</summary>
internal sealed class JobStore(Database database, TimeProvider time)
{
    private const string Select = "SELECT * FROM fine_tuning_jobs";

    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    public async Task<JobRecord> AddAsync(string assistant, JobRequest request)
    {
        DateTimeOffset now = time.GetUtcNow();
        var job = new JobRecord
        {
            Id = $"ftjob-{Guid.CreateVersion7(now):N}",
            Assistant = assistant,
            Model = request.Model!,
            TrainingFile = request.TrainingFile!,
            ValidationFile = request.ValidationFile,
            Suffix = request.Suffix,
            Seed = request.Seed,
            Metadata = request.Metadata is null ? null : JsonSerializer.Serialize(request.Metadata, FineTuningJson.Wire.DictionaryStringString),
            Hyperparameters = JsonSerializer.Serialize(request.Asked, FineTuningJson.Wire.Hyperparameters),
            CreatedAt = now.ToUnixTimeMilliseconds(),
        };
        await database.WriteAsync(c => c.Execute(
            """
            INSERT INTO fine_tuning_jobs (id, assistant, model, training_file, validation_file, suffix, metadata, hyperparameters, seed, created_at)
            VALUES (@Id, @Assistant, @Model, @TrainingFile, @ValidationFile, @Suffix, @Metadata, @Hyperparameters, @Seed, @CreatedAt)
            """,
            job));
        return job;
    }

    /// <exception cref="OpenAiException">404: there is none.</exception>
    public JobRecord Require(string id) =>
        database.Read(c => c.QueryFirstOrDefault<JobRecord>($"{Select} WHERE id = @id", new { id })) ?? throw OpenAiException.NotFound("fine-tuning job", id);

    /// <summary>Those that the caller sees, the newest first.</summary>
    public IReadOnlyList<JobRecord> List(Caller caller, ListQuery page) => database.Read(c => c.Query<JobRecord>(
        $"{Select} WHERE @After IS NULL OR id < @After ORDER BY id DESC", new { page.After }, buffered: false)
        .Where(job => caller.MayAsk(job.Assistant)).Take(page.Limit + 1).ToArray());

    /// <summary>The oldest job that has neither a run nor an end.</summary>
    public JobRecord? Next() => database.Read(c => c.QueryFirstOrDefault<JobRecord>(
        $"{Select} WHERE run_id IS NULL AND finished_at IS NULL ORDER BY id LIMIT 1"));

    /// <summary>The job that a run is; null: none.</summary>
    public JobRecord? OfRun(string run) => database.Read(c => c.QueryFirstOrDefault<JobRecord>($"{Select} WHERE run_id = @run", new { run }));

    /// <summary>The run that somebody has paused and that has not ended.</summary>
    public string? PausedRun() => database.Read(c => c.QueryFirstOrDefault<string>(
        "SELECT run_id FROM fine_tuning_jobs JOIN runs ON runs.id = run_id WHERE is_paused AND runs.finished_at IS NULL"));

    public Task SetReadAsync(string id, int examples, IEnumerable<string> warnings) => database.WriteAsync(c => c.Execute(
        "UPDATE fine_tuning_jobs SET examples = @examples, warnings = @warnings WHERE id = @id",
        new { id, examples, warnings = JsonSerializer.Serialize([.. warnings], FineTuningJson.Wire.StringArray) }));

    public Task FailAsync(string id, string error) => database.WriteAsync(c => c.Execute(
        "UPDATE fine_tuning_jobs SET error = @error, finished_at = @Now WHERE id = @id", new { id, error, Now }));

    /// <summary>Ends a job before it has a run; false when it has one, or has ended.</summary>
    public async Task<bool> CancelAsync(string id) => await database.WriteAsync(c => c.Execute(
        "UPDATE fine_tuning_jobs SET is_cancelled = TRUE, finished_at = @Now WHERE id = @id AND run_id IS NULL AND finished_at IS NULL", new { id, Now })) > 0;

    public Task SetPausedAsync(string id, bool isPaused) =>
        database.WriteAsync(c => c.Execute("UPDATE fine_tuning_jobs SET is_paused = @isPaused WHERE id = @id", new { id, isPaused }));
}
