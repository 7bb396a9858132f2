using System.Text.Json.Serialization;
using Dapper;
using FineTuneChat.Gateway.Access;
using FineTuneChat.Gateway.Learning.Runs;
using FineTuneChat.Gateway.Learning.Versions;
using FineTuneChat.Gateway.Log;
using FineTuneChat.Gateway.Log.StoredCompletions;
using FineTuneChat.Gateway.Storage;
using Microsoft.Data.Sqlite;

namespace FineTuneChat.Gateway.Learning.Erasure;

/// <summary>
/// Takes conversations and imports out of everything that is to come (log, dataset, future runs, the data files of past ones), and tells which versions
/// have learned from them already: weights do not forget, only another training does without.
/// </summary>
internal sealed class Eraser(Database database, RetrainingWorker worker, VersionStore versions, DataFolder data, TimeProvider time)
{
    /// <summary>Deletes a conversation with all that hangs on it; null when there is none that the caller sees.</summary>
    public Task<Erased?> ConversationAsync(Caller caller, string id) => EraseAsync(id, "conversation", connection =>
    {
        if (ConversationStore.IsAnothers(connection, id, caller))
            return null;
        Trace trace = Follow(connection, "SELECT id FROM examples WHERE conversation_id = @id", id);
        return connection.Execute("DELETE FROM conversations WHERE id = @id", new { id }) > 0 ? trace : null;
    });

    /// <summary>
    /// Deletes one reply, with its rating and its example; null when there is none that the caller sees. What later turns repeat of it stays with them.
    /// </summary>
    public Task<Erased?> CompletionAsync(Caller caller, string id) => EraseAsync(id, "chat.completion", connection =>
    {
        if (StoredCompletionStore.Find(connection, caller, id) is null)
            return null;
        Trace trace = Follow(connection, "SELECT id FROM examples WHERE completion_id = @id", id);
        return ExchangeLog.Remove(connection, id) ? trace : null;
    });

    /// <summary>Deletes the examples of an import; null when there is none.</summary>
    public Task<Erased?> ImportAsync(string id) => EraseAsync(id, "dataset.import", connection =>
    {
        Trace trace = Follow(connection, "SELECT id FROM examples WHERE import_id = @id", id);
        return connection.Execute("DELETE FROM examples WHERE import_id = @id", new { id }) > 0 ? trace : null;
    });

    /// <param name="id">Of what is deleted.</param>
    /// <param name="kind">Its kind, for the answer.</param>
    /// <param name="delete">Deletes it and tells what it has left; null when it is not there.</param>
    private async Task<Erased?> EraseAsync(string id, string kind, Func<SqliteConnection, Trace?> delete)
    {
        // 1. Out of the database, with a note for each run that used it.
        if (await database.WriteAsync(delete) is not { } trace)
            return null;
        await MessageSearch.EraseDeletedAsync(database);
        await database.EmptyLogAsync();

        // 2. Not into a version that is being made.
        Run? cancelled = worker.CancelIf(run => trace.Runs.Contains(run.Id));

        // 3. Out of the data files of runs that have ended; those of a run in progress go at its end.
        foreach (string run in trace.Runs.Where(run => run != cancelled?.Id))
            RunFolder.RemoveData(data, run);

        ModelVersion[] learned = [.. versions.List().Where(v => v.RunId is { } run && trace.TrainedRuns.Contains(run)).OrderBy(v => v.Number)];
        return new Erased(id, kind, trace.Examples, [.. learned.Select(v => v.Number)], cancelled?.Id, Erased.Describe(learned));
    }

    /// <summary>Which runs used these examples; notes it, because what links them goes with the examples.</summary>
    private Trace Follow(SqliteConnection connection, string examples, string id)
    {
        var used = connection.Query<(string Run, long Trained)>(
            $"""
            SELECT run_id, SUM(split = 'train' AND represented_by IS NULL) FROM run_examples WHERE example_id IN ({examples}) GROUP BY run_id
            """,
            new { id }).ToArray();
        foreach ((string run, long trained) in used)
            connection.Execute(
                "INSERT INTO forgotten (run_id, examples, created_at) VALUES (@run, @trained, @now)",
                new { run, trained, now = time.GetUtcNow().ToUnixTimeMilliseconds() });
        return new Trace(
            connection.ExecuteScalar<int>($"SELECT COUNT(*) FROM ({examples})", new { id }),
            [.. used.Select(u => u.Run)],
            [.. used.Where(u => u.Trained > 0).Select(u => u.Run)]);
    }

    private sealed record Trace(int Examples, string[] Runs, string[] TrainedRuns);
}

/// <summary>What was deleted, and what has learned from it before.</summary>
/// <param name="Id">Of what was deleted.</param>
/// <param name="Object">Its kind.</param>
/// <param name="Examples">Examples that went with it.</param>
/// <param name="Versions">Versions that were trained on them and are still there.</param>
/// <param name="CancelledRun">The run that was learning from it.</param>
/// <param name="Note">What can be done, in words.</param>
internal sealed record Erased(string Id, string Object, int Examples, IReadOnlyList<int> Versions, string? CancelledRun, string Note)
{
    [JsonPropertyName("deleted")]
    public bool IsDeleted => true;

    public static string Describe(IReadOnlyCollection<ModelVersion> learned)
    {
        if (learned.Count == 0)
            return "No version has learned from it.";
        int[] numbers = [.. learned.Select(v => v.Number)];
        string which = numbers.Length == 1
            ? $"Version {numbers[0]} has learned from it"
            : $"Versions {string.Join(", ", numbers[..^1])} and {numbers[^1]} have learned from it";
        return learned.FirstOrDefault(v => v.Active) is { } active
            ? $"{which}; version {active.Number} is in service. "
                + "Train again to have a version without it (POST /api/training/start), then delete the ones that have it."
            : $"{which}, none of them in service. Delete them to be rid of it (DELETE /api/versions/N).";
    }
}
