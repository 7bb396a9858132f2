using System.Data.Common;
using Dapper;

namespace FineTuneChat.Gateway.Learning.Feedback;

/// <summary>Keeps the pairs of a question's replies in step with their ratings, inside the rating's transaction.</summary>
internal static class PreferenceWriter
{
    public static void Follow(DbConnection connection, string completionId, long now)
    {
        Sibling[] siblings = [.. connection.Query<Sibling>(
            """
            SELECT e.completion_id, m.message ->> 'content' AS text, e.created_at, r.rating, r.created_at AS rated_at,
                   r.reasons, e.finish_reason = 'stop' AS is_whole
            FROM exchanges e
            JOIN messages m ON m.id = e.reply_id
            LEFT JOIN ratings r ON r.id = (SELECT MAX(id) FROM ratings WHERE completion_id = e.completion_id)
            WHERE e.prompt_id = (SELECT prompt_id FROM exchanges WHERE completion_id = @completionId)
            """,
            new { completionId })];
        foreach (Sibling sibling in siblings)
            connection.Execute("DELETE FROM preferences WHERE chosen_id = @CompletionId", new { sibling.CompletionId });
        foreach ((string chosen, string rejected) in PreferenceRules.Pairs(siblings))
            connection.Execute(
                """
                INSERT INTO preferences (chosen_id, rejected_id, assistant, created_at)
                SELECT @chosen, @rejected, assistant, @now FROM exchanges WHERE completion_id = @chosen
                """,
                new { chosen, rejected, now });
    }
}
