using System.Text.Json;
using Dapper;
using FineTuneChat.Conversations;
using FineTuneChat.Gateway;
using FineTuneChat.OpenAi;
using FineTuneChat.Storage;
using Microsoft.Data.Sqlite;

namespace FineTuneChat.Retraining.Examples;

/// <summary>The examples of an assistant: list, edit, and what a run takes.</summary>
internal sealed class ExampleStore(Database database, TimeProvider time)
{
    /// <summary>Newest first; without a status all but the withdrawn.</summary>
    public ListPage<DatasetItem> List(string assistant, string? status, ListQuery page) => database.Read(connection =>
    {
        IEnumerable<Row> rows = connection.Query<Row>(
            """
            SELECT * FROM examples
            WHERE assistant = @assistant AND (status = @status OR (@status IS NULL AND status <> 'withdrawn')) AND (@after IS NULL OR id < @after)
            ORDER BY id DESC LIMIT @limit
            """,
            new { assistant, status, after = page.After, limit = page.Limit + 1 });
        return ListPage<DatasetItem>.Of([.. rows.Select(r => ToItem(connection, r))], page.Limit, e => e.Id);
    });

    /// <summary>Changes status and messages as given (null: as it was); null when there is no such example.</summary>
    public Task<DatasetItem?> ChangeAsync(string id, string? status, IReadOnlyList<RequestMessage>? messages) => database.WriteAsync(connection =>
    {
        connection.Execute(
            """
            UPDATE examples SET status = COALESCE(@status, status), messages = COALESCE(@json, messages),
                                source = CASE WHEN @json IS NULL THEN source ELSE 'edit' END, updated_at = @now
            WHERE id = @id
            """,
            new { id, status, json = messages is null ? null : JsonSerializer.Serialize([.. messages], StoredJson.Messages), now = time.GetUtcNow().ToUnixTimeMilliseconds() });
        Row? row = connection.QueryFirstOrDefault<Row>("SELECT * FROM examples WHERE id = @id", new { id });
        return row is null ? null : ToItem(connection, row);
    });

    public IReadOnlyList<Example> Accepted(string assistant) => database.Read(connection =>
        connection.Query<Row>("SELECT * FROM examples WHERE assistant = @assistant AND status = 'accepted' ORDER BY id", new { assistant }).Select(r => r.ToExample()).ToArray());

    /// <summary>
    /// How many examples are accepted, how many of them the version in service has not learned in their present form, and how many
    /// it has learned that are accepted no more.
    /// </summary>
    public Waiting CountWaiting(string assistant) => database.Read(connection => connection.QueryFirst<Waiting>(
        """
        WITH learned AS (
            SELECT re.example_id, re.example_at FROM run_examples re
            JOIN versions v ON v.run_id = re.run_id
            JOIN assistants a ON a.name = v.assistant AND a.active_version = v.number
            WHERE a.name = @assistant
        )
        SELECT COUNT(*) FILTER (WHERE e.status = 'accepted') AS examples,
               COUNT(*) FILTER (WHERE e.status = 'accepted' AND (l.example_at IS NULL OR l.example_at < e.updated_at)) AS new,
               COUNT(*) FILTER (WHERE e.status <> 'accepted' AND l.example_id IS NOT NULL) AS removed
        FROM examples e LEFT JOIN learned l ON l.example_id = e.id WHERE e.assistant = @assistant
        """,
        new { assistant }));

    /// <summary>Notes which examples a run uses, and their sides of the split for ever.</summary>
    public Task UseAsync(string runId, IReadOnlyCollection<Example> examples, IReadOnlyDictionary<string, string> sides) => database.WriteAsync(connection =>
    {
        foreach (Example example in examples)
        {
            var use = new { runId, example.Id, split = sides[example.Id], example.UpdatedAt };
            connection.Execute("UPDATE examples SET split = @split WHERE id = @Id AND split IS NULL", use);
            connection.Execute("INSERT OR REPLACE INTO run_examples (run_id, example_id, split, example_at) VALUES (@runId, @Id, @split, @UpdatedAt)", use);
        }
    });

    private static DatasetItem ToItem(SqliteConnection connection, Row row) => new()
    {
        Id = row.Id,
        CompletionId = row.CompletionId,
        ConversationId = row.ConversationId,
        Status = row.Status,
        Source = row.Source,
        Split = row.Split,
        Messages = JsonElement.Parse(row.Messages),
        Runs = [.. connection.Query<string>("SELECT run_id FROM run_examples WHERE example_id = @Id ORDER BY run_id DESC", new { row.Id })],
        Flags = JsonSerializer.Deserialize(row.Flags, StoredJson.Default.StringArray)!,
        CreatedAt = row.CreatedAt / 1000,
        UpdatedAt = row.UpdatedAt / 1000,
    };

    private sealed class Row
    {
        public required string Id { get; init; }
        public string? CompletionId { get; init; }
        public string? ConversationId { get; init; }
        public required string Status { get; init; }
        public required string Source { get; init; }
        public string? Split { get; init; }
        public required string Messages { get; init; }
        public required string Flags { get; init; }
        public required long CreatedAt { get; init; }
        public required long UpdatedAt { get; init; }

        public Example ToExample() => new()
        {
            Id = Id, CompletionId = CompletionId, ConversationId = ConversationId, Status = Status, Source = Source, Split = Split,
            Messages = JsonSerializer.Deserialize(Messages, StoredJson.Messages)!, Flags = JsonSerializer.Deserialize(Flags, StoredJson.Default.StringArray)!,
            CreatedAt = CreatedAt, UpdatedAt = UpdatedAt,
        };
    }
}

/// <summary>What waits for the next run.</summary>
internal sealed record Waiting
{
    public long Examples { get; init; }
    public long New { get; init; }

    /// <summary>Learned by the version in service, accepted no more.</summary>
    public long Removed { get; init; }
}
