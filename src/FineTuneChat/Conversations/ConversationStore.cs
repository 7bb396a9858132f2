using System.Text.Json;
using Dapper;
using FineTuneChat.Feedback;
using FineTuneChat.Gateway;
using FineTuneChat.OpenAi;
using FineTuneChat.Storage;

namespace FineTuneChat.Conversations;

/// <summary>The logged conversations: list, search, read, rename.</summary>
internal sealed class ConversationStore(Database database)
{
    private const int MostMatches = 2_000; // newest messages of a word that is everywhere: no list of conversations is read beyond them
    private const string NoWord = "\"\"";

    public ListPage<ConversationSummary> List(string? search, ListQuery page) => database.Read(connection =>
    {
        IEnumerable<ConversationSummary> rows = connection.Query<ConversationSummary>(
            """
            SELECT c.id, c.title, c.created_at / 1000 AS created_at, c.updated_at / 1000 AS updated_at
            FROM conversations c
            WHERE (@after IS NULL OR (c.updated_at, c.id) < (SELECT updated_at, id FROM conversations WHERE id = @after))
              AND (@pattern IS NULL OR c.title LIKE @pattern ESCAPE '\' OR c.id IN (SELECT conversation_id FROM messages WHERE id IN (
                  SELECT rowid FROM message_search WHERE message_search MATCH @words ORDER BY rowid DESC LIMIT @most)))
            ORDER BY c.updated_at DESC, c.id DESC LIMIT @limit
            """,
            new { after = page.After, pattern = Pattern(search), words = MessageSearch.Expression(search) ?? NoWord, most = MostMatches, limit = page.Limit + 1 });
        return ListPage<ConversationSummary>.Of([.. rows], page.Limit, c => c.Id);
    });

    public Conversation? Find(string id) => database.Read(connection =>
    {
        var head = connection.QueryFirstOrDefault<ConversationSummary>(
            "SELECT id, title, created_at / 1000 AS created_at, updated_at / 1000 AS updated_at FROM conversations WHERE id = @id", new { id });
        if (head is null)
            return null;
        IEnumerable<MessageRow> rows = connection.Query<MessageRow>(NewestBranch, new { id });
        return new Conversation { Id = head.Id, Title = head.Title, CreatedAt = head.CreatedAt, UpdatedAt = head.UpdatedAt, Messages = [.. rows.Select(r => r.ToMessage())] };
    });

    /// <summary>Whether there was such a conversation.</summary>
    public Task<bool> RenameAsync(string id, string title) =>
        database.WriteAsync(connection => connection.Execute("UPDATE conversations SET title = @title WHERE id = @id", new { id, title }) > 0);

    // From the newest reply up to the first message; of several exchanges with the same reply the newest stands for them.
    private const string NewestBranch =
        """
        WITH RECURSIVE branch (id, parent_id, depth) AS (
            SELECT m.id, m.parent_id, 0 FROM messages m
            WHERE m.id = (SELECT reply_id FROM exchanges WHERE conversation_id = @id ORDER BY created_at DESC, rowid DESC LIMIT 1)
            UNION ALL
            SELECT m.id, m.parent_id, depth + 1 FROM messages m JOIN branch b ON m.id = b.parent_id
        )
        SELECT m.message, m.created_at, e.completion_id, e.version, e.model, e.finish_reason,
               r.rating, r.correction, r.comment
        FROM branch b
        JOIN messages m ON m.id = b.id
        LEFT JOIN exchanges e ON e.completion_id = (SELECT completion_id FROM exchanges WHERE reply_id = m.id ORDER BY created_at DESC, rowid DESC LIMIT 1)
        LEFT JOIN ratings r ON r.id = (SELECT MAX(id) FROM ratings WHERE completion_id = e.completion_id)
        ORDER BY b.depth DESC
        """;

    private static string? Pattern(string? search) =>
        string.IsNullOrWhiteSpace(search) ? null : $"%{search.Trim().Replace("\\", "\\\\").Replace("%", "\\%").Replace("_", "\\_")}%";

    private sealed class MessageRow
    {
        public required string Message { get; init; }
        public required long CreatedAt { get; init; }
        public string? CompletionId { get; init; }
        public int? Version { get; init; }
        public string? Model { get; init; }
        public string? FinishReason { get; init; }
        public string? Rating { get; init; }
        public string? Correction { get; init; }
        public string? Comment { get; init; }

        public ConversationMessage ToMessage()
        {
            RequestMessage message = JsonSerializer.Deserialize(Message, OpenAiJson.Default.RequestMessage)!;
            return new()
            {
                Role = message.Role!,
                Content = message.Content,
                CompletionId = CompletionId,
                Version = Version,
                Model = Model,
                FinishReason = FinishReason,
                CreatedAt = CreatedAt / 1000,
                Rating = Rating is null ? null : new RatingSummary(Rating, Correction, Comment),
            };
        }
    }
}
