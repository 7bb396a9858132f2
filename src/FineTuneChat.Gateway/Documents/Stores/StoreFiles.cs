using System.Text.Json;
using Dapper;
using FineTuneChat.Gateway.Storage;
using FineTuneChat.Protocol.Lists;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Documents.Stores;

/// <summary>Which files are in which collection, and how far each has been read. The collection's own check says who may see them.</summary>
internal sealed class StoreFiles(Database database, TimeProvider time)
{
    private const int MaxAttributes = 16, MaxKey = 64, MaxValue = 512;

    private const string Select =
        """
        SELECT f.file_id AS id, f.store_id, u.name, f.bytes, f.created_at / 1000 AS created_at, f.status, f.error, f.attributes
        FROM vector_store_files f JOIN files u ON u.id = f.file_id
        """;

    public ListPage<VectorStoreFile> List(string store, string? status, ListQuery page) => database.Read(c => ListPage<VectorStoreFile>.Of(
        [
            .. c.Query<Row>(
                $"""
                {Select} WHERE f.store_id = @store AND (@status IS NULL OR f.status = @status) AND (@After IS NULL
                    OR f.id < (SELECT id FROM vector_store_files WHERE store_id = @store AND file_id = @After))
                ORDER BY f.id DESC LIMIT @limit
                """,
                new { store, status, page.After, limit = page.Limit + 1 }).Select(row => row.ToFile()),
        ],
        page.Limit, f => f.Id));

    /// <exception cref="OpenAiException">404: it is not in the collection.</exception>
    public VectorStoreFile Require(string store, string file) =>
        database.Read(c => c.QueryFirstOrDefault<Row>($"{Select} WHERE f.store_id = @store AND f.file_id = @file", new { store, file }))?.ToFile()
        ?? throw OpenAiException.NotFound("file in this vector store", file);

    /// <summary>Puts a file into a collection, to be read soon; one that is there already stays as it is, but for its attributes.</summary>
    public async Task AddAsync(string store, string file, IReadOnlyDictionary<string, JsonElement>? attributes)
    {
        Validate(attributes);
        await database.WriteAsync(c =>
        {
            long now = time.GetUtcNow().ToUnixTimeMilliseconds();
            c.Execute(
                """
                INSERT INTO vector_store_files (store_id, file_id, attributes, created_at) VALUES (@store, @file, COALESCE(@attributes, '{}'), @now)
                ON CONFLICT (store_id, file_id) DO UPDATE SET attributes = COALESCE(@attributes, vector_store_files.attributes)
                """,
                new { store, file, attributes = Json(attributes), now });
            c.Execute("UPDATE vector_stores SET active_at = @now WHERE id = @store", new { store, now });
        });
    }

    public async Task ChangeAsync(string store, string file, IReadOnlyDictionary<string, JsonElement>? attributes)
    {
        Validate(attributes);
        await database.WriteAsync(c => c.Execute(
            "UPDATE vector_store_files SET attributes = COALESCE(@attributes, '{}') WHERE store_id = @store AND file_id = @file",
            new { store, file, attributes = Json(attributes) }));
    }

    /// <summary>Takes a file out, with its passages.</summary>
    public async Task RemoveAsync(string store, string file)
    {
        await database.WriteAsync(c => c.Execute("DELETE FROM vector_store_files WHERE store_id = @store AND file_id = @file", new { store, file }));
        await database.EraseDeletedAsync();
    }

    /// <summary>The passages of a file, in order.</summary>
    public IReadOnlyList<TextContent> Content(string store, string file) => database.Read(c => c.Query<string>(
        """
        SELECT c.text FROM document_chunks c JOIN vector_store_files f ON f.id = c.entry
        WHERE f.store_id = @store AND f.file_id = @file ORDER BY c.number
        """,
        new { store, file }).Select(text => new TextContent(text)).ToArray());

    private static string? Json(IReadOnlyDictionary<string, JsonElement>? attributes) =>
        attributes is null ? null : JsonSerializer.Serialize(new Dictionary<string, JsonElement>(attributes), DocumentsJson.Wire.DictionaryStringJsonElement);

    private static void Validate(IReadOnlyDictionary<string, JsonElement>? attributes)
    {
        bool isFine = attributes is null || (attributes.Count <= MaxAttributes && attributes.All(a => a.Key.Length <= MaxKey && a.Value.ValueKind switch
        {
            JsonValueKind.String => a.Value.GetString()!.Length <= MaxValue,
            JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => true,
            _ => false,
        }));
        if (!isFine)
            throw OpenAiException.InvalidRequest(
                $"'attributes' takes up to {MaxAttributes} pairs: keys of up to {MaxKey} characters; values are numbers, true, false, or texts of up to "
                + $"{MaxValue} characters.", "attributes");
    }

    private sealed class Row
    {
        public required string Id { get; init; }
        public required string StoreId { get; init; }
        public required string Name { get; init; }
        public long Bytes { get; init; }
        public long CreatedAt { get; init; }
        public required string Status { get; init; }
        public string? Error { get; init; }
        public required string Attributes { get; init; }

        public VectorStoreFile ToFile() => new()
        {
            Id = Id,
            VectorStoreId = StoreId,
            Filename = Name,
            UsageBytes = Bytes,
            CreatedAt = CreatedAt,
            Status = Status,
            LastError = Error is null ? null : new("invalid_file", Error),
            Attributes = JsonSerializer.Deserialize(Attributes, DocumentsJson.Wire.DictionaryStringJsonElement)!,
        };
    }
}
