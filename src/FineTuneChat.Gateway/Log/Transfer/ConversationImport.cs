using System.Data.Common;
using System.Text.RegularExpressions;
using Dapper;
using FineTuneChat.Datasets;
using FineTuneChat.Gateway.Access;
using FineTuneChat.Gateway.Learning.Examples;
using FineTuneChat.Gateway.Learning.Feedback;
using FineTuneChat.Gateway.Storage;

namespace FineTuneChat.Gateway.Log.Transfer;

/// <summary>Writes conversations of a file into the log, as if they had been held here. One that is here already is left alone.</summary>
internal sealed partial class ConversationImport(Database database, RatingStore ratings, TimeProvider time)
{
    private const long LastSecond = 253_402_300_799; // of the year 9999

    /// <param name="caller">Whose they become.</param>
    /// <param name="assistant">With which they are from now on.</param>
    /// <param name="conversations">What is read, one after the other.</param>
    /// <param name="withRatings">Whether the ratings in it count as this user's: they make examples.</param>
    /// <param name="limits">How much the examples may hold.</param>
    /// <param name="cancellation">Ends it after the conversation that is being written; the same file again adds the rest.</param>
    public async Task<ConversationImportReport> RunAsync(
        Caller caller, string assistant, IEnumerable<ConversationRead> conversations, bool withRatings, DatasetLimits limits,
        CancellationToken cancellation)
    {
        int imported = 0, duplicates = 0, replies = 0;
        var errors = new List<ConversationProblem>();
        var budget = new ExampleBudget(limits.ExampleCharacters);
        foreach ((int index, ReadConversation? conversation, string? unread) in conversations)
        {
            cancellation.ThrowIfCancellationRequested();
            string? problem = unread ?? (withRatings ? Excess(conversation!, budget, limits) : null);
            if (problem is not null)
                errors.Add(new ConversationProblem(index, problem));
            else if (await database.WriteAsync(connection => Write(connection, caller, assistant, conversation!, withRatings))) // chats are logged in between
                (imported, replies) = (imported + 1, replies + conversation!.Replies.Count);
            else
                duplicates++;
        }
        return new(imported, duplicates, replies, errors);
    }

    /// <summary>Why the ratings of a conversation make more examples than can be written; null when they do not.</summary>
    private static string? Excess(ReadConversation conversation, ExampleBudget file, DatasetLimits limits)
    {
        var own = new ExampleBudget(limits.ChatExampleCharacters);
        foreach (ReadReply reply in conversation.Replies.Where(reply => reply.Rating is not null))
            if ((!own.TryTake(reply.Prompt) ? own : !file.TryTake(reply.Prompt) ? file : null) is { } over)
                return $"its rated replies, each with all that precedes it, make examples of more characters than the {over.Allowed:N0} that "
                    + $"{(over == own ? "a conversation" : "a file")} may have; import it without ratings.";
        return null;
    }

    private bool Write(DbConnection connection, Caller caller, string assistant, ReadConversation conversation, bool withRatings)
    {
        if (conversation.Id is { } known && connection.ExecuteScalar<bool>(
            $"SELECT COUNT(*) FROM conversations WHERE id = @known AND {caller.Sees("owner")}", new { known, caller.Owner }))
            return false;
        string id = conversation.Id is { } given && AllowedId().IsMatch(given) && !ConversationStore.IsAnothers(connection, given, caller)
            ? given
            : $"conv_{Guid.CreateVersion7(time.GetUtcNow()):N}";
        var stored = new StoredMessages();
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
                Assistant = assistant,
                Model = reply.Model, // and no version: the numbers of another server are not ours
                StartedAt = at,
                Duration = TimeSpan.Zero,
            }, at, stored);
            if (withRatings && reply.Rating is { } rating)
            {
                string? correction = string.IsNullOrWhiteSpace(rating.Correction) ? null : rating.Correction;
                ratings.Rate(connection, caller, completion, rating.Rating, correction, rating.Comment,
                    rating.Rating == "down" ? [.. Reasons.All.Where(reason => rating.Reasons?.Contains(reason) == true)] : []);
            }
        }
        connection.Execute(
            """
            UPDATE conversations SET title = COALESCE(@Title, title), created_at = COALESCE(@created, created_at), updated_at = COALESCE(@updated, updated_at),
                shown_id = @shown
            WHERE id = @id
            """,
            new { id, conversation.Title, created = Milliseconds(conversation.CreatedAt), updated = Milliseconds(conversation.UpdatedAt), shown });
        return true;
    }

    private static string NewCompletionId(DbConnection connection, string? given) =>
        given is not null && AllowedCompletion().IsMatch(given)
            && connection.ExecuteScalar<int>("SELECT COUNT(*) FROM exchanges WHERE completion_id = @given", new { given }) == 0
            ? given
            : $"chatcmpl-{Guid.NewGuid():N}";

    private static long? Milliseconds(long? seconds) => Time(seconds)?.ToUnixTimeMilliseconds();

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
