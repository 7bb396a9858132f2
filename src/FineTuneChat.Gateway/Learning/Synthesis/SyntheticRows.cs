using System.Text;
using System.Text.Json.Nodes;
using Dapper;
using FineTuneChat.Gateway.Learning.Examples;
using FineTuneChat.Gateway.Storage;
using FineTuneChat.Protocol.Lists;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Learning.Synthesis;

/// <summary>The rows of jobs: listed, changed, and imported, by which they become examples.</summary>
internal sealed class SyntheticRows(Database database, ExampleImport imports)
{
    private const string Select =
        """
        SELECT r.id, r.question, r.answer, r.reply, r.flags, r.status, c.id AS passage, f.file_id, c.name, c.heading, c.place, c.first, c.last, c.text
        FROM synthetic_rows r JOIN document_chunks c ON c.id = r.chunk JOIN vector_store_files f ON f.id = c.entry
        """;

    /// <summary>In the order in which they were written.</summary>
    public ListPage<SyntheticRow> List(string synthesis, string? status, ListQuery page) => database.Read(c => ListPage<SyntheticRow>.Of(
        [
            .. c.Query<Stored>(
                $"""
                {Select} WHERE r.synthesis = @synthesis AND (@status IS NULL OR r.status = @status) AND r.id > @last
                ORDER BY r.id LIMIT @limit
                """,
                new { synthesis, status, last = long.TryParse(page.After, out long last) ? last : 0, limit = page.Limit + 1 }).Select(row => row.ToRow()),
        ],
        page.Limit, row => $"{row.Id}"));

    /// <exception cref="OpenAiException">404: the job has no such row.</exception>
    public async Task<SyntheticRow> ChangeAsync(string synthesis, long id, RowChange change)
    {
        await database.WriteAsync(c => c.Execute(
            """
            UPDATE synthetic_rows SET question = COALESCE(@Question, question), answer = COALESCE(@Answer, answer), status = COALESCE(@Status, status)
            WHERE id = @id AND synthesis = @synthesis
            """,
            new { id, synthesis, change.Question, change.Answer, change.Status }));
        return database.Read(c => c.QueryFirstOrDefault<Stored>($"{Select} WHERE r.id = @id AND r.synthesis = @synthesis", new { id, synthesis }))?.ToRow()
            ?? throw OpenAiException.NotFound("row", $"{id}");
    }

    /// <summary>Of all that nobody has looked at yet.</summary>
    public Task<int> ChangeOpenAsync(string synthesis, string status) => database.WriteAsync(c => c.Execute(
        "UPDATE synthetic_rows SET status = @status WHERE synthesis = @synthesis AND status = 'open'", new { synthesis, status }));

    /// <summary>Imports the accepted ones as a dataset's; those that have become examples, or are one already, are rows no more.</summary>
    /// <param name="job">Whose rows.</param>
    /// <param name="isDryRun">Tell only.</param>
    /// <param name="cancellation">Ends it; nothing is imported.</param>
    public async Task<ImportReport> ImportAsync(StoredSynthesis job, bool isDryRun, CancellationToken cancellation)
    {
        (long Id, string Question, string Answer)[] accepted = database.Read(c => c.Query<(long, string, string)>(
            "SELECT id, question, answer FROM synthetic_rows WHERE synthesis = @Id AND status = 'accepted' ORDER BY id", job).ToArray());
        if (accepted.Length == 0)
            throw OpenAiException.Conflict("No row is accepted. Accept some first.", "nothing_accepted");
        using var content = new MemoryStream(Encoding.UTF8.GetBytes(string.Concat(accepted.Select(row => Line(row.Question, row.Answer) + "\n"))));
        (ImportReport report, _) = await imports.RunAsync(
            job.Assistant, new DatasetSource(content, $"{(job.Name.Length > 0 ? job.Name : job.StoreId)} (rows).jsonl"), isDryRun, cancellation);
        if (!isDryRun)
        {
            await database.WriteAsync(c =>
            {
                c.Execute("DELETE FROM synthetic_rows WHERE id = @Id", accepted.Select(row => new { row.Id }));
                c.Execute("UPDATE syntheses SET imported = imported + @count WHERE id = @Id", new { job.Id, count = report.Accepted + report.Excluded });
            });
        }
        return report;
    }

    private static string Line(string question, string answer) => new JsonObject
    {
        ["messages"] = new JsonArray(
            new JsonObject { ["role"] = "user", ["content"] = question }, new JsonObject { ["role"] = "assistant", ["content"] = answer }),
    }.ToJsonString();

    private sealed class Stored
    {
        public required long Id { get; init; }
        public required string Question { get; init; }
        public required string Answer { get; init; }
        public string? Reply { get; init; }
        public required string Flags { get; init; }
        public required string Status { get; init; }
        public required long Passage { get; init; }
        public required string FileId { get; init; }
        public required string Name { get; init; }
        public required string Heading { get; init; }
        public required string Place { get; init; }
        public required int First { get; init; }
        public required int Last { get; init; }
        public required string Text { get; init; }

        public SyntheticRow ToRow() => new()
        {
            Id = Id,
            Question = Question,
            Answer = Answer,
            Reply = Reply,
            Flags = StoredJson.Texts(Flags),
            Status = Status,
            Passage = new(Passage, FileId, Name, Heading, Place, First, Last, Text),
        };
    }
}
