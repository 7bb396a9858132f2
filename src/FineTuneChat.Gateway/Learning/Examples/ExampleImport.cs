using System.Data.Common;
using System.Text.Json;
using Dapper;
using FineTuneChat.Datasets;
using FineTuneChat.Datasets.Reports;
using FineTuneChat.Gateway.Storage;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Learning.Examples;

/// <summary>
/// Brings dataset files into the examples. One file at a time, because each may take the memory that <see cref="DatasetLimits"/> allow; in many
/// small transactions, so that chats are logged in between.
/// </summary>
/// <param name="database">Where they go.</param>
/// <param name="time">For their ids.</param>
/// <param name="limit">How long they may be; null where nobody can count tokens: a run finds out then.</param>
internal sealed class ExampleImport(Database database, TimeProvider time, IExampleLimit? limit = null)
{
    private const int BatchExamples = 200, BatchCharacters = 1 << 20; // of a transaction: some milliseconds

    private readonly SemaphoreSlim _turn = new(1);

    /// <summary>
    /// Adds what is not there yet, and tells what that is. When it fails or is cancelled nothing is added. When the program is killed what was added before
    /// stays; the same file again adds the rest.
    /// </summary>
    /// <param name="assistant">Whose examples they become.</param>
    /// <param name="source">The dataset.</param>
    /// <param name="isDryRun">Tell only.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <param name="side">Of <see cref="SplitRules"/>, for all of them; null: a run decides.</param>
    /// <exception cref="InvalidDataException">The file cannot be read, or is larger than is allowed.</exception>
    /// <exception cref="DatasetQuestionException">Its user must say something about it first; a dry run tells what.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public async Task<(ImportReport Report, ImportedRows Rows)> RunAsync(
        string assistant, DatasetSource source, bool isDryRun, CancellationToken cancellation, string? side = null)
    {
        await _turn.WaitAsync(cancellation);
        try
        {
            ImportedRows rows = DatasetImport.Read(source, cancellation: cancellation);
            if (rows.Question is { } question && !isDryRun)
                throw question;
            Known known = database.Read(connection => Known.Read(connection, assistant, cancellation));
            var added = new List<ImportedExample>();
            foreach (ImportedExample example in rows.Examples)
            {
                cancellation.ThrowIfCancellationRequested();
                if (known.Add(example.Draft.Messages))
                    added.Add(example with { Draft = await FlagAsync(assistant, example.Draft, known, cancellation) });
            }
            string? import = isDryRun || added.Count == 0 ? null : $"import_{Guid.CreateVersion7(time.GetUtcNow()):N}";
            if (import is not null)
                await WriteAsync(assistant, import, rows.File, side, added, cancellation);
            return (ImportReport.Of(rows, added, import, isDryRun), rows);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>What could not be learned is kept aside, and what contradicts an accepted example or an earlier row: the user decides between them.</summary>
    private async Task<ExampleDraft> FlagAsync(string assistant, ExampleDraft draft, Known known, CancellationToken cancellation)
    {
        if (limit is not null && await limit.IsTooLongAsync(assistant, draft.Messages, draft.Tools, cancellation))
            draft = draft.Flagged(ExampleFlags.TooLong);
        else if (draft.Status == ExampleStatus.Accepted && !known.Accept(draft.Messages))
            draft = draft.Flagged(ExampleFlags.Contradiction);
        return draft;
    }

    private async Task WriteAsync(
        string assistant, string import, string file, string? side, IReadOnlyList<ImportedExample> added, CancellationToken cancellation)
    {
        try
        {
            var batch = new List<object>();
            int characters = 0;
            foreach (ImportedExample example in added)
            {
                string messages = JsonSerializer.Serialize(example.Draft.Messages, StoredJson.Messages);
                batch.Add(Row(assistant, import, $"{file}:{example.Line}", side, messages, example.Draft));
                characters += messages.Length;
                if (batch.Count < BatchExamples && characters < BatchCharacters)
                    continue;
                cancellation.ThrowIfCancellationRequested();
                await InsertAsync(batch);
                batch.Clear();
                characters = 0;
            }
            await InsertAsync(batch);
        }
        catch
        {
            await database.WriteAsync(connection => connection.Execute("DELETE FROM examples WHERE import_id = @import", new { import }));
            throw;
        }
    }

    private Task InsertAsync(IReadOnlyList<object> batch) => database.WriteAsync(connection => connection.Execute(
        """
        INSERT INTO examples (id, assistant, status, source, origin, import_id, split, messages, tools, flags, created_at, updated_at)
        VALUES (@id, @assistant, @Status, @Source, @origin, @import, @side, @messages, @tools, @flags, @now, @now)
        """,
        batch));

    private object Row(string assistant, string import, string origin, string? side, string messages, ExampleDraft draft) => new
    {
        id = ExampleDraft.NewId(time.GetUtcNow()),
        assistant,
        import,
        origin,
        side,
        messages,
        draft.Status,
        draft.Source,
        tools = draft.Tools?.GetRawText(),
        flags = StoredJson.Array(draft.Flags),
        now = time.GetUtcNow().ToUnixTimeMilliseconds(),
    };

    /// <summary>What is there, and what the file has brought so far.</summary>
    private sealed class Known
    {
        private readonly HashSet<DedupKey> _all = [];
        private readonly Dictionary<DedupKey, DedupKey> _answers = []; // of accepted examples, by question

        /// <summary>
        /// All that is there, read beside the writer. What is rated or edited while a file comes in may say the same as one of its rows: runs learn it once
        /// in any case (<see cref="ExampleRules.Merge"/>).
        /// </summary>
        public static Known Read(DbConnection connection, string assistant, CancellationToken cancellation)
        {
            var known = new Known();
            IEnumerable<(string Messages, string Status)> examples = connection.Query<(string, string)>(
                "SELECT messages, status FROM examples WHERE assistant = @assistant AND status <> 'withdrawn'", new { assistant }, buffered: false);
            foreach ((string json, string status) in examples)
            {
                cancellation.ThrowIfCancellationRequested();
                RequestMessage[] messages = JsonSerializer.Deserialize(json, StoredJson.Messages)!;
                known.Add(messages);
                if (status == ExampleStatus.Accepted)
                    known.Accept(messages);
            }
            return known;
        }

        /// <summary>False when it says the same as another.</summary>
        public bool Add(RequestMessage[] messages) => _all.Add(DedupKey.Of(messages));

        /// <summary>False when another answers the same question differently.</summary>
        public bool Accept(RequestMessage[] messages)
        {
            DedupKey question = DedupKey.Of(messages.SkipLast(1)), answer = DedupKey.Of(messages.TakeLast(1));
            return _answers.TryAdd(question, answer) || _answers[question] == answer;
        }
    }
}
