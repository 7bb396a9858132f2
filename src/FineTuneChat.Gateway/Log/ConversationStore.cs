using System.Text.Json;
using Dapper;
using FineTuneChat.Gateway.Access;
using FineTuneChat.Gateway.Storage;
using FineTuneChat.Protocol.Lists;
using FineTuneChat.Protocol.OpenAi;
using Microsoft.Data.Sqlite;

namespace FineTuneChat.Gateway.Log;

/// <summary>The logged conversations, as far as the caller sees them: list, search, read, rename, step to a branch.</summary>
internal sealed class ConversationStore(Database database)
{
    private const int MostMatches = 2_000; // newest messages that a search looks at: the word may be in all of them
    private const int MostShared = 20_000; // the same, where they are sorted out by their owner first
    private const string NoWord = "\"\"";

    public ListPage<ConversationSummary> List(Caller caller, string? assistant, string? search, ListQuery page) => database.Read(connection =>
    {
        IEnumerable<ConversationSummary> rows = connection.Query<ConversationSummary>(
            $"""
            SELECT c.id, c.assistant, c.title, c.created_at / 1000 AS created_at, c.updated_at / 1000 AS updated_at
            FROM conversations c
            WHERE {caller.Sees("c.owner")} AND (@assistant IS NULL OR c.assistant = @assistant)
              AND (@after IS NULL OR (c.updated_at, c.id) < (SELECT updated_at, id FROM conversations WHERE id = @after))
              AND (@pattern IS NULL OR c.title LIKE @pattern ESCAPE '\' OR c.id IN ({Matches(caller)}))
            ORDER BY c.updated_at DESC, c.id DESC LIMIT @limit
            """,
            new
            {
                caller.Owner,
                assistant,
                after = page.After,
                pattern = Pattern(search),
                words = MessageSearch.Expression(search) ?? NoWord,
                most = MostMatches,
                shared = MostShared,
                limit = page.Limit + 1,
            });
        return ListPage<ConversationSummary>.Of([.. rows], page.Limit, c => c.Id);
    });

    /// <summary>Conversations with the newest messages that match. Where others' do not count, they must not use up the limit either.</summary>
    private static string Matches(Caller caller) => caller.SeesAll
        ? """
          SELECT conversation_id FROM messages
          WHERE id IN (SELECT rowid FROM message_search WHERE message_search MATCH @words ORDER BY rowid DESC LIMIT @most)
          """
        : """
          SELECT own.id FROM (SELECT rowid AS id FROM message_search WHERE message_search MATCH @words ORDER BY rowid DESC LIMIT @shared) found
          JOIN messages m ON m.id = found.id JOIN conversations own ON own.id = m.conversation_id
          WHERE own.owner = @Owner ORDER BY m.id DESC LIMIT @most
          """;

    /// <summary>Null when there is no such conversation, or none that the caller sees.</summary>
    public Conversation? Find(Caller caller, string id) => database.Read(connection => Find(connection, caller, id));

    /// <summary>Whether this id belongs to a conversation that the caller may not see.</summary>
    public bool IsAnothers(string id, Caller caller) => database.Read(connection => IsAnothers(connection, id, caller));

    /// <summary>With which assistant a conversation is; null: there is none of that id.</summary>
    public string? AssistantOf(string id) => database.Read(connection => AssistantOf(connection, id));

    /// <summary>As <see cref="AssistantOf(string)"/>, inside a transaction.</summary>
    public static string? AssistantOf(SqliteConnection connection, string id) =>
        connection.QueryFirstOrDefault<string>("SELECT assistant FROM conversations WHERE id = @id", new { id });

    /// <summary>As <see cref="IsAnothers(string, Caller)"/>, inside a transaction.</summary>
    public static bool IsAnothers(SqliteConnection connection, string id, Caller caller) =>
        connection.ExecuteScalar<bool>($"SELECT COUNT(*) FROM conversations WHERE id = @id AND NOT ({caller.Sees("owner")})", new { id, caller.Owner });

    /// <summary>Names a conversation, or steps to the branch that ends with a reply; null leaves as it was. Null when there is no such conversation.</summary>
    /// <exception cref="OpenAiException">404: it has no such reply.</exception>
    public Task<Conversation?> ChangeAsync(Caller caller, string id, string? title, string? shown) => database.WriteAsync(connection =>
    {
        if (IsAnothers(connection, id, caller))
            return null;
        if (shown is not null
            && connection.ExecuteScalar<int>("SELECT COUNT(*) FROM exchanges WHERE completion_id = @shown AND conversation_id = @id", new { id, shown }) == 0)
            throw OpenAiException.NotFound("reply of this conversation", shown);
        connection.Execute(
            "UPDATE conversations SET title = COALESCE(@title, title), shown_id = COALESCE(@shown, shown_id) WHERE id = @id", new { id, title, shown });
        return Find(connection, caller, id);
    });

    private static Conversation? Find(SqliteConnection connection, Caller caller, string id)
    {
        var head = connection.QueryFirstOrDefault<ConversationSummary>(
            $"""
            SELECT id, assistant, title, created_at / 1000 AS created_at, updated_at / 1000 AS updated_at
            FROM conversations WHERE id = @id AND {caller.Sees("owner")}
            """,
            new { id, caller.Owner });
        if (head is null)
            return null;
        string? last = connection.QueryFirstOrDefault<string>(LastShown, new { id });
        MessageRow[] all = [.. connection.Query<MessageRow>(Messages, new { id })];
        List<MessageRow> shown = Branch(all, last);
        string? request = connection.QueryFirstOrDefault<string>("SELECT request FROM exchanges WHERE completion_id = @last", new { last });
        return new Conversation
        {
            Id = head.Id,
            Assistant = head.Assistant,
            Title = head.Title,
            CreatedAt = head.CreatedAt,
            UpdatedAt = head.UpdatedAt,
            Messages = [.. shown.Select(r => r.ToMessage())],
            OtherMessages = [.. all.Except(shown).Select(r => r.ToMessage())],
            Request = request is null ? null : JsonElement.Parse(request),
        };
    }

    /// <summary>From a reply up to the first message. Of several replies with the same words the first one went on.</summary>
    private static List<MessageRow> Branch(MessageRow[] all, string? last)
    {
        ILookup<long, MessageRow> places = all.ToLookup(row => row.Id);
        var branch = new List<MessageRow>();
        for (MessageRow? row = Array.Find(all, r => r.CompletionId == last); row is not null; row = row.ParentId is { } parent ? places[parent].First() : null)
            branch.Insert(0, row);
        return branch;
    }

    private const string LastShown =
        """
        SELECT completion_id FROM exchanges WHERE conversation_id = @id
        ORDER BY completion_id = (SELECT shown_id FROM conversations WHERE id = @id) DESC, created_at DESC, rowid DESC LIMIT 1
        """;

    private const string Messages =
        """
        SELECT m.id, m.parent_id, m.message, m.created_at, e.completion_id, e.version, e.model, e.finish_reason, e.recalled, e.sources,
               e.folded, e.summary_of, e.prompt_tokens + e.completion_tokens AS tokens, r.rating, r.correction, r.comment, r.reasons
        FROM messages m
        LEFT JOIN exchanges e ON e.reply_id = m.id
        LEFT JOIN ratings r ON r.id = (SELECT MAX(id) FROM ratings WHERE completion_id = e.completion_id)
        WHERE m.conversation_id = @id ORDER BY m.id, e.created_at, e.rowid
        """;

    private static string? Pattern(string? search) =>
        string.IsNullOrWhiteSpace(search) ? null : $"%{search.Trim().Replace("\\", "\\\\").Replace("%", "\\%").Replace("_", "\\_")}%";

    private sealed class MessageRow
    {
        public required long Id { get; init; }
        public long? ParentId { get; init; }
        public required string Message { get; init; }
        public required long CreatedAt { get; init; }
        public string? CompletionId { get; init; }
        public int? Version { get; init; }
        public string? Model { get; init; }
        public string? FinishReason { get; init; }
        public string? Rating { get; init; }
        public string? Correction { get; init; }
        public string? Comment { get; init; }
        public string? Recalled { get; init; }
        public string? Sources { get; init; }
        public string? Reasons { get; init; }
        public int? Tokens { get; init; }
        public int? Folded { get; init; }
        public long? SummaryOf { get; init; }

        public ConversationMessage ToMessage()
        {
            RequestMessage message = JsonSerializer.Deserialize(Message, OpenAiJson.Default.RequestMessage)!;
            return new()
            {
                Id = Id,
                ParentId = ParentId,
                Role = message.Role!,
                Content = message.Content,
                ToolCalls = message.ToolCalls,
                ToolCallId = message.ToolCallId,
                ReasoningContent = message.ReasoningContent,
                CompletionId = CompletionId,
                Version = Version,
                Model = Model,
                FinishReason = FinishReason,
                CreatedAt = CreatedAt / 1000,
                Rating = Rating is null ? null : new RatingSummary(Rating, Correction, Comment, StoredJson.Texts(Reasons)),
                Recalled = StoredJson.Texts(Recalled),
                Sources = Sources is null ? null : JsonSerializer.Deserialize(Sources, OpenAiJson.Default.IReadOnlyListDocumentSource)!,
                Tokens = Tokens,
                Folded = Folded ?? 0,
                IsSummarised = SummaryOf is not null,
            };
        }
    }
}
