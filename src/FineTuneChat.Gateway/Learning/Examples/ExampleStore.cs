using System.Data.Common;
using System.Text.Json;
using Dapper;
using FineTuneChat.Gateway.Access;
using FineTuneChat.Gateway.Learning.Rewordings;
using FineTuneChat.Gateway.Storage;
using FineTuneChat.Protocol.Lists;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Learning.Examples;

/// <summary>The examples of an assistant: list, edit, and what a run takes.</summary>
internal sealed class ExampleStore(Database database, RetrainingSettings settings, TimeProvider time)
{
    private readonly Contradictions _contradictions = new();

    /// <summary>
    /// Newest first; without a status all but the withdrawn. With <paramref name="search"/> those that have it somewhere in their messages, with
    /// <paramref name="import"/> those of that import.
    /// </summary>
    public ListPage<DatasetItem> List(string assistant, string? status, string? search, string? import, ListQuery page) => database.Read(connection =>
    {
        IEnumerable<Row> rows = connection.Query<Row>(
            """
            SELECT * FROM examples
            WHERE assistant = @assistant AND (status = @status OR (@status IS NULL AND status <> 'withdrawn')) AND (@after IS NULL OR id < @after)
              AND (@import IS NULL OR import_id = @import)
              AND (@search IS NULL OR EXISTS (SELECT 1 FROM json_each(messages) WHERE instr(lower(value ->> 'content'), lower(@search)) > 0))
            ORDER BY id DESC LIMIT @limit
            """,
            new { assistant, status, import, search = string.IsNullOrWhiteSpace(search) ? null : search.Trim(), after = page.After, limit = page.Limit + 1 });
        IReadOnlySet<string> contradictions = _contradictions.Find(connection, assistant);
        return ListPage<DatasetItem>.Of([.. rows.Select(r => Flag(ToItem(connection, r), contradictions))], page.Limit, e => e.Id);
    });

    /// <summary>Changes status, messages and wordings as given (null: as it was); null when there is no such example that the caller sees.</summary>
    /// <exception cref="OpenAiException">422, when it cannot be accepted as it is.</exception>
    public async Task<DatasetItem?> ChangeAsync(Caller caller, string id, DatasetChange change) =>
        await database.WriteAsync(connection => Change(connection, caller, id, change)) is var (assistant, item)
            ? Flag(item, database.Read(connection => _contradictions.Find(connection, assistant))) // beside the writer: it may look at all of them
            : null;

    private (string Assistant, DatasetItem Item)? Change(DbConnection connection, Caller caller, string id, DatasetChange change)
    {
        (string? status, IReadOnlyList<RequestMessage>? messages) = (change.Status, change.Messages);
        if (connection.QueryFirstOrDefault<Row>("SELECT * FROM examples WHERE id = @id", new { id }) is not { } row || !caller.MayAsk(row.Assistant))
            return null;
        Example changed = ExampleRules.Change(row.ToExample(), status, messages);
        if (changed.Status == ExampleStatus.Accepted && ExampleRules.Problem(changed.Messages) is { } problem)
            throw OpenAiException.Unprocessable($"This example cannot be learned: {problem} Give 'messages' that can.", "unusable_example");
        if (change.Rewordings is { } wordings)
        {
            string question = RewordingRules.Question(changed)
                ?? throw OpenAiException.Unprocessable("This example's question is too long, or none that other wordings could be given of.", "no_question");
            RewordingStore.Replace(connection, id, question, wordings);
        }
        if (messages is not null || change.Rewordings is not null || changed.Status != row.Status)
            connection.Execute(
                "UPDATE examples SET status = @Status, messages = @messages, source = @Source, flags = @flags, updated_at = @now WHERE id = @Id",
                new { changed.Id, changed.Status, changed.Source, messages = Json(changed.Messages), flags = StoredJson.Array(changed.Flags), now = Now });
        return (row.Assistant, ToItem(connection, connection.QueryFirst<Row>("SELECT * FROM examples WHERE id = @id", new { id })));
    }

    /// <summary>Keeps an example aside, with the reason.</summary>
    public Task KeepAsideAsync(string id, string flag) => database.WriteAsync(connection => connection.Execute(
        """
        UPDATE examples SET status = 'excluded', updated_at = @now, flags = (
            SELECT json_group_array(value) FROM (SELECT value FROM json_each(flags) UNION SELECT @flag))
        WHERE id = @id
        """,
        new { id, flag, now = Now }));

    public IReadOnlyList<Example> Accepted(string assistant) => database.Read(connection =>
        connection.Query<Row>("SELECT * FROM examples WHERE assistant = @assistant AND status = 'accepted' ORDER BY rowid", new { assistant })
            .Select(r => r.ToExample()).ToArray());

    /// <summary>
    /// Replies rated down; none where runs do not learn from them. The newest of each key come last, in turn: of the last ones of the list, no key has more
    /// than another that has as many.
    /// </summary>
    public IReadOnlyList<Example> Unwanted(string assistant) => !settings.LearnFromRejections ? [] : database.Read(connection => connection.Query<Row>(
        """
        SELECT e.* FROM examples e LEFT JOIN conversations c ON c.id = e.conversation_id
        WHERE e.assistant = @assistant AND e.status = 'unwanted'
        ORDER BY ROW_NUMBER() OVER (PARTITION BY COALESCE(c.owner, '') ORDER BY e.rowid DESC) DESC, e.rowid
        """,
        new { assistant }).Select(r => r.ToExample()).ToArray());

    /// <summary>What a run would learn now, as rows of OpenAI's fine-tuning format.</summary>
    public IEnumerable<string> Rows(string assistant) =>
        ExampleRules.Merge(Accepted(assistant)).Select(m => ExampleRow.Of(m.Example.Messages, m.Example.Tools));

    /// <summary>
    /// How many examples a run would learn, how many of them the version in service has not learned in their present form, and how many
    /// it has learned that are not to be learned any more.
    /// </summary>
    public Waiting CountWaiting(string assistant) => database.Read(connection => connection.QueryFirst<Waiting>(
        $"""
        WITH active AS (
            SELECT v.run_id FROM versions v JOIN assistants a ON a.name = v.assistant AND a.active_version = v.number WHERE a.name = @assistant
        ),
        learned AS (
            SELECT re.example_id, re.example_at FROM run_examples re JOIN active ON active.run_id = re.run_id
        )
        SELECT COUNT(*) FILTER (WHERE e.status IN ({Used})) AS examples,
               COUNT(*) FILTER (WHERE e.status IN ({Used}) AND e.status = 'unwanted') AS unwanted,
               COUNT(*) FILTER (WHERE e.status IN ({Used}) AND (l.example_at IS NULL OR l.example_at < e.updated_at)) AS new,
               COUNT(*) FILTER (WHERE e.status NOT IN ({Used}) AND l.example_id IS NOT NULL)
                   + (SELECT CAST(COALESCE(SUM(f.examples), 0) AS BIGINT) FROM forgotten f JOIN active ON active.run_id = f.run_id) AS removed,
               COUNT(*) FILTER (WHERE e.status IN ({Used})
                   AND e.updated_at > COALESCE((SELECT MAX(created_at) FROM runs WHERE assistant = @assistant), 0)) AS since_last_run
        FROM examples e LEFT JOIN learned l ON l.example_id = e.id WHERE e.assistant = @assistant
        """,
        new { assistant }));

    /// <summary>How many accepted examples answer the same question differently.</summary>
    public int CountContradictions(string assistant) => database.Read(connection => _contradictions.Find(connection, assistant).Count);

    /// <summary>Notes which examples a run uses, and their sides of the split for ever.</summary>
    public Task UseAsync(string runId, IReadOnlyCollection<MergedExample> merged, IReadOnlyDictionary<string, string> sides) =>
        database.WriteAsync(connection =>
        {
            foreach ((Example learned, IReadOnlyList<Example> others) in merged)
                foreach (Example example in (Example[])[learned, .. others])
                {
                    var use = new { runId, example.Id, split = sides[learned.Id], example.UpdatedAt, by = example == learned ? null : learned.Id };
                    connection.Execute("UPDATE examples SET split = @split WHERE id = @Id AND split IS NULL", use);
                    connection.Execute(
                        """
                        INSERT INTO run_examples (run_id, example_id, split, example_at, represented_by)
                        VALUES (@runId, @Id, @split, @UpdatedAt, @by)
                        ON CONFLICT (run_id, example_id) DO UPDATE SET split = @split, example_at = @UpdatedAt, represented_by = @by
                        """,
                        use);
                }
        });

    /// <summary>Notes which replies rated down a run uses.</summary>
    public Task AvoidAsync(string runId, IReadOnlyCollection<Example> unwanted) => database.WriteAsync(connection => connection.Execute(
        """
        INSERT INTO run_examples (run_id, example_id, split, example_at) VALUES (@runId, @Id, 'unwanted', @UpdatedAt)
        ON CONFLICT (run_id, example_id) DO UPDATE SET split = 'unwanted', example_at = @UpdatedAt, represented_by = NULL
        """,
        unwanted.Select(e => new { runId, e.Id, e.UpdatedAt })));

    /// <summary>In SQL: what a run learns from.</summary>
    private string Used => settings.LearnFromRejections ? $"'{ExampleStatus.Accepted}', '{ExampleStatus.Unwanted}'" : $"'{ExampleStatus.Accepted}'";

    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    private static string Json(IEnumerable<RequestMessage> messages) => JsonSerializer.Serialize([.. messages], StoredJson.Messages);

    private static DatasetItem Flag(DatasetItem item, IReadOnlySet<string> contradictions) =>
        contradictions.Contains(item.Id) && !item.Flags.Contains(ExampleFlags.Contradiction)
            ? item with { Flags = [.. item.Flags, ExampleFlags.Contradiction] }
            : item;

    private static DatasetItem ToItem(DbConnection connection, Row row) => new()
    {
        Id = row.Id,
        CompletionId = row.CompletionId,
        ConversationId = row.ConversationId,
        Status = row.Status,
        Source = row.Source,
        Origin = row.Origin,
        ImportId = row.ImportId,
        Split = row.Split,
        Messages = JsonElement.Parse(row.Messages),
        Tools = row.Tools is null ? null : JsonElement.Parse(row.Tools),
        Runs =
        [
            .. connection.Query<string>(
                "SELECT run_id FROM run_examples WHERE example_id = @Id AND represented_by IS NULL ORDER BY run_id DESC", new { row.Id }),
        ],
        Versions =
        [
            .. connection.Query<int>(
                """
                SELECT v.number FROM run_examples re JOIN versions v ON v.run_id = re.run_id
                WHERE re.example_id = @Id AND re.represented_by IS NULL AND re.split IN ('train', 'unwanted') ORDER BY v.number DESC
                """,
                new { row.Id }),
        ],
        Flags = StoredJson.Texts(row.Flags),
        Reasons = StoredJson.Texts(connection.QueryFirstOrDefault<string?>(
            "SELECT reasons FROM ratings WHERE completion_id = @CompletionId ORDER BY id DESC LIMIT 1", new { row.CompletionId })),
        Rewordings = RewordingStore.Of(connection, row.Id, RewordingRules.Question(row.ToExample())),
        CreatedAt = row.CreatedAt / 1000,
        UpdatedAt = row.UpdatedAt / 1000,
    };

    private sealed class Row
    {
        public required string Id { get; init; }
        public required string Assistant { get; init; }
        public string? CompletionId { get; init; }
        public string? ConversationId { get; init; }
        public required string Status { get; init; }
        public required string Source { get; init; }
        public string? Origin { get; init; }
        public string? ImportId { get; init; }
        public string? Split { get; init; }
        public required string Messages { get; init; }
        public string? Tools { get; init; }
        public required string Flags { get; init; }
        public required long CreatedAt { get; init; }
        public required long UpdatedAt { get; init; }

        public Example ToExample() => new()
        {
            Id = Id,
            CompletionId = CompletionId,
            ConversationId = ConversationId,
            Status = Status,
            Source = Source,
            Origin = Origin,
            Split = Split,
            Tools = Tools is null ? null : JsonElement.Parse(Tools),
            Messages = JsonSerializer.Deserialize(Messages, StoredJson.Messages)!,
            Flags = StoredJson.Texts(Flags),
            CreatedAt = CreatedAt,
            UpdatedAt = UpdatedAt,
        };
    }
}

/// <summary>What waits for the next run.</summary>
internal sealed record Waiting
{
    /// <summary>All that a run would learn from.</summary>
    public long Examples { get; init; }

    /// <summary>Of these, replies rated down.</summary>
    public long Unwanted { get; init; }

    /// <summary>Of all, those that the version in service has not learned.</summary>
    public long New { get; init; }

    /// <summary>Learned by the version in service, and set aside since, or deleted.</summary>
    public long Removed { get; init; }

    /// <summary>Accepted ones that answer the same question differently.</summary>
    public long Contradictions { get; init; } // not counted where it is only decided whether to train

    /// <summary>Accepted or edited since the last run began, whatever came of it.</summary>
    public long SinceLastRun { get; init; }
}
