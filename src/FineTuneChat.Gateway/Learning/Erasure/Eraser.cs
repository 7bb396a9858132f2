using System.Data.Common;
using Dapper;
using FineTuneChat.Gateway.Access;
using FineTuneChat.Gateway.Learning.FineTuning;
using FineTuneChat.Gateway.Learning.Runs;
using FineTuneChat.Gateway.Learning.Versions;
using FineTuneChat.Gateway.Log;
using FineTuneChat.Gateway.Log.StoredCompletions;
using FineTuneChat.Gateway.Serving;
using FineTuneChat.Gateway.Storage;

namespace FineTuneChat.Gateway.Learning.Erasure;

/// <summary>
/// Takes conversations and imports out of everything that is to come (log, dataset, future runs, the data files of past ones), and tells which versions
/// have learned from them already: weights do not forget, only another training does without. That is for <see cref="ErasureWorker"/>.
/// </summary>
internal sealed class Eraser(
    Database database, RetrainingWorker worker, AssistantRegistry assistants, DataFolder data, ErasureStore store, ErasedTexts texts, ErasureWorker erasures,
    ConversationReporter reporter, RetrainingSettings settings, TimeProvider time)
{
    /// <summary>Deletes a conversation with all that hangs on it; null when there is none that the caller sees.</summary>
    public async Task<Erased?> ConversationAsync(Caller caller, string id) =>
        (await ConversationsAsync(caller, [id])).Data is [var erased] ? erased with { Id = id } : null;

    /// <summary>Deletes conversations with all that hangs on them, as far as the caller sees them.</summary>
    /// <param name="caller">Who wants it.</param>
    /// <param name="ids">Which; null: all.</param>
    public async Task<ErasedConversations> ConversationsAsync(Caller caller, IReadOnlyList<string>? ids)
    {
        const string Chosen = "SELECT value FROM json_each(@id)";
        string? wanted = ids is null ? null : StoredJson.Array(ids);
        (string Id, string Assistant, string Owner)[] found = database.Read(connection => connection.Query<(string, string, string)>(
            $"SELECT id, assistant, owner FROM conversations WHERE {caller.Sees("owner")} AND (@id IS NULL OR id IN ({Chosen}))",
            new { caller.Owner, id = wanted }).ToArray());
        var erased = new List<Erased>();
        foreach (IGrouping<string, string> of in found.GroupBy(c => c.Assistant, c => c.Id)) // what has learned from it is one assistant's
        {
            string group = StoredJson.Array(of);
            if (await EraseAsync(of.Key, ErasedKind.Conversation, connection =>
            {
                Trace trace = Trace.Follow(connection, $"SELECT id FROM examples WHERE conversation_id IN ({Chosen})", group);
                return connection.Execute($"DELETE FROM conversations WHERE id IN ({Chosen})", new { id = group }) > 0 ? trace : null;
            }) is { } one)
                erased.Add(one);
        }
        foreach ((string assistant, string owner) in found.Select(c => (c.Assistant, c.Owner)).Distinct())
            reporter.Tell(new ConversationNews(found.Length == 1 ? found[0].Id : null, ConversationNews.Deleted), owner, assistant);
        return new(erased.Count == 0 ? 0 : found.Length, erased);
    }

    /// <summary>
    /// Deletes one reply, with its rating and its example; null when there is none that the caller sees. What later turns repeat of it stays with them.
    /// </summary>
    public Task<Erased?> CompletionAsync(Caller caller, string id) => EraseAsync(id, ErasedKind.Completion, connection =>
    {
        if (StoredCompletionStore.Find(connection, caller, id) is null)
            return null;
        Trace trace = Trace.Follow(connection, "SELECT id FROM examples WHERE completion_id = @id OR follow_up_of = @id", id);
        return ExchangeLog.Remove(connection, id) ? trace : null;
    });

    /// <summary>Deletes the examples of an import, and the uploaded file that they came from; null when there is none that the caller sees.</summary>
    public Task<Erased?> ImportAsync(Caller caller, string id) => EraseAsync(id, ErasedKind.Import, connection =>
    {
        Trace trace = Trace.Follow(connection, "SELECT id FROM examples WHERE import_id = @id", id);
        if (!caller.MayAsk(trace.Assistant))
            return null;
        return connection.Execute("DELETE FROM examples WHERE import_id = @id", new { id }) > 0
            ? trace with { Files = UploadedFiles.Forget(connection, id) }
            : null;
    });

    /// <param name="id">Of what is deleted.</param>
    /// <param name="kind">Its kind.</param>
    /// <param name="delete">Deletes it and tells what it has left; null when it is not there.</param>
    private async Task<Erased?> EraseAsync(string id, string kind, Func<DbConnection, Trace?> delete)
    {
        // 1. Out of the database, with a note for each run that used it; in the same transaction the certificate begins.
        DateTimeOffset now = time.GetUtcNow();
        string erasure = $"erasure_{Guid.CreateVersion7(now):N}";
        Trace? trace = await database.WriteAsync(connection =>
        {
            Trace? followed = delete(connection);
            followed?.Note(connection, erasure, kind, now);
            return followed;
        });
        if (trace is null)
            return null;
        bool isUsed = trace.Runs.Count > 0;
        if (isUsed)
            texts.Keep(erasure, trace.Assistant, trace.Texts);
        await database.EraseDeletedAsync();

        // 2. Not into a version that is being made.
        Run? cancelled = worker.CancelIf(run => trace.Runs.Contains(run.Id));

        // 3. Out of the data files of runs that have ended; those of a run in progress go at its end.
        string[] ended = [.. trace.Runs.Where(run => run != cancelled?.Id)];
        if (isUsed)
            await store.AddDeletedAsync(erasure, ended.SelectMany(run => RunFolder.FilesOfData(data, run)));
        foreach (string run in ended)
            RunFolder.RemoveData(data, run);
        foreach (string file in trace.Files)
            File.Delete(data.UploadedFile(file));
        erasures.Wake();

        ModelVersion[] learned =
        [
            .. (assistants.Find(trace.Assistant)?.Versions.List() ?? [])
                .Where(v => v.RunId is { } run && trace.TrainedRuns.Contains(run)).OrderBy(v => v.Number),
        ];
        return new Erased(id, kind, trace.Examples, [.. learned.Select(v => v.Number)], cancelled?.Id, Erased.Describe(learned, settings.RetrainAfterErasure))
        {
            Erasure = isUsed ? erasure : null,
            Retrains = settings.RetrainAfterErasure && learned.Any(v => v.Active),
        };
    }
}
