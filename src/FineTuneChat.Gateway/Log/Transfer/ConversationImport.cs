using System.Text.RegularExpressions;
using Dapper;
using FineTuneChat.Gateway.Access;
using FineTuneChat.Gateway.Assistants;
using FineTuneChat.Gateway.Learning.Feedback;
using FineTuneChat.Gateway.Storage;
using Microsoft.Data.Sqlite;

namespace FineTuneChat.Gateway.Log.Transfer;

/// <summary>Writes conversations of a file into the log, as if they had been held here. One that is here already is left alone.</summary>
internal sealed partial class ConversationImport(Database database, RatingStore ratings, TimeProvider time)
{
    private const long LastSecond = 253_402_300_799; // of the year 9999

    /// <param name="caller">Whose they become.</param>
    /// <param name="conversations">What was read.</param>
    /// <param name="bad">What could not be.</param>
    /// <param name="withRatings">Whether the ratings in it count as this user's: they make examples.</param>
    public async Task<ConversationImportReport> RunAsync(
        Caller caller, IReadOnlyList<ReadConversation> conversations, IReadOnlyList<ConversationProblem> bad, bool withRatings)
    {
        int imported = 0, replies = 0;
        foreach (ReadConversation conversation in conversations) // each in its own transaction: chats that go on meanwhile are logged in between
            if (await database.WriteAsync(connection => Write(connection, caller, conversation, withRatings)))
                (imported, replies) = (imported + 1, replies + conversation.Replies.Count);
        return new(imported, conversations.Count - imported, replies, bad);
    }

    private bool Write(SqliteConnection connection, Caller caller, ReadConversation conversation, bool withRatings)
    {
        string mine = $"SELECT COUNT(*) FROM conversations WHERE id = @known AND {caller.Sees("owner")}";
        if (conversation.Id is { } known && connection.ExecuteScalar<bool>(mine, new { known, caller.Owner }))
            return false;
        string id = conversation.Id is { } given && AllowedId().IsMatch(given) && !ConversationStore.IsAnothers(connection, given, caller)
            ? given
            : $"conv_{Guid.CreateVersion7(time.GetUtcNow()):N}";
        string? shown = null;
        foreach (ReadReply reply in conversation.Replies)
        {
            string completion = NewCompletionId(connection, reply.CompletionId);
            shown = reply.CompletionId is not null && reply.CompletionId == conversation.Shown ? completion : shown;
            DateTimeOffset at = Time(reply.CreatedAt) ?? time.GetUtcNow();
            ExchangeLog.Insert(connection, new Exchange
            {
                Reply = new() { CompletionId = completion, Messages = [reply.Message], FinishReason = reply.FinishReason },
                Request = (reply.Request ?? new()) with { Messages = reply.Prompt },
                ConversationId = id,
                Caller = caller,
                Assistant = AssistantNames.Default,
                Model = reply.Model, // and no version: the numbers of another server are not ours
                StartedAt = at,
                Duration = TimeSpan.Zero,
            }, at);
            if (withRatings && reply.Rating is { } rating)
            {
                string? correction = string.IsNullOrWhiteSpace(rating.Correction) ? null : rating.Correction;
                ratings.Rate(connection, caller, completion, rating.Rating, correction, rating.Comment);
            }
        }
        long? created = Time(conversation.CreatedAt)?.ToUnixTimeMilliseconds(), updated = Time(conversation.UpdatedAt)?.ToUnixTimeMilliseconds();
        connection.Execute(
            """
            UPDATE conversations SET title = COALESCE(@Title, title), created_at = COALESCE(@created, created_at),
                updated_at = COALESCE(@updated, updated_at), shown_id = @shown
            WHERE id = @id
            """,
            new { id, conversation.Title, created, updated, shown });
        return true;
    }

    private static string NewCompletionId(SqliteConnection connection, string? given) =>
        given is not null && AllowedCompletion().IsMatch(given)
            && connection.ExecuteScalar<int>("SELECT COUNT(*) FROM exchanges WHERE completion_id = @given", new { given }) == 0
            ? given
            : $"chatcmpl-{Guid.NewGuid():N}";

    private static DateTimeOffset? Time(long? seconds) => seconds is >= 0 and <= LastSecond ? DateTimeOffset.FromUnixTimeSeconds(seconds.Value) : null;

    [GeneratedRegex("^[A-Za-z0-9_-]{1,64}$")]
    private static partial Regex AllowedId();

    [GeneratedRegex("^chatcmpl-[A-Za-z0-9_-]{1,64}$")]
    private static partial Regex AllowedCompletion();
}

/// <summary>What an import added.</summary>
internal sealed record ConversationImportReport(int Imported, int Duplicates, int Replies, IReadOnlyList<ConversationProblem> Errors)
{
    public string Object => "conversation.import";
}
