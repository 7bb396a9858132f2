using System.Data.Common;
using System.Text.Json;
using Dapper;
using FineTuneChat.Gateway.Learning.Gate;
using FineTuneChat.Gateway.Storage;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.Lists;
using FineTuneChat.Protocol.Runs;

namespace FineTuneChat.Gateway.Learning.Runs;

/// <summary>The runs and their loss curves.</summary>
internal sealed class RunStore(Database database, TimeProvider time)
{
    /// <param name="options">How it learns.</param>
    /// <param name="assistant">Who does.</param>
    /// <param name="job">The fine-tuning job that it is; null: none.</param>
    public async Task<Run> CreateAsync(RunOptions options, string assistant = AssistantNames.Default, string? job = null)
    {
        DateTimeOffset now = time.GetUtcNow();
        var run = new Run
        {
            Id = $"run_{Guid.CreateVersion7(now):N}",
            Assistant = assistant,
            Status = RunStatus.Queued,
            CreatedAt = now.ToUnixTimeSeconds(),
            Options = options,
        };
        await database.WriteAsync(connection =>
        {
            connection.Execute(
                "INSERT INTO runs (id, assistant, status, options, created_at) VALUES (@Id, @Assistant, @Status, @options, @now)",
                new
                {
                    run.Id,
                    run.Assistant,
                    run.Status,
                    options = JsonSerializer.Serialize(options, RunsJson.Wire.RunOptions),
                    now = now.ToUnixTimeMilliseconds(),
                });
            if (job is not null)
                connection.Execute("UPDATE fine_tuning_jobs SET run_id = @Id WHERE id = @job", new { run.Id, job });
        });
        return run;
    }

    /// <summary>Stores the run's present state and new points of its curve.</summary>
    public Task SaveAsync(Run run, IReadOnlyCollection<CurvePoint> points) => database.WriteAsync(connection =>
    {
        connection.Execute(
            """
            UPDATE runs SET status = @Status, examples = @Examples, held_out = @HeldOut, progress = @progress, gate = @gate, version = @Version,
                            error = @Error, attempts = @Attempts, finished_at = @finishedAt
            WHERE id = @Id
            """,
            new
            {
                run.Id,
                run.Status,
                run.Examples,
                run.HeldOut,
                run.Version,
                run.Error,
                run.Attempts,
                progress = run.Progress is null ? null : JsonSerializer.Serialize(run.Progress, RunsJson.Wire.RunProgress),
                gate = run.Gate is null ? null : JsonSerializer.Serialize(run.Gate, GateJson.Wire.GateVerdict),
                finishedAt = run.FinishedAt * 1000,
            });
        foreach (CurvePoint point in points) // a resumed run passes some steps again
            connection.Execute(
                """
                INSERT INTO run_points (run_id, step, loss, val_loss, at) VALUES (@Id, @Step, @Loss, @ValLoss, @At)
                ON CONFLICT (run_id, step) DO UPDATE SET loss = @Loss, val_loss = @ValLoss, at = @At
                """,
                new { run.Id, point.Step, point.Loss, point.ValLoss, point.At });
    });

    public Run? Find(string id) => database.Read(c => c.QueryFirstOrDefault<Row>("SELECT * FROM runs WHERE id = @id", new { id })?.ToRun(c));

    public IReadOnlyList<CurvePoint> Curve(string id) => database.Read(c =>
        c.Query<CurvePoint>("SELECT step, loss, val_loss, at FROM run_points WHERE run_id = @id ORDER BY step", new { id }).ToArray());

    public ListPage<Run> List(string assistant, ListQuery page) => database.Read(connection => ListPage<Run>.Of(
        [
            .. connection.Query<Row>(
                "SELECT * FROM runs WHERE assistant = @assistant AND (@After IS NULL OR id < @After) ORDER BY id DESC LIMIT @limit",
                new { assistant, page.After, limit = page.Limit + 1 })
                .Select(r => r.ToRun(connection)),
        ],
        page.Limit, r => r.Id));

    /// <summary>Runs whose data held something that was deleted since.</summary>
    public IReadOnlySet<string> Erased() => database.Read(c => c.Query<string>("SELECT DISTINCT run_id FROM forgotten").ToHashSet());

    /// <summary>The ids of all runs that have ended.</summary>
    public IReadOnlySet<string> Ended() => database.Read(c => c.Query<string>("SELECT id FROM runs WHERE finished_at IS NOT NULL").ToHashSet());

    public Run? LastFinished(string assistant) => database.Read(c => c.QueryFirstOrDefault<Row>(
        "SELECT * FROM runs WHERE assistant = @assistant AND finished_at IS NOT NULL ORDER BY id DESC LIMIT 1", new { assistant })?.ToRun(c));

    /// <summary>Runs that a crash or a stop left unfinished, oldest first.</summary>
    public IReadOnlyList<Run> Unfinished() => database.Read(c =>
        c.Query<Row>("SELECT * FROM runs WHERE finished_at IS NULL ORDER BY id").Select(r => r.ToRun(c)).ToArray());

    private sealed class Row
    {
        public required string Id { get; init; }
        public required string Assistant { get; init; }
        public required string Status { get; init; }
        public required string Options { get; init; }
        public required int Examples { get; init; }
        public required int HeldOut { get; init; }
        public string? Progress { get; init; }
        public string? Gate { get; init; }
        public int? Version { get; init; }
        public string? Error { get; init; }
        public required int Attempts { get; init; }
        public required long CreatedAt { get; init; }
        public long? FinishedAt { get; init; }

        public Run ToRun(DbConnection connection) => new()
        {
            Id = Id,
            Assistant = Assistant,
            Status = Status,
            Examples = Examples,
            HeldOut = HeldOut,
            Version = Version,
            Error = Error,
            Attempts = Attempts,
            CreatedAt = CreatedAt / 1000,
            FinishedAt = FinishedAt / 1000,
            Options = JsonSerializer.Deserialize(Options, RunsJson.Wire.RunOptions)!,
            Progress = Progress is null ? null : JsonSerializer.Deserialize(Progress, RunsJson.Wire.RunProgress),
            Gate = Gate is null ? null : ExampleNames.Fill(connection, JsonSerializer.Deserialize(Gate, GateJson.Wire.GateVerdict)!),
        };
    }
}
