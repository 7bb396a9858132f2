using System.Data.Common;
using System.Text.Json;
using Dapper;
using FineTuneChat.Gateway.Storage;
using FineTuneChat.Protocol.Lists;

namespace FineTuneChat.Gateway.Learning.Erasure;

/// <summary>The certificates: in the database, which is right where the two differ, and as files in <c>erasures/</c> for whoever asks for one.</summary>
internal sealed class ErasureStore(Database database, DataFolder data)
{
    /// <summary>Notes an erasure, in the transaction that deletes.</summary>
    public static void Add(
        DbConnection connection, string assistant, ErasureCertificate certificate, IReadOnlyList<TextFingerprint> fingerprints) => connection.Execute(
        """
        INSERT INTO erasures (id, assistant, status, fingerprints, certificate, created_at)
        VALUES (@Id, @assistant, @Status, @fingerprints, @certificate, @CreatedAt * 1000)
        """,
        new
        {
            certificate.Id,
            certificate.Status,
            certificate.CreatedAt,
            assistant,
            fingerprints = JsonSerializer.Serialize(fingerprints, ErasureJson.Wire.IReadOnlyListTextFingerprint),
            certificate = Json(certificate),
        });

    public ListPage<ErasureCertificate> List(string assistant, ListQuery page) => database.Read(connection => ListPage<ErasureCertificate>.Of(
        [
            .. connection.Query<string>(
                "SELECT certificate FROM erasures WHERE assistant = @assistant AND (@After IS NULL OR id < @After) ORDER BY id DESC LIMIT @limit",
                new { assistant, page.After, limit = page.Limit + 1 }).Select(Read),
        ],
        page.Limit, e => e.Id));

    /// <summary>Whose was erased; null: there is no such erasure.</summary>
    public string? AssistantOf(string id) =>
        database.Read(c => c.QueryFirstOrDefault<string>("SELECT assistant FROM erasures WHERE id = @id", new { id }));

    public ErasureCertificate? Find(string id) => database.Read(c =>
        c.QueryFirstOrDefault<string>("SELECT certificate FROM erasures WHERE id = @id", new { id }) is { } json ? Read(json) : null);

    /// <summary>Those that are not done, oldest first.</summary>
    public IReadOnlyList<OpenErasure> Open() => database.Read(connection => connection
        .Query<Row>("SELECT id, assistant, certificate, fingerprints, run_id, failed_runs FROM erasures WHERE status <> 'done' ORDER BY id")
        .Select(row => row.ToOpen(connection)).ToArray());

    /// <summary>Writes a certificate as it is now, first into the database. What it is recognised by goes when it is done.</summary>
    public async Task SaveAsync(ErasureCertificate certificate)
    {
        await database.WriteAsync(c => c.Execute(
            """
            UPDATE erasures SET status = @Status, certificate = @json, fingerprints = CASE WHEN @Status = 'done' THEN NULL ELSE fingerprints END WHERE id = @Id
            """,
            new { certificate.Id, certificate.Status, json = Json(certificate) }));
        WriteFile(certificate);
    }

    /// <summary>Adds to what is deleted for it, before it is: a crash in between leaves nothing out.</summary>
    public async Task AddDeletedAsync(string id, IEnumerable<string> paths)
    {
        string[] names = [.. paths.Select(path => Path.GetRelativePath(data.Root, path).Replace('\\', '/'))];
        ErasureCertificate certificate = Find(id)!;
        if (names.Except(certificate.Deleted).Any())
            await SaveAsync(certificate with { Deleted = [.. certificate.Deleted.Union(names)] });
    }

    /// <summary>Notes the run that is to replace the version in service.</summary>
    /// <param name="ids">For which it was started.</param>
    /// <param name="run">The run.</param>
    /// <param name="failed">Runs before it that did not come into service.</param>
    public Task StartedAsync(IReadOnlyCollection<string> ids, string run, int failed) => database.WriteAsync(c => c.Execute(
        "UPDATE erasures SET run_id = @run, failed_runs = @failed WHERE id IN (SELECT value FROM json_each(@ids))",
        new { ids = StoredJson.Array(ids), run, failed }));

    /// <summary>Brings the files in line with the database, and removes what a crash left of a measurement.</summary>
    public void RestoreFiles()
    {
        foreach (string file in Directory.EnumerateFiles(data.Erasures).Where(file => Path.GetExtension(file) != ".json"))
            File.Delete(file);
        foreach (string json in database.Read(c => c.Query<string>("SELECT certificate FROM erasures").ToArray()))
            WriteFile(Read(json));
    }

    private void WriteFile(ErasureCertificate certificate)
    {
        string path = Path.Combine(data.Erasures, $"{certificate.Id}.json");
        string text = JsonSerializer.Serialize(certificate, ErasureJson.Indented.ErasureCertificate).ReplaceLineEndings("\n");
        if (!File.Exists(path) || File.ReadAllText(path) != text + "\n")
            PrivateFile.WriteLines(path, [text]);
    }

    private static string Json(ErasureCertificate certificate) => JsonSerializer.Serialize(certificate, ErasureJson.Wire.ErasureCertificate);

    private static ErasureCertificate Read(string json) => JsonSerializer.Deserialize(json, ErasureJson.Wire.ErasureCertificate)!;

    private sealed class Row
    {
        public required string Id { get; init; }
        public required string Assistant { get; init; }
        public required string Certificate { get; init; }
        public string? Fingerprints { get; init; }
        public string? RunId { get; init; }
        public required int FailedRuns { get; init; }

        public OpenErasure ToOpen(DbConnection connection)
        {
            var used = connection.Query<(string Run, long Trained)>("SELECT run_id, examples FROM forgotten WHERE erasure_id = @Id", new { Id }).ToArray();
            return new()
            {
                Assistant = Assistant,
                Certificate = Read(Certificate),
                Fingerprints = JsonSerializer.Deserialize(Fingerprints ?? "[]", ErasureJson.Wire.IReadOnlyListTextFingerprint)!,
                Run = RunId,
                FailedRuns = FailedRuns,
                UsedBy = used.Select(u => u.Run).ToHashSet(),
                LearnedBy = used.Where(u => u.Trained > 0).Select(u => u.Run).ToHashSet(),
            };
        }
    }
}
