using System.Data.Common;
using System.Text.Json;
using Dapper;
using FineTuneChat.Gateway.Access;
using FineTuneChat.Gateway.Storage;
using FineTuneChat.Protocol.Lists;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Log;

/// <summary>The logged conversations, as far as the caller sees them: list, search, read, rename, put away, step to a branch.</summary>
internal sealed class ConversationStore(Database database)
{
    private const int MostMatches = 2_000; // newest messages that a search looks at: the word may be in all of them
    private const int MostShared = 20_000; // the same, where they are sorted out by their owner first
    private const int MostTags = 1_000; // of a list

    public ListPage<ConversationSummary> List(Caller caller, ConversationFilter filter, ListQuery page) => database.Read(connection =>
    {
        IEnumerable<HeadRow> rows = connection.Query<HeadRow>(
            $"""
            SELECT {Head}
            FROM conversations c
            WHERE {caller.Sees("c.owner")} AND (@Assistant IS NULL OR c.assistant = @Assistant)
              AND (@Pinned IS NULL OR c.pinned = @Pinned) AND (@Archived IS NULL OR c.archived = @Archived)
              AND (@Tag IS NULL OR EXISTS (SELECT 1 FROM json_each(c.tags) WHERE value = @Tag))
              AND (@after IS NULL OR (c.updated_at, c.id) < (SELECT updated_at, id FROM conversations WHERE id = @after))
              AND (@pattern IS NULL OR lower(c.title) LIKE lower(@pattern) ESCAPE '\' OR c.id IN ({Matches(caller)}))
            ORDER BY c.updated_at DESC, c.id DESC LIMIT @limit
            """,
            new
            {
                caller.Owner,
                filter.Assistant,
                filter.Pinned,
                filter.Archived,
                filter.Tag,
                after = page.After,
                pattern = Pattern(filter.Search),
                words = database.Words.Expression(MessageSearch.Words(filter.Search), isAny: false),
                most = MostMatches,
                shared = MostShared,
                limit = page.Limit + 1,
            });
        return ListPage<ConversationSummary>.Of([.. rows.Select(row => row.ToSummary())], page.Limit, c => c.Id);
    });

    /// <summary>The tags of all conversations that the caller sees, in the order of their names.</summary>
    public IReadOnlyList<ConversationTag> Tags(Caller caller) => database.Read(connection => connection.Query<ConversationTag>(
        $"""
        SELECT value AS Tag, COUNT(*) AS Conversations FROM conversations c, json_each(c.tags) WHERE {caller.Sees("c.owner")}
        GROUP BY value ORDER BY lower(value), value LIMIT {MostTags}
        """,
        new { caller.Owner }).ToArray());

    /// <summary>Conversations with the newest messages that match. Where others' do not count, they must not use up the limit either.</summary>
    private string Matches(Caller caller) => caller.SeesAll
        ? $"""
          SELECT conversation_id FROM messages
          WHERE id IN ({database.Words.Messages} ORDER BY id DESC LIMIT @most)
          """
        : $"""
          SELECT own.id FROM ({database.Words.Messages} ORDER BY id DESC LIMIT @shared) found
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
    public static string? AssistantOf(DbConnection connection, string id) =>
        connection.QueryFirstOrDefault<string>("SELECT assistant FROM conversations WHERE id = @id", new { id });

    /// <summary>As <see cref="IsAnothers(string, Caller)"/>, inside a transaction.</summary>
    public static bool IsAnothers(DbConnection connection, string id, Caller caller) =>
        connection.ExecuteScalar<bool>($"SELECT COUNT(*) FROM conversations WHERE id = @id AND NOT ({caller.Sees("owner")})", new { id, caller.Owner });

    /// <summary>Changes what is not null: name, how it is put away, the reply that ends the branch shown. Null when there is no such conversation.</summary>
    /// <exception cref="OpenAiException">404: it has no such reply.</exception>
    public Task<Conversation?> ChangeAsync(Caller caller, string id, ConversationChange change) => database.WriteAsync(connection =>
    {
        string? shown = change.Shown;
        if (IsAnothers(connection, id, caller))
            return null;
        if (shown is not null
            && connection.ExecuteScalar<int>("SELECT COUNT(*) FROM exchanges WHERE completion_id = @shown AND conversation_id = @id", new { id, shown }) == 0)
            throw OpenAiException.NotFound("reply of this conversation", shown);
        connection.Execute(
            """
            UPDATE conversations SET title = COALESCE(@Title, title), shown_id = COALESCE(@shown, shown_id),
                pinned = COALESCE(@Pinned, pinned), archived = COALESCE(@Archived, archived), tags = COALESCE(@tags, tags) WHERE id = @id
            """,
            new
            {
                id,
                change.Title,
                shown,
                change.Pinned,
                change.Archived,
                tags = change.Tags is null ? null : StoredJson.Array(change.Tags),
            });
        return Find(connection, caller, id);
    });

    private static Conversation? Find(DbConnection connection, Caller caller, string id)
    {
        ConversationSummary? head = connection.QueryFirstOrDefault<HeadRow>(
            $"SELECT {Head} FROM conversations c WHERE id = @id AND {caller.Sees("owner")}", new { id, caller.Owner })?.ToSummary();
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
            Pinned = head.Pinned,
            Archived = head.Archived,
            Tags = head.Tags,
            CreatedAt = head.CreatedAt,
            UpdatedAt = head.UpdatedAt,
            Messages = [.. shown.Select(r => r.ToMessage())],
            OtherMessages = [.. all.Except(shown).Select(r => r.ToMessage())],
            Request = request is null ? null : JsonElement.Parse(request),
        };
    }

    /// <summary>From a reply up to the first message. Of several replies with the same words the last one that there was then went on: it was shown.</summary>
    private static List<MessageRow> Branch(MessageRow[] all, string? last)
    {
        ILookup<long, MessageRow> places = all.ToLookup(row => row.Id);
        var branch = new List<MessageRow>();
        for (MessageRow? row = Array.Find(all, r => r.CompletionId == last); row is not null; row = Before(row))
            branch.Add(row);
        branch.Reverse();
        return branch;

        MessageRow? Before(MessageRow row) =>
            row.ParentId is { } parent ? places[parent].LastOrDefault(p => p.BegunAt <= row.CreatedAt) ?? places[parent].First() : null;
    }

    private const string Head =
        "c.id, c.assistant, c.title, c.pinned, c.archived, c.tags, c.created_at / 1000 AS created_at, c.updated_at / 1000 AS updated_at";

    private const string LastShown =
        """
        SELECT completion_id FROM exchanges WHERE conversation_id = @id
        ORDER BY completion_id = (SELECT shown_id FROM conversations WHERE id = @id) DESC, created_at DESC, rowid DESC LIMIT 1
        """;

    private const string Messages =
        """
        SELECT m.id, m.parent_id, ROW_NUMBER() OVER (PARTITION BY m.id ORDER BY e.created_at, e.rowid) - 1 AS variant,
               m.message, m.created_at, e.created_at AS begun_at, e.completion_id, e.version, e.model, e.finish_reason, e.recalled, e.sources,
               e.folded, e.summary_of, e.prompt_tokens + e.completion_tokens AS tokens, r.rating, r.correction, r.comment, r.reasons
        FROM messages m
        LEFT JOIN exchanges e ON e.reply_id = m.id
        LEFT JOIN ratings r ON r.id = (SELECT MAX(id) FROM ratings WHERE completion_id = e.completion_id)
        WHERE m.conversation_id = @id ORDER BY m.id, e.created_at, e.rowid
        """;

    private static string? Pattern(string? search) =>
        string.IsNullOrWhiteSpace(search) ? null : $"%{search.Trim().Replace("\\", "\\\\").Replace("%", "\\%").Replace("_", "\\_")}%";

    private sealed class HeadRow
    {
        public required string Id { get; init; }
        public required string Assistant { get; init; }
        public required string Title { get; init; }
        public required bool Pinned { get; init; }
        public required bool Archived { get; init; }
        public required string Tags { get; init; }
        public required long CreatedAt { get; init; }
        public required long UpdatedAt { get; init; }

        public ConversationSummary ToSummary() => new()
        {
            Id = Id,
            Assistant = Assistant,
            Title = Title,
            Pinned = Pinned,
            Archived = Archived,
            Tags = StoredJson.Texts(Tags),
            CreatedAt = CreatedAt,
            UpdatedAt = UpdatedAt,
        };
    }

    private sealed class MessageRow
    {
        public required long Id { get; init; }
        public required int Variant { get; init; }
        public long? ParentId { get; init; }

        /// <summary>When the reply was asked for; null where the message is none.</summary>
        public long? BegunAt { get; init; }
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
                Variant = Variant,
                ParentId = ParentId,
                Role = message.Role!,
                Content = message.Content,
                ToolCalls = message.ToolCalls,
                ToolCallId = message.ToolCallId,
                VectorStoreIds = message.VectorStoreIds,
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
