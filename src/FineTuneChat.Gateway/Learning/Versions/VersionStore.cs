using System.Data.Common;
using System.Text.Json;
using Dapper;
using FineTuneChat.Gateway.Learning.Gate;
using FineTuneChat.Gateway.Models;
using FineTuneChat.Gateway.Serving;
using FineTuneChat.Gateway.Storage;
using FineTuneChat.Protocol;

namespace FineTuneChat.Gateway.Learning.Versions;

/// <summary>The versions of an assistant, and which one is in service.</summary>
internal sealed partial class VersionStore(
    Assistant assistant, Database database, DataFolder folder, StorageSettings settings, TimeProvider time, ILogger<VersionStore> logger)
{
    private const string Columns =
        "v.assistant, v.number, v.base, v.base_sha256, v.run_id, v.file, v.adapter, v.type, v.bytes, v.figures, v.created_at, v.problem, v.removed_at, "
        + "v.erasure_id, v.status, v.sha256, "
        + "(SELECT r.gate FROM runs r WHERE r.id = v.run_id) AS gate, (v.number = a.active_version) AS active, "
        + $"CASE WHEN v.number = 0 THEN '{VersionKept.Base}' WHEN v.number = a.active_version THEN '{VersionKept.InService}' "
        + $"WHEN v.number = a.previous_version AND a.active_version > 0 THEN '{VersionKept.Rollback}' END AS kept";

    private const string From = "FROM versions v JOIN assistants a ON a.name = v.assistant WHERE v.assistant = @Id";

    /// <summary>
    /// Brings the records in line with what is there: number 0 is the base of this start; what is in service has its file. A new base
    /// starts from itself: its predecessor's versions stay and can be activated.
    /// </summary>
    public async Task<ModelVersion> OpenAsync()
    {
        BaseModel baseModel = assistant.Base;
        await database.WriteAsync(connection =>
        {
            connection.Execute("INSERT INTO assistants (name) VALUES (@Id) ON CONFLICT DO NOTHING", new { assistant.Id });
            string? before = connection.QueryFirstOrDefault<string>(
                "SELECT base_sha256 FROM versions WHERE assistant = @Id AND number = 0", new { assistant.Id });
            if (before == baseModel.Sha256)
                return;
            connection.Execute(
                """
                INSERT INTO versions (assistant, number, base, base_sha256, file, type, bytes, figures, created_at)
                VALUES (@Id, 0, @Name, @Sha256, @file, @type, @Bytes, '{}', @now)
                ON CONFLICT (assistant, number) DO UPDATE
                    SET base = @Name, base_sha256 = @Sha256, file = @file, type = @type, bytes = @Bytes, problem = NULL, since = 0, created_at = @now;
                UPDATE assistants SET active_version = 0 WHERE name = @Id
                """,
                new
                {
                    assistant.Id,
                    baseModel.Name,
                    baseModel.Sha256,
                    file = Path.GetFileName(baseModel.Path),
                    type = baseModel.Type.ToString(),
                    baseModel.Bytes,
                    now = time.GetUtcNow().ToUnixTimeMilliseconds(),
                });
            if (before is not null)
                LogNewBase(logger, assistant.Id, baseModel.Name);
        });
        await TidyAsync();

        ModelVersion active = Active();
        string? damage = IsServable(active) ? await DamageAsync(active, isCached: true) : $"{active.File} is missing.";
        if (damage is null)
            return active;
        ModelVersion instead = RollbackTarget() ?? Find(0)!;
        LogNotServable(logger, assistant.Id, active.Number, damage, instead.Number);
        await ActivateAsync(instead.Number);
        await ReportAsync(active.Number, damage);
        return Active();
    }

    /// <summary>Removes the files of versions that are too many, and folders that are no version.</summary>
    public async Task TidyAsync()
    {
        const double BytesPerGigabyte = 1e9;
        foreach (ModelVersion surplus in Retention.Surplus(List(), Previous(), settings.MaxVersions, settings.MaxVersionGigabytes * BytesPerGigabyte))
            await MarkRemovedAsync(surplus.Number);
        VersionFolder.RemoveLeftovers(folder.VersionsOf(assistant.Id), List().Select(v => v.Number).ToHashSet());
    }

    /// <summary>
    /// Deletes the files of a version, and the adapter of its run, which is the same, in both its formats; what is known of it stays. Not for one that is
    /// <see cref="ModelVersion.Kept"/>, unless something in it was erased; then it is nothing to go back to any more.
    /// </summary>
    /// <param name="version">Not the one in service.</param>
    /// <param name="erasure">For which it goes; null: somebody deletes it.</param>
    public async Task RemoveAsync(ModelVersion version, string? erasure = null)
    {
        if (version.RunId is { } run && Directory.Exists(folder.Run(run)))
            foreach (string weights in (string[])[folder.RunAdapter(run), Path.Combine(folder.Run(run), DataFolder.PeftWeights)])
                File.Delete(weights);
        await MarkRemovedAsync(version.Number, erasure);
        VersionFolder.RemoveLeftovers(folder.VersionsOf(assistant.Id), List().Select(v => v.Number).ToHashSet());
    }

    // First the mark, then the files: after a crash in between the next start removes them.
    private Task MarkRemovedAsync(int number, string? erasure = null) => database.WriteAsync(c => c.Execute(
        """
        UPDATE versions SET removed_at = @now, erasure_id = @erasure
        WHERE assistant = @Id AND number = @number AND number > 0 AND removed_at IS NULL;
        UPDATE assistants SET previous_version = NULL WHERE name = @Id AND previous_version = @number AND @erasure IS NOT NULL
        """,
        new { assistant.Id, number, erasure, now = time.GetUtcNow().ToUnixTimeMilliseconds() }));

    /// <summary>The versions whose files are there, newest first.</summary>
    public IReadOnlyList<ModelVersion> List() =>
        database.Read(c => c.Query<Row>($"SELECT {Columns} {From} AND v.removed_at IS NULL ORDER BY v.number DESC", new { assistant.Id })
            .Select(r => r.ToVersion(c)).ToArray());

    /// <summary>
    /// The version to go back to when the active one turns out bad: its predecessor, else the newest of the older ones, at last the base. Never one
    /// that the gate refused: that is for a person to choose. Null when there is none.
    /// </summary>
    public ModelVersion? RollbackTarget()
    {
        (int active, int? previous) = (Active().Number, Previous());
        return List()
            .Where(v => v is { Active: false, Problem: null, Status: VersionStatus.Accepted } && (v.Number == previous || v.Number < active) && IsServable(v))
            .OrderByDescending(v => v.Number == previous).ThenByDescending(v => v.Number).FirstOrDefault();
    }

    private int? Previous() => database.Read(c => c.QueryFirst<int?>(
        "SELECT previous_version FROM assistants WHERE name = @Id", new { assistant.Id }));

    /// <summary>Notes why a version was taken out of service.</summary>
    public Task ReportAsync(int number, string problem) => database.WriteAsync(c => c.Execute(
        "UPDATE versions SET problem = @problem WHERE assistant = @Id AND number = @number", new { assistant.Id, number, problem }));

    public ModelVersion? Find(int number) =>
        database.Read(c => c.QueryFirstOrDefault<Row>($"SELECT {Columns} {From} AND v.number = @number", new { assistant.Id, number })?.ToVersion(c));

    public ModelVersion Active() =>
        database.Read(c => c.QueryFirst<Row>($"SELECT {Columns} {From} AND v.number = a.active_version", new { assistant.Id }).ToVersion(c));

    /// <summary>Makes a version the one in service after the next start, too.</summary>
    public Task ActivateAsync(int number) => database.WriteAsync(c => c.Execute(
        """
        UPDATE assistants
        SET previous_version = CASE WHEN active_version = @number THEN previous_version ELSE active_version END, active_version = @number
        WHERE name = @Id;
        UPDATE versions SET problem = NULL, since = @now WHERE assistant = @Id AND number = @number
        """,
        new { assistant.Id, number, now = time.GetUtcNow().ToUnixTimeMilliseconds() }));

    /// <summary>The number that the next version gets: numbers are never used twice.</summary>
    public int NextNumber() =>
        database.Read(c => c.ExecuteScalar<int>("SELECT MAX(number) + 1 FROM versions WHERE assistant = @Id", new { assistant.Id }));

    /// <summary>Records a version whose folder is complete.</summary>
    public Task AddAsync(ModelVersion version) => database.WriteAsync(c => c.Execute(
        """
        INSERT INTO versions (assistant, number, base, base_sha256, run_id, file, adapter, type, bytes, figures, status, sha256, created_at)
        VALUES (@Id, @Number, @Base, @BaseSha256, @RunId, @File, @Adapter, @Type, @Bytes, @figures, @Status, @Sha256, @now)
        """,
        new
        {
            assistant.Id,
            version.Number,
            version.Base,
            version.BaseSha256,
            version.RunId,
            version.File,
            version.Adapter,
            version.Type,
            version.Bytes,
            version.Status,
            version.Sha256,
            figures = version.Figures.GetRawText(),
            now = time.GetUtcNow().ToUnixTimeMilliseconds(),
        }));

    /// <summary>Whether the version's files are there; an adapter needs the base that it was trained on.</summary>
    public bool IsServable(ModelVersion version)
    {
        EngineSpecification engine = Specification(version);
        return version.RemovedAt is null && File.Exists(engine.ModelPath)
            && (engine.AdapterPath is null || (File.Exists(engine.AdapterPath) && version.BaseSha256 == assistant.Base.Sha256));
    }

    /// <summary>What has become of the version's file since it was written; null when it is as it was.</summary>
    /// <param name="version">Whose files are there.</param>
    /// <param name="isCached">Whether it is enough that size and time of the file have not changed.</param>
    public async Task<string?> DamageAsync(ModelVersion version, bool isCached)
    {
        if (version.Sha256 is null)
            return null;
        EngineSpecification engine = Specification(version);
        string path = engine.AdapterPath ?? engine.ModelPath, hash = isCached ? await FileHash.OfAsync(path, database) : await FileHash.ComputeAsync(path);
        return hash == version.Sha256
            ? null
            : $"{version.File} is not the file any more that was measured: the disk or somebody has changed it "
                + $"(SHA-256 {hash[..8]}…, was {version.Sha256[..8]}…).";
    }

    public EngineSpecification Specification(ModelVersion version) => new(
        AssistantNames.Versioned(assistant.Id, version.Number),
        version.Number == 0 || version.Adapter is not null ? assistant.Base.Path : Path.Combine(folder.Root, version.File),
        version.Adapter is null ? null : Path.Combine(folder.Root, version.Adapter),
        version.Number,
        assistant.Id);

    [LoggerMessage(
        4001, LogLevel.Warning,
        "The base model of {Assistant} is now {Base}: version 0 is that file and in service; versions of the former base stay and can be activated")]
    private static partial void LogNewBase(ILogger logger, string assistant, string @base);

    [LoggerMessage(4002, LogLevel.Error, "Version {Number} of {Assistant} cannot be served: {Reason} Serving version {Instead}")]
    private static partial void LogNotServable(ILogger logger, string assistant, int number, string reason, int instead);

    private sealed class Row
    {
        public required string Assistant { get; init; }
        public required int Number { get; init; }
        public required string Base { get; init; }
        public required string BaseSha256 { get; init; }
        public string? RunId { get; init; }
        public required string File { get; init; }
        public string? Adapter { get; init; }
        public required string Type { get; init; }
        public required long Bytes { get; init; }
        public required string Figures { get; init; }
        public required long CreatedAt { get; init; }
        public required bool Active { get; init; }
        public string? Problem { get; init; }
        public long? RemovedAt { get; init; }
        public string? ErasureId { get; init; }
        public required string Status { get; init; }
        public string? Sha256 { get; init; }
        public string? Gate { get; init; }
        public string? Kept { get; init; }

        public ModelVersion ToVersion(DbConnection connection) => new()
        {
            Assistant = Assistant,
            Number = Number,
            Active = Active,
            CreatedAt = CreatedAt / 1000,
            Base = Base,
            BaseSha256 = BaseSha256,
            RunId = RunId,
            File = File,
            Adapter = Adapter,
            Type = Type,
            Bytes = Bytes,
            Figures = JsonElement.Parse(Figures),
            Status = Status,
            Sha256 = Sha256,
            Gate = Gate is null ? null : ExampleNames.Fill(connection, JsonSerializer.Deserialize(Gate, GateJson.Wire.GateVerdict)!),
            Problem = Problem,
            RemovedAt = RemovedAt / 1000,
            Erasure = ErasureId,
            Kept = Kept,
        };
    }
}
