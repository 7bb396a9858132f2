using System.Text.Json;
using Dapper;
using FineTuneChat.Gateway.Access;
using FineTuneChat.Gateway.Storage;
using FineTuneChat.Protocol.Lists;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Documents.Stores;

/// <summary>The collections of documents, as far as the caller sees them.</summary>
internal sealed class VectorStores(Database database, TimeProvider time)
{
    private const int Most = 10_000, MaxName = 256;

    private const string Select =
        """
        SELECT s.id, s.name, s.metadata, s.created_at / 1000 AS created_at, s.active_at / 1000 AS active_at,
               CAST(COALESCE(SUM(f.bytes), 0) AS BIGINT) AS bytes, COUNT(f.id) AS files, COUNT(f.id) FILTER (WHERE f.status = 'in_progress') AS in_progress,
               COUNT(f.id) FILTER (WHERE f.status = 'failed') AS failed,
               (SELECT COUNT(*) FROM document_chunks c JOIN vector_store_files i ON i.id = c.entry WHERE i.store_id = s.id) AS chunks,
               (SELECT COUNT(c.vector) FROM document_chunks c JOIN vector_store_files i ON i.id = c.entry WHERE i.store_id = s.id) AS vectors
        FROM vector_stores s LEFT JOIN vector_store_files f ON f.store_id = s.id
        """;

    public ListPage<VectorStore> List(Caller caller, ListQuery page) => database.Read(c => ListPage<VectorStore>.Of(
        [
            .. c.Query<Row>(
                $"{Select} WHERE {caller.Sees("s.owner")} AND (@After IS NULL OR s.id < @After) GROUP BY s.id ORDER BY s.id DESC LIMIT @limit",
                new { caller.Owner, page.After, limit = page.Limit + 1 }).Select(row => row.ToStore()),
        ],
        page.Limit, s => s.Id));

    /// <exception cref="OpenAiException">404: there is none that the caller sees.</exception>
    public VectorStore Require(Caller caller, string id) =>
        database.Read(c => c.QueryFirstOrDefault<Row>(
            $"{Select} WHERE s.id = @id AND {caller.Sees("s.owner")} GROUP BY s.id", new { id, caller.Owner }))?.ToStore()
        ?? throw OpenAiException.NotFound("vector store", id);

    /// <summary>Those of the ids that are there.</summary>
    public IReadOnlyList<string> Known(IEnumerable<string> ids) => database.Read(c => c.Query<string>(
        "SELECT id FROM vector_stores WHERE id IN (SELECT value FROM json_each(@ids))", new { ids = StoredJson.Array(ids) }).ToArray());

    /// <exception cref="OpenAiException">400: one of the ids is no collection that the caller sees.</exception>
    public void RequireAll(Caller caller, IReadOnlyList<string> ids, string parameter)
    {
        string[] seen = database.Read(c => c.Query<string>(
            $"SELECT id FROM vector_stores WHERE id IN (SELECT value FROM json_each(@ids)) AND {caller.Sees("owner")}",
            new { ids = StoredJson.Array(ids), caller.Owner }).ToArray());
        if (ids.FirstOrDefault(id => !seen.Contains(id)) is { } unknown)
            throw OpenAiException.InvalidRequest($"There is no vector store '{unknown}'.", parameter, "not_found");
    }

    /// <exception cref="OpenAiException">400: the name or the metadata are too long.</exception>
    public async Task<string> CreateAsync(Caller caller, VectorStoreRequest request)
    {
        Validate(request);
        DateTimeOffset now = time.GetUtcNow();
        string id = $"vs_{Guid.CreateVersion7(now):N}";
        await database.WriteAsync(c =>
        {
            if (c.ExecuteScalar<int>("SELECT COUNT(*) FROM vector_stores") >= Most)
                throw OpenAiException.Conflict($"There are {Most:N0} vector stores, which is the limit. Delete one first.", "too_many_vector_stores");
            c.Execute(
                "INSERT INTO vector_stores (id, owner, name, metadata, created_at, active_at) VALUES (@id, @Owner, @name, @metadata, @now, @now)",
                new { id, caller.Owner, name = request.Name?.Trim() ?? "", metadata = StoredJson.Of(request.Metadata), now = now.ToUnixTimeMilliseconds() });
        });
        return id;
    }

    /// <exception cref="OpenAiException">400: as for a new one.</exception>
    public async Task ChangeAsync(string id, VectorStoreRequest request)
    {
        Validate(request);
        await database.WriteAsync(c => c.Execute(
            "UPDATE vector_stores SET name = COALESCE(@name, name), metadata = COALESCE(@metadata, metadata), active_at = @now WHERE id = @id",
            new { id, name = request.Name?.Trim(), metadata = StoredJson.Of(request.Metadata), now = time.GetUtcNow().ToUnixTimeMilliseconds() }));
    }

    /// <summary>Deletes a collection with all passages in it. The uploaded files stay: they may be in others.</summary>
    public async Task RemoveAsync(string id)
    {
        await database.WriteAsync(c => c.Execute("DELETE FROM vector_stores WHERE id = @id", new { id }));
        await database.EraseDeletedAsync();
    }

    private static void Validate(VectorStoreRequest request)
    {
        ChatCompletionValidator.ValidateMetadata(request.Metadata);
        if (request.Name?.Length > MaxName)
            throw OpenAiException.InvalidRequest($"'name' must have at most {MaxName} characters.", "name");
    }

    private sealed class Row
    {
        public required string Id { get; init; }
        public required string Name { get; init; }
        public string? Metadata { get; init; }
        public long CreatedAt { get; init; }
        public long ActiveAt { get; init; }
        public long Bytes { get; init; }
        public long Files { get; init; }
        public long InProgress { get; init; }
        public long Failed { get; init; }
        public long Chunks { get; init; }
        public long Vectors { get; init; }

        public VectorStore ToStore() => new()
        {
            Id = Id,
            Name = Name,
            CreatedAt = CreatedAt,
            LastActiveAt = ActiveAt,
            UsageBytes = Bytes,
            FileCounts = new(InProgress, Files - InProgress - Failed, Failed, 0, Files),
            Vectors = new(Vectors, Chunks),
            Metadata = Metadata is null
                ? new Dictionary<string, string>()
                : JsonSerializer.Deserialize(Metadata, StoredJson.Default.IReadOnlyDictionaryStringString)!,
        };
    }
}
