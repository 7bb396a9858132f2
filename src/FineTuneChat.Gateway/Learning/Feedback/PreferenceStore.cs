using System.Data.Common;
using System.Text.Json;
using System.Text.Json.Nodes;
using Dapper;
using FineTuneChat.Gateway.Access;
using FineTuneChat.Gateway.Log;
using FineTuneChat.Gateway.Storage;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.Lists;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Learning.Feedback;

/// <summary>Of two replies to the same question, the one that the user prefers.</summary>
internal sealed record Preference
{
    public string Object => "preference";
    public required string ChosenId { get; init; }
    public required string RejectedId { get; init; }
    public required string ConversationId { get; init; }
    public required string Chosen { get; init; }
    public required string Rejected { get; init; }
    public required string ChosenModel { get; init; }
    public required string RejectedModel { get; init; }
    public required long CreatedAt { get; init; } // Unix seconds

    /// <summary>Why the other one is not wanted, where that was said.</summary>
    public required IReadOnlyList<string> Reasons { get; init; }
}

/// <summary>The pairs that ratings have made: kept for trainings that learn from comparisons.</summary>
internal sealed class PreferenceStore(Database database)
{
    /// <summary>Those that the caller sees, newest first. A page goes on after a pair, named by its two ids.</summary>
    public ListPage<Preference> List(Caller caller, string assistant, ListQuery page) => database.Read(connection =>
    {
        Preference[] all = [.. connection.Query<PreferenceRow>(
            $"""
            SELECT p.chosen_id, p.rejected_id, chosen.conversation_id, c.message ->> 'content' AS chosen, r.message ->> 'content' AS rejected,
                   chosen.model AS chosen_model, rejected.model AS rejected_model, p.created_at / 1000 AS created_at,
                   (SELECT reasons FROM ratings WHERE completion_id = p.rejected_id ORDER BY id DESC LIMIT 1) AS reasons
            FROM preferences p
            JOIN exchanges chosen ON chosen.completion_id = p.chosen_id JOIN messages c ON c.id = chosen.reply_id
            JOIN exchanges rejected ON rejected.completion_id = p.rejected_id JOIN messages r ON r.id = rejected.reply_id
            JOIN conversations own ON own.id = chosen.conversation_id
            WHERE {caller.Sees("own.owner")} AND p.assistant = @assistant AND (@after IS NULL OR (p.created_at, p.chosen_id || ':' || p.rejected_id) < (
                SELECT created_at, chosen_id || ':' || rejected_id FROM preferences WHERE chosen_id || ':' || rejected_id = @after))
            ORDER BY p.created_at DESC, p.chosen_id || ':' || p.rejected_id DESC LIMIT @limit
            """,
            new { caller.Owner, assistant, after = page.After, limit = page.Limit + 1 }).Select(row => row.ToPreference())];
        return ListPage<Preference>.Of(all, page.Limit, p => $"{p.ChosenId}:{p.RejectedId}");
    });

    /// <summary>All pairs as rows of OpenAI's preference format, oldest first.</summary>
    public IReadOnlyList<string> Rows(string assistant) => database.Read(connection => connection
        .Query<(string Chosen, string Rejected)>(
            "SELECT chosen_id, rejected_id FROM preferences WHERE assistant = @assistant ORDER BY created_at, chosen_id, rejected_id", new { assistant })
        .Select(pair => Row(connection, pair.Chosen, pair.Rejected)).ToArray());

    /// <summary>
    /// By completion: replies to the same question that it, or its correction, is preferred to, as far as the reasons against those allow it. Replies that were
    /// cut off are no choice.
    /// </summary>
    public ILookup<string, RequestMessage> Rejected(string assistant) => database.Read(connection => connection
        .Query<(string Id, string Reply, string? Reasons, string? Correction)>(
            """
            SELECT p.chosen_id, m.message, NULL, NULL FROM preferences p
            JOIN exchanges x ON x.completion_id = p.rejected_id JOIN messages m ON m.id = x.reply_id
            WHERE p.assistant = @assistant AND x.finish_reason = 'stop'
            UNION ALL
            SELECT e.completion_id, m.message, r.reasons, r.correction FROM examples e
            JOIN exchanges x ON x.completion_id = e.completion_id JOIN messages m ON m.id = x.reply_id
            JOIN ratings r ON r.id = (SELECT MAX(id) FROM ratings WHERE completion_id = e.completion_id)
            WHERE e.assistant = @assistant AND e.status = 'accepted' AND e.source = 'correction' AND x.finish_reason = 'stop'
            """,
            new { assistant })
        .Select(row => (row.Id, Reply: JsonSerializer.Deserialize(row.Reply, OpenAiJson.Default.RequestMessage)!, row.Reasons, row.Correction))
        .Where(row => row.Correction is null || ReasonRules.Allow(StoredJson.Texts(row.Reasons), row.Correction, row.Reply.Content))
        .ToLookup(row => row.Id, row => row.Reply));

    /// <summary>Pairs whose better reply nobody has rated: it is shorter than one that is just too long (<see cref="ReasonRules.Shorter"/>).</summary>
    public IReadOnlyList<(LoggedExchange Chosen, LoggedExchange TooLong)> Shorter(string assistant) => database.Read(connection => connection
        .Query<(string Chosen, string Rejected)>(
            """
            SELECT p.chosen_id, p.rejected_id FROM preferences p
            WHERE p.assistant = @assistant
                AND (SELECT rating FROM ratings WHERE completion_id = p.chosen_id ORDER BY id DESC LIMIT 1) IS NULL
            ORDER BY p.created_at, p.chosen_id, p.rejected_id
            """,
            new { assistant })
        .Select(pair => (LoggedExchange.Find(connection, pair.Chosen)!, LoggedExchange.Find(connection, pair.Rejected)!)).ToArray());

    private static string Row(DbConnection connection, string chosenId, string rejectedId)
    {
        LoggedExchange chosen = LoggedExchange.Find(connection, chosenId)!, rejected = LoggedExchange.Find(connection, rejectedId)!;
        var input = new JsonObject { ["messages"] = new JsonArray([.. chosen.Seen.Select(Node)]) };
        if (chosen.Request.Tools is { } tools)
            input["tools"] = JsonNode.Parse(tools.GetRawText());
        var row = new JsonObject
        {
            ["input"] = input,
            ["preferred_output"] = new JsonArray(Node(chosen.Reply)),
            ["non_preferred_output"] = new JsonArray(Node(rejected.Reply)),
        };
        if (RatingStore.ReasonsOf(connection, rejectedId) is { Length: > 0 } reasons)
            row["reasons"] = new JsonArray([.. reasons.Select(reason => JsonValue.Create(reason))]);
        return row.ToJsonString(RelaxedJson.Options);
    }

    private sealed class PreferenceRow
    {
        public required string ChosenId { get; init; }
        public required string RejectedId { get; init; }
        public required string ConversationId { get; init; }
        public required string Chosen { get; init; }
        public required string Rejected { get; init; }
        public required string ChosenModel { get; init; }
        public required string RejectedModel { get; init; }
        public required long CreatedAt { get; init; }
        public string? Reasons { get; init; }

        public Preference ToPreference() => new()
        {
            ChosenId = ChosenId,
            RejectedId = RejectedId,
            ConversationId = ConversationId,
            Chosen = Chosen,
            Rejected = Rejected,
            ChosenModel = ChosenModel,
            RejectedModel = RejectedModel,
            CreatedAt = CreatedAt,
            Reasons = StoredJson.Texts(Reasons),
        };
    }

    private static JsonNode? Node(RequestMessage message) => JsonSerializer.SerializeToNode(message, OpenAiJson.Default.RequestMessage);
}
