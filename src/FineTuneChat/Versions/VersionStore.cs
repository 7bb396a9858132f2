using System.Text.Json;
using Dapper;
using FineTuneChat.Gateway;
using FineTuneChat.Gateway.Engines;
using FineTuneChat.Models;
using FineTuneChat.Storage;

namespace FineTuneChat.Versions;

/// <summary>The versions of the assistant, and which one is in service.</summary>
internal sealed partial class VersionStore(Database database, DataFolder folder, BaseModel baseModel, TimeProvider time, ILogger<VersionStore> logger)
{
    private const string Columns =
        "v.number, v.base, v.base_sha256, v.run_id, v.file, v.adapter, v.type, v.bytes, v.figures, v.created_at, (v.number = a.active_version) AS active";

    private const string From = "FROM versions v JOIN assistants a ON a.name = v.assistant WHERE v.assistant = 'assistant'";

    /// <summary>
    /// Brings the records in line with what is there: number 0 is the base of this start; what is in service has its file. A new base
    /// starts from itself: its predecessor's versions stay and can be activated.
    /// </summary>
    public async Task<ModelVersion> OpenAsync()
    {
        await database.WriteAsync(connection =>
        {
            connection.Execute("INSERT OR IGNORE INTO assistants (name) VALUES ('assistant')");
            string? before = connection.QueryFirstOrDefault<string>("SELECT base_sha256 FROM versions WHERE assistant = 'assistant' AND number = 0");
            if (before == baseModel.Sha256)
                return;
            connection.Execute(
                """
                INSERT OR REPLACE INTO versions (assistant, number, base, base_sha256, file, type, bytes, figures, created_at)
                VALUES ('assistant', 0, @Name, @Sha256, @file, @type, @Bytes, '{}', @now);
                UPDATE assistants SET active_version = 0 WHERE name = 'assistant'
                """,
                new { baseModel.Name, baseModel.Sha256, file = Path.GetFileName(baseModel.Path), type = baseModel.Type.ToString(), baseModel.Bytes, now = time.GetUtcNow().ToUnixTimeMilliseconds() });
            if (before is not null)
                LogNewBase(logger, baseModel.Name);
        });
        RemoveLeftovers();

        ModelVersion active = Active();
        if (IsServable(active))
            return active;
        LogFileMissing(logger, active.Number, active.File);
        await ActivateAsync(0);
        return Active();
    }

    /// <summary>Removes folders that are no version.</summary>
    public void RemoveLeftovers() => VersionFolder.RemoveLeftovers(folder, List().Select(v => v.Number).ToHashSet());

    public IReadOnlyList<ModelVersion> List() => database.Read(c => c.Query<Row>($"SELECT {Columns} {From} ORDER BY v.number DESC").Select(r => r.ToVersion()).ToArray());

    public ModelVersion? Find(int number) => database.Read(c => c.QueryFirstOrDefault<Row>($"SELECT {Columns} {From} AND v.number = @number", new { number })?.ToVersion());

    public ModelVersion Active() => database.Read(c => c.QueryFirst<Row>($"SELECT {Columns} {From} AND v.number = a.active_version").ToVersion());

    /// <summary>Makes a version the one in service after the next start, too.</summary>
    public Task ActivateAsync(int number) => database.WriteAsync(c => c.Execute("UPDATE assistants SET active_version = @number WHERE name = 'assistant'", new { number }));

    /// <summary>The number that the next version gets: numbers are never used twice.</summary>
    public int NextNumber() => database.Read(c => c.ExecuteScalar<int>("SELECT MAX(number) + 1 FROM versions WHERE assistant = 'assistant'"));

    /// <summary>Records a version whose folder is complete.</summary>
    public Task AddAsync(ModelVersion version) => database.WriteAsync(c => c.Execute(
        """
        INSERT INTO versions (assistant, number, base, base_sha256, run_id, file, adapter, type, bytes, figures, created_at)
        VALUES ('assistant', @Number, @Base, @BaseSha256, @RunId, @File, @Adapter, @Type, @Bytes, @figures, @now)
        """,
        new
        {
            version.Number, version.Base, version.BaseSha256, version.RunId, version.File, version.Adapter, version.Type, version.Bytes,
            figures = version.Figures.GetRawText(), now = time.GetUtcNow().ToUnixTimeMilliseconds(),
        }));

    /// <summary>Whether the version's files are there; an adapter needs the base that it was trained on.</summary>
    public bool IsServable(ModelVersion version)
    {
        EngineSpecification engine = Specification(version);
        return File.Exists(engine.ModelPath) && (engine.AdapterPath is null || (File.Exists(engine.AdapterPath) && version.BaseSha256 == baseModel.Sha256));
    }

    public EngineSpecification Specification(ModelVersion version) => new(
        Assistants.Versioned(Assistants.Default, version.Number),
        version.Number == 0 || version.Adapter is not null ? baseModel.Path : Path.Combine(folder.Root, version.File),
        version.Adapter is null ? null : Path.Combine(folder.Root, version.Adapter),
        version.Number);

    [LoggerMessage(4001, LogLevel.Warning, "The base model is now {Base}: version 0 is that file and in service; versions of the former base stay and can be activated")]
    private static partial void LogNewBase(ILogger logger, string @base);

    [LoggerMessage(4002, LogLevel.Error, "Version {Number} cannot be served, {File} is missing: serving version 0")]
    private static partial void LogFileMissing(ILogger logger, int number, string file);

    private sealed class Row
    {
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

        public ModelVersion ToVersion() => new()
        {
            Number = Number, Active = Active, CreatedAt = CreatedAt / 1000, Base = Base, BaseSha256 = BaseSha256, RunId = RunId,
            File = File, Adapter = Adapter, Type = Type, Bytes = Bytes, Figures = JsonElement.Parse(Figures),
        };
    }
}
