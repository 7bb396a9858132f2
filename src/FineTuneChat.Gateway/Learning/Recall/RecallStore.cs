using System.Text.Json;
using Dapper;
using FineTuneChat.Gateway.Embedding;
using FineTuneChat.Gateway.Learning.Examples;
using FineTuneChat.Gateway.Learning.Rewordings;
using FineTuneChat.Gateway.Storage;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Learning.Recall;

/// <summary>
/// The corrections of the database, as an index that is made anew when they have changed, and which of them a version has learned. An index holds copies:
/// what is erased is out of it with the next question.
/// </summary>
internal sealed class RecallStore(Database database, ITextEmbedder embedder)
{
    private readonly Lock _making = new();
    private readonly Dictionary<string, (long Changes, RecallIndex Index)> _made = new(StringComparer.Ordinal); // by assistant

    public RecallIndex Index(string assistant)
    {
        long changes = database.Read(c => c.QueryFirstOrDefault<long>("SELECT changes FROM recall_changes WHERE assistant = @assistant", new { assistant }));
        lock (_making)
        {
            if (!_made.TryGetValue(assistant, out (long Changes, RecallIndex Index) made) || made.Changes != changes)
                _made[assistant] = made = (changes, new RecallIndex(Rows(assistant)));
            return made.Index;
        }
    }

    /// <summary>The messages of an example that are put before a question; null where it is gone, or the version has learned it.</summary>
    /// <param name="id">The example.</param>
    /// <param name="version">That answers.</param>
    public (RequestMessage Question, RequestMessage Reply)? Find(string id, int version) => database.Read(connection =>
    {
        string? messages = connection.QueryFirstOrDefault<string>(
            """
            SELECT e.messages FROM examples e WHERE e.id = @id AND e.status = 'accepted' AND NOT EXISTS (
                SELECT 1 FROM versions v
                JOIN run_examples r ON r.run_id = v.run_id AND r.example_id = e.id AND r.example_at = e.updated_at
                JOIN taught_examples t ON t.run_id = v.run_id AND t.example_id = COALESCE(r.represented_by, r.example_id)
                WHERE v.assistant = e.assistant AND v.number = @version AND t.verdict = 'learned')
            """,
            new { id, version });
        return messages is not null && JsonSerializer.Deserialize(messages, StoredJson.Messages) is [.., { } question, { } reply]
            ? (question, reply)
            : ((RequestMessage, RequestMessage)?)null;
    });

    /// <summary>Lets go of the copies of an assistant that is deleted.</summary>
    public void Forget(string assistant)
    {
        lock (_making)
            _made.Remove(assistant);
    }

    /// <summary>
    /// What somebody said of a reply, to a question that stands alone. Imports are for training: there may be very many, and nobody looked at them.
    /// </summary>
    public IEnumerable<Recallable> Rows(string assistant) => database.Read(connection =>
    {
        Dictionary<(string, string), float[]> vectors = QuestionVectors.Of(connection, assistant, embedder.Model);
        return connection.Query<Row>(
            """
            SELECT e.id, e.messages, COALESCE(c.owner, '') AS owner,
                   (SELECT json_group_array(w.text) FROM rewordings w WHERE w.example_id = e.id AND w.enabled) AS wordings
            FROM examples e LEFT JOIN conversations c ON c.id = e.conversation_id
            WHERE e.assistant = @assistant AND e.status = 'accepted' AND e.tools IS NULL AND e.import_id IS NULL
                AND e.source IN ('correction', 'rating', 'follow_up', 'edit')
            ORDER BY e.updated_at DESC
            """,
            new { assistant }).SelectMany(row => row.ToRecallable())
            .Select(row => row with { Vector = vectors.GetValueOrDefault((row.Id, QuestionVectors.HashOf(row.Question))) }).ToArray();
    });

    private sealed class Row
    {
        public required string Id { get; init; }
        public required string Messages { get; init; }
        public required string Owner { get; init; }
        public required string Wordings { get; init; }

        public IEnumerable<Recallable> ToRecallable()
        {
            RequestMessage[] messages = JsonSerializer.Deserialize(Messages, StoredJson.Messages)!;
            string? system = messages is [{ Role: "system" or "developer" } first, ..] ? first.Content : null;
            RequestMessage[] turns = system is null ? messages : messages[1..];
            if (turns is not [{ Role: "user", Content: { } question }, { Role: "assistant", Content: { Length: > 0 }, ToolCalls: null } reply]
                || !RewordingRules.IsQuestion(question.Trim()))
                return [];
            DedupKey answer = DedupKey.Of([reply]);
            IEnumerable<string> wordings = StoredJson.Texts(Wordings);
            return wordings.Prepend(question.Trim()).Select(wording => new Recallable(Id, wording, Owner, system, answer));
        }
    }
}
