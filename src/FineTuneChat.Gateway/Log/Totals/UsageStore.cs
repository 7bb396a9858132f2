using Dapper;
using FineTuneChat.Gateway.Access;
using FineTuneChat.Gateway.Storage;

namespace FineTuneChat.Gateway.Log.Totals;

/// <summary>Adds up the replies that were written here; what was imported was written elsewhere, and took no time.</summary>
internal sealed class UsageStore(Database database)
{
    public UsageReport OfConversation(string id) => Sum("e.conversation_id = @id", new { id });

    /// <summary>Of the caller's own conversations with an assistant; of all where the caller sees all.</summary>
    public UsageReport OfAssistant(Caller caller, string id) => Sum(
        caller.SeesAll ? "e.assistant = @id" : $"e.conversation_id IN (SELECT c.id FROM conversations c WHERE c.assistant = @id AND {caller.Sees("c.owner")})",
        new { id, caller.Owner });

    private UsageReport Sum(string condition, object parameters) => UsageReport.Of(database.Read(c => c.Query<ModelUsage>(
        $"""
        SELECT e.model, e.version, COUNT(*) AS replies, CAST(COALESCE(SUM(e.prompt_tokens), 0) AS BIGINT) AS prompt_tokens,
               CAST(COALESCE(SUM(e.completion_tokens), 0) AS BIGINT) AS completion_tokens, SUM(e.duration_ms) / 1000 AS seconds
        FROM exchanges e WHERE {condition} AND e.duration_ms > 0
        GROUP BY e.model, e.version ORDER BY replies DESC, e.model
        """,
        parameters).ToArray()));
}
