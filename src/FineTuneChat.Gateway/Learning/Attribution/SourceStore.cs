using System.Text.Json;
using Dapper;
using FineTuneChat.Gateway.Access;
using FineTuneChat.Gateway.Log;
using FineTuneChat.Gateway.Storage;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Learning.Attribution;

/// <summary>Finds the examples that a reply comes from.</summary>
internal sealed class SourceStore(Database database)
{
    /// <summary>Recalled ones first; null where there is no such reply that the caller sees.</summary>
    public IReadOnlyList<ReplySource>? Find(Caller caller, string completionId) => database.Read<IReadOnlyList<ReplySource>?>(connection =>
    {
        if (LoggedExchange.FindFor(caller, connection, completionId) is not { } exchange)
            return null;
        string question = exchange.Prompt.LastOrDefault(m => m.Role == "user")?.Content ?? "";
        Row[] recalled = [.. connection.Query<Row>(
            """
            SELECT e.id, e.messages, e.status FROM exchanges x, json_each(x.recalled) r JOIN examples e ON e.id = r.value
            WHERE x.completion_id = @completionId
            """,
            new { completionId })];
        Dictionary<string, Row> taught = connection.Query<Row>(
            """
            SELECT e.id, e.messages, e.status FROM exchanges x
            JOIN versions v ON v.assistant = x.assistant AND v.number = x.version
            JOIN run_examples re ON re.run_id = v.run_id AND re.split = 'train' AND re.represented_by IS NULL
            JOIN examples e ON e.id = re.example_id
            WHERE x.completion_id = @completionId
            """,
            new { completionId }).Where(row => recalled.All(r => r.Id != row.Id)).ToDictionary(row => row.Id);
        return
        [
            .. recalled.Select(row => row.ToSource(ReplySource.Recalled, 1)),
            .. AttributionRules.Rank(question, exchange.Reply.Content ?? "", [.. taught.Values.Select(row => row.Text)])
                .Select(found => taught[found.Example.Id].ToSource(ReplySource.Learned, found.Score)),
        ];
    });

    private sealed class Row
    {
        public required string Id { get; init; }
        public required string Messages { get; init; }
        public required string Status { get; init; }

        public TaughtText Text => field ??= ToText(JsonSerializer.Deserialize(Messages, StoredJson.Messages)!);

        private TaughtText ToText(RequestMessage[] messages) =>
            new(Id, messages.LastOrDefault(m => m.Role == "user")?.Content ?? "", messages[^1].Content ?? "");

        public ReplySource ToSource(string how, double score) => new()
        {
            ExampleId = Id,
            How = how,
            Score = Math.Round(score, 3),
            Question = Text.Question,
            Reply = Text.Reply,
            Status = Status,
        };
    }
}
