using System.Data.Common;
using Dapper;
using FineTuneChat.Gateway.Access;
using FineTuneChat.Gateway.Learning.Examples;
using FineTuneChat.Gateway.Storage;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Learning.Feedback;

/// <summary>Ratings with their history. A rating and the example that follows from it are one transaction.</summary>
internal sealed class RatingStore(Database database, TimeProvider time)
{
    /// <summary>Null when no such completion is logged, or none that the caller sees. When the task completes the rating is on the disk.</summary>
    public Task<StoredRating?> RateAsync(
        Caller caller, string completionId, string? rating, string? correction, string? comment, IReadOnlyList<string>? reasons) =>
        database.WriteAsync(connection => Rate(connection, caller, completionId, rating, correction, comment, reasons));

    /// <summary>The thumb that counts now.</summary>
    public static string? Current(DbConnection connection, string completionId) => connection.QueryFirstOrDefault<string?>(
        "SELECT rating FROM ratings WHERE completion_id = @completionId ORDER BY id DESC LIMIT 1", new { completionId });

    /// <summary>What the rating that counts now finds wrong.</summary>
    public static string[] ReasonsOf(DbConnection connection, string completionId) => StoredJson.Texts(connection.QueryFirstOrDefault<string?>(
        "SELECT reasons FROM ratings WHERE completion_id = @completionId ORDER BY id DESC LIMIT 1", new { completionId }));

    /// <summary>As <see cref="RateAsync"/>, inside a transaction. Whatever the way here: who rates teaches, and needs the scope for it.</summary>
    /// <exception cref="OpenAiException">403: the caller may not rate.</exception>
    public StoredRating? Rate(
        DbConnection connection, Caller caller, string completionId, string? rating, string? correction, string? comment,
        IReadOnlyList<string>? reasons = null)
    {
        caller.Require(Scopes.Rate);
        string? assistant = connection.QueryFirstOrDefault<string>(
            $"""
            SELECT e.assistant FROM exchanges e JOIN conversations c ON c.id = e.conversation_id
            WHERE e.completion_id = @completionId AND {caller.Sees("c.owner")}
            """,
            new { completionId, caller.Owner });
        if (assistant is null)
            return null;
        var before = connection.QueryFirstOrDefault<(string? Rating, string? Correction)>(
            "SELECT rating, correction FROM ratings WHERE completion_id = @completionId ORDER BY id DESC LIMIT 1", new { completionId });
        string[] said = [.. (reasons ?? []).Distinct()];
        long now = time.GetUtcNow().ToUnixTimeMilliseconds();
        connection.Execute(
            """
            INSERT INTO ratings (completion_id, assistant, rating, correction, comment, reasons, created_at)
            VALUES (@completionId, @assistant, @rating, @correction, @comment, @said, @now)
            """,
            new { completionId, assistant, rating, correction, comment, said = StoredJson.ArrayOrNull(said), now });
        (string? exampleId, string? status) = before == (rating, correction) // only comment and reasons are new: what the user made of the example stays
            ? ExampleWriter.Find(connection, completionId)
            : ExampleWriter.Follow(connection, completionId, rating, correction, time.GetUtcNow());
        PreferenceWriter.Follow(connection, completionId, now);
        return new StoredRating
        {
            CompletionId = completionId,
            Rating = rating,
            Correction = correction,
            Comment = comment,
            Reasons = said,
            CreatedAt = now / 1000,
            ExampleId = exampleId,
            ExampleStatus = status,
        };
    }
}
