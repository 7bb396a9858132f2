using Dapper;
using FineTuneChat.Gateway.Access;
using FineTuneChat.Gateway.Storage;

namespace FineTuneChat.Gateway.Talks;

/// <summary>Summaries, each with the logged message that it ends with: erased with that.</summary>
internal sealed class SummaryStore(Database database)
{
    /// <summary>The caller's message at this place of a talk, and the summary up to it; null where no such message is logged.</summary>
    public (long Id, string? Summary)? Find(Caller caller, byte[] hash) => database.Read(connection => connection
        .Query<(long, string?)>(
            """
            SELECT m.id, m.summary FROM messages m JOIN conversations c ON c.id = m.conversation_id
            WHERE m.path_hash = @hash AND c.owner = @Owner ORDER BY m.summary IS NULL, m.id DESC LIMIT 1
            """,
            new { hash, caller.Owner })
        .Select(row => ((long, string?)?)row).FirstOrDefault());

    /// <summary>Keeps a summary, unless another request has written one in the meantime: that one counts, here and there.</summary>
    public Task<string> KeepAsync(long id, string summary) => database.WriteAsync(connection => connection.QueryFirstOrDefault<string>(
        "UPDATE messages SET summary = COALESCE(summary, @summary) WHERE id = @id RETURNING summary", new { id, summary }) ?? summary);
}
