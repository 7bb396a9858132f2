using System.Data.Common;
using System.Text.Json;
using Dapper;
using FineTuneChat.Gateway.Access;
using FineTuneChat.Gateway.Learning.Feedback;
using FineTuneChat.Gateway.Storage;
using FineTuneChat.Protocol.Lists;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Log.StoredCompletions;

/// <summary>The logged replies as OpenAI's stored completions, as far as the caller sees them.</summary>
internal sealed class StoredCompletionStore(Database database, RatingStore ratings)
{
    public const string RatingKey = "rating";

    public ListPage<StoredCompletion> List(Caller caller, StoredCompletionQuery query) => database.Read(connection =>
    {
        var parameters = new DynamicParameters(new { caller.Owner, query.Page.After, query.Model, limit = query.Page.Limit + 1 });
        var filters = new List<string>();
        foreach ((string key, string value) in query.Metadata)
        {
            filters.Add($"AND EXISTS (SELECT 1 FROM json_each(e.metadata) WHERE key = @key{filters.Count} AND value = @value{filters.Count})");
            parameters.Add($"key{filters.Count - 1}", key);
            parameters.Add($"value{filters.Count - 1}", value);
        }
        (string beyond, string direction) = query.IsAscending ? (">", "ASC") : ("<", "DESC");
        IEnumerable<Row> rows = connection.Query<Row>(
            $"""
            {Select}
            WHERE {caller.Sees("c.owner")} AND (@After IS NULL OR e.rowid {beyond} (SELECT rowid FROM exchanges WHERE completion_id = @After))
              AND (@Model IS NULL OR e.model = @Model OR (@Model = e.assistant AND e.version IS NOT NULL))
              {string.Join(' ', filters)}
            ORDER BY e.rowid {direction} LIMIT @limit
            """,
            parameters);
        return ListPage<StoredCompletion>.Of([.. rows.Select(r => r.ToCompletion())], query.Page.Limit, c => c.Id);
    });

    public StoredCompletion? Find(Caller caller, string id) => database.Read(connection => Find(connection, caller, id));

    /// <summary>The messages that a completion answered to; null when there is no such completion.</summary>
    public IReadOnlyList<StoredMessage>? Messages(Caller caller, string id) => database.Read(connection =>
    {
        IReadOnlyList<RequestMessage>? prompt = Find(connection, caller, id) is null ? null : LoggedExchange.Find(connection, id)?.Prompt;
        return prompt?.Select((message, i) => new StoredMessage
        {
            Id = $"{id}-{i}",
            Role = message.Role!,
            Content = message.Content,
            Name = message.Name,
            Refusal = message.Refusal,
            ToolCalls = message.ToolCalls,
            ToolCallId = message.ToolCallId,
        }).ToArray();
    });

    /// <summary>Replaces the metadata; a change of its <c>rating</c> rates the reply. Null when there is no such completion.</summary>
    public Task<StoredCompletion?> ChangeAsync(Caller caller, string id, IReadOnlyDictionary<string, string>? metadata) => database.WriteAsync(connection =>
    {
        if (Find(connection, caller, id) is not { } before)
            return null;
        connection.Execute("UPDATE exchanges SET metadata = @json WHERE completion_id = @id", new { id, json = StoredJson.Of(metadata) });
        string? rating = metadata?.GetValueOrDefault(RatingKey);
        if (rating != before.Metadata?.GetValueOrDefault(RatingKey) && rating != RatingStore.Current(connection, id))
            ratings.Rate(connection, caller, id, rating, correction: null, comment: null);
        return Find(connection, caller, id);
    });

    /// <summary>As <see cref="Find(Caller, string)"/>, inside a transaction.</summary>
    public static StoredCompletion? Find(DbConnection connection, Caller caller, string id) =>
        connection.QueryFirstOrDefault<Row>($"{Select} WHERE e.completion_id = @id AND {caller.Sees("c.owner")}", new { id, caller.Owner })?.ToCompletion();

    private const string Select =
        """
        SELECT e.completion_id, e.conversation_id, e.model, e.request, e.metadata, e.finish_reason, e.prompt_tokens, e.completion_tokens, e.created_at,
               e.other_replies, m.message AS reply
        FROM exchanges e JOIN messages m ON m.id = e.reply_id JOIN conversations c ON c.id = e.conversation_id
        """;

    private sealed class Row
    {
        public required string CompletionId { get; init; }
        public required string Model { get; init; }
        public required string Request { get; init; }
        public string? Metadata { get; init; }
        public string? FinishReason { get; init; }
        public int? PromptTokens { get; init; }
        public int? CompletionTokens { get; init; }
        public required long CreatedAt { get; init; }
        public string? OtherReplies { get; init; }
        public required string Reply { get; init; }

        public StoredCompletion ToCompletion()
        {
            ChatCompletionRequest request = JsonSerializer.Deserialize(Request, OpenAiJson.Default.ChatCompletionRequest)!;
            RequestMessage[] replies =
            [
                JsonSerializer.Deserialize(Reply, OpenAiJson.Default.RequestMessage)!,
                .. OtherReplies is null ? [] : JsonSerializer.Deserialize(OtherReplies, StoredJson.Messages)!,
            ];
            return new()
            {
                Id = CompletionId,
                Created = CreatedAt / 1000,
                Model = Model,
                Choices = [.. replies.Select((reply, i) => Choice(reply, i))],
                Usage = PromptTokens is { } prompt && CompletionTokens is { } completion ? Usage.Of(prompt, cachedTokens: 0, completion) : null,
                SystemFingerprint = Model,
                RequestId = $"req_{CompletionId}",
                Metadata = Metadata is null ? null : JsonSerializer.Deserialize(Metadata, StoredJson.Default.IReadOnlyDictionaryStringString),
                InputUser = request.User,
                Seed = request.Seed,
                Temperature = request.Temperature ?? 1,
                TopP = request.TopP ?? 1,
                PresencePenalty = request.PresencePenalty ?? 0,
                FrequencyPenalty = request.FrequencyPenalty ?? 0,
                Tools = request.Tools,
                ToolChoice = request.ToolChoice,
                ResponseFormat = request.ResponseFormat,
            };
        }

        private ChatChoice Choice(RequestMessage reply, int index) => new()
        {
            Index = index,
            Message = new() { Content = reply.Content, ReasoningContent = reply.ReasoningContent, Refusal = reply.Refusal, ToolCalls = reply.ToolCalls },
            FinishReason = FinishReason ?? FinishReasons.Length, // cut off: clients know no other word for it
        };
    }
}
