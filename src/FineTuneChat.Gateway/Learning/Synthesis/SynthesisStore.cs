using System.Text.Json;
using Dapper;
using FineTuneChat.Gateway.Access;
using FineTuneChat.Gateway.Learning.Examples;
using FineTuneChat.Gateway.Storage;
using FineTuneChat.Protocol.Lists;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Learning.Synthesis;

/// <summary>The jobs that write rows from documents. A job goes with its collection, or its document.</summary>
internal sealed class SynthesisStore(Database database, TimeProvider time)
{
    private const string Select =
        """
        SELECT s.id, s.owner, s.assistant, s.store_id, s.file_id, COALESCE(f.name, v.name) AS name, s.writer, s.questions, s.most, s.status, s.error,
               s.passages, s.done, s.last_chunk, s.duplicates, s.unusable, s.imported, s.created_at, s.finished_at,
               (SELECT COUNT(*) FROM synthetic_rows WHERE synthesis = s.id AND status = 'open') AS open,
               (SELECT COUNT(*) FROM synthetic_rows WHERE synthesis = s.id AND status = 'accepted') AS accepted,
               (SELECT COUNT(*) FROM synthetic_rows WHERE synthesis = s.id AND status = 'dropped') AS dropped,
               (SELECT COUNT(*) FROM synthetic_rows WHERE synthesis = s.id AND status = 'dropped' AND flags LIKE '%"known"%') AS known
        FROM syntheses s JOIN vector_stores v ON v.id = s.store_id LEFT JOIN files f ON f.id = s.file_id
        """;

    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    public async Task<string> AddAsync(Caller caller, string assistant, string writer, SynthesisRequest request)
    {
        string id = $"synthesis_{Guid.CreateVersion7(time.GetUtcNow()):N}";
        await database.WriteAsync(c => c.Execute(
            """
            INSERT INTO syntheses (id, owner, assistant, writer, store_id, file_id, questions, most, created_at)
            VALUES (@id, @Owner, @assistant, @writer, @VectorStoreId, @FileId, @questions, @most, @Now)
            """,
            new
            {
                id,
                caller.Owner,
                assistant,
                writer,
                request.VectorStoreId,
                request.FileId,
                questions = request.Questions ?? SynthesisRequest.DefaultQuestions,
                most = request.Passages ?? SynthesisRequest.DefaultPassages,
                Now,
            }));
        return id;
    }

    /// <exception cref="OpenAiException">404: there is none that the caller sees.</exception>
    public StoredSynthesis Require(Caller caller, string id) =>
        Find(id) is { } job && MaySee(caller, job) ? job : throw OpenAiException.NotFound("synthesis", id);

    public StoredSynthesis? Find(string id) =>
        database.Read(c => c.QueryFirstOrDefault<StoredSynthesis>($"{Select} WHERE s.id = @id", new { id }));

    /// <summary>Those for an assistant, the newest first.</summary>
    public IReadOnlyList<StoredSynthesis> List(Caller caller, string assistant, string? store, ListQuery page) => database.Read(c => c.Query<StoredSynthesis>(
        $"""
        {Select} WHERE s.assistant = @assistant AND {caller.Sees("s.owner")} AND (@store IS NULL OR s.store_id = @store)
            AND (@After IS NULL OR s.id < @After)
        ORDER BY s.id DESC LIMIT @limit
        """,
        new { assistant, caller.Owner, store, page.After, limit = page.Limit + 1 }).ToArray());

    /// <summary>The oldest job that has not ended.</summary>
    public StoredSynthesis? Next() => database.Read(c => c.QueryFirstOrDefault<StoredSynthesis>(
        $"{Select} WHERE s.status = 'running' ORDER BY s.id LIMIT 1"));

    /// <summary>The passages of a job, in their order; of a text with more than are asked for, evenly from all of it.</summary>
    public IReadOnlyList<long> Passages(StoredSynthesis job)
    {
        long[] all = database.Read(c => c.Query<long>(
            """
            SELECT c.id FROM document_chunks c JOIN vector_store_files f ON f.id = c.entry
            WHERE f.store_id = @StoreId AND (@FileId IS NULL OR f.file_id = @FileId) ORDER BY c.id
            """,
            job).ToArray());
        return all.Length <= job.Most ? all : [.. Enumerable.Range(0, job.Most).Select(i => all[(long)i * all.Length / job.Most])];
    }

    /// <summary>Null: its document was deleted meanwhile.</summary>
    public SourcePassage? Passage(long id) => database.Read(c => c.QueryFirstOrDefault<SourcePassage>(
        "SELECT id, name, heading, text FROM document_chunks WHERE id = @id", new { id }));

    public Task SetPassagesAsync(string id, int passages, int done) => database.WriteAsync(c => c.Execute(
        "UPDATE syntheses SET passages = @passages, done = @done WHERE id = @id", new { id, passages, done }));

    /// <summary>Keeps what was written of a passage, and that it has been read: both or none.</summary>
    public Task KeepAsync(string id, long passage, PassageResult result) => database.WriteAsync(c =>
    {
        c.Execute(
            """
            UPDATE syntheses SET done = done + 1, last_chunk = @passage, duplicates = duplicates + @Duplicates, unusable = unusable + @Unusable WHERE id = @id
            """,
            new { id, passage, result.Duplicates, result.Unusable });
        c.Execute(
            """
            INSERT INTO synthetic_rows (synthesis, chunk, question, answer, reply, flags, status)
            SELECT @id, @passage, @Question, @Answer, @Reply, @flags, @Status
            WHERE EXISTS (SELECT 1 FROM document_chunks WHERE id = @passage) AND EXISTS (SELECT 1 FROM syntheses WHERE id = @id)
            """,
            result.Rows.Select(r => new { id, passage, r.Row.Question, r.Row.Answer, r.Reply, flags = StoredJson.Array(r.Flags), r.Status }));
    });

    /// <summary>Ends a job that runs; false where none of that id does.</summary>
    public async Task<bool> EndAsync(string id, string status, string? error = null) => await database.WriteAsync(c => c.Execute(
        "UPDATE syntheses SET status = @status, error = @error, finished_at = @Now WHERE id = @id AND status = 'running'", new { id, status, error, Now })) > 0;

    /// <summary>Deletes a job with its rows.</summary>
    public async Task RemoveAsync(string id)
    {
        await database.WriteAsync(c => c.Execute("DELETE FROM syntheses WHERE id = @id", new { id }));
        await database.EraseDeletedAsync();
    }

    /// <summary>The questions that need no other row: of the job's own, and of the assistant's examples.</summary>
    public HashSet<DedupKey> Questions(StoredSynthesis job) => database.Read(c =>
    {
        HashSet<DedupKey> keys =
            [.. c.Query<string>("SELECT question FROM synthetic_rows WHERE synthesis = @Id", job).Select(DedupKey.OfQuestion)];
        foreach (string json in c.Query<string>("SELECT messages FROM examples WHERE assistant = @Assistant AND status <> 'withdrawn'", job, buffered: false))
            keys.Add(DedupKey.Of(JsonSerializer.Deserialize(json, StoredJson.Messages)!.SkipLast(1)));
        return keys;
    });

    private static bool MaySee(Caller caller, StoredSynthesis job) => caller.MayAsk(job.Assistant) && (caller.SeesAll || job.Owner == caller.Owner);
}

/// <summary>What was made of a passage.</summary>
internal sealed record PassageResult(IReadOnlyList<CheckedRow> Rows, int Duplicates, int Unusable);

/// <summary>A job as the database has it. Times in Unix milliseconds.</summary>
internal sealed class StoredSynthesis
{
    public required string Id { get; init; }
    public required string Owner { get; init; }
    public required string Assistant { get; init; }
    public required string StoreId { get; init; }
    public string? FileId { get; init; }
    public required string Name { get; init; }
    public required string Writer { get; init; }
    public int Questions { get; init; }
    public int Most { get; init; }
    public required string Status { get; init; }
    public string? Error { get; init; }
    public int Passages { get; init; }
    public int Done { get; init; }
    public long LastChunk { get; init; }
    public long Duplicates { get; init; }
    public long Unusable { get; init; }
    public long Imported { get; init; }
    public long CreatedAt { get; init; }
    public long? FinishedAt { get; init; }
    public long Open { get; init; }
    public long Accepted { get; init; }
    public long Dropped { get; init; }
    public long Known { get; init; }

    public SynthesisJob ToJob() => new()
    {
        Id = Id,
        Assistant = Assistant,
        VectorStoreId = StoreId,
        FileId = FileId,
        Name = Name,
        Writer = Writer,
        Questions = Questions,
        Status = Status,
        Error = Error,
        Passages = Passages,
        Done = Done,
        Rows = new(Open, Accepted, Dropped, Known, Duplicates, Unusable, Imported),
        CreatedAt = CreatedAt / 1000,
        FinishedAt = FinishedAt / 1000,
    };
}
