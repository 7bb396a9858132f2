using FineTuneChat.Gateway.Access;
using FineTuneChat.Gateway.Learning.Gate;
using FineTuneChat.Gateway.Learning.Runs;
using FineTuneChat.Gateway.Learning.Versions;
using FineTuneChat.Gateway.Processes;
using FineTuneChat.Gateway.Serving;
using FineTuneChat.Gateway.Storage;

namespace FineTuneChat.Gateway.Learning.Erasure;

/// <summary>
/// Once a version serves that has not learned what was erased: the versions that have are retired, what is left of them is deleted, the version in service is
/// asked, all files are searched, and the certificate says what was found. Every step can be done again after a crash.
/// </summary>
internal sealed class ErasureFinish(
    ErasureStore store, ErasedTexts texts, RemovalMeasuring removals, AssistantRegistry assistants, VersionSwitch inService, Database database, DataFolder data,
    FileSearch search, RetrainingSettings settings, TimeProvider time)
{
    private const int MaxSearches = 5;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>Null: meanwhile a version that has learned it came into service.</summary>
    public async Task<ErasureCertificate?> FinishAsync(OpenErasure erasure, CancellationToken cancellation)
    {
        // 1. What has learned it.
        Assistant assistant = assistants.Require(Caller.Local, erasure.Assistant);
        ModelVersion[] holders = [.. assistant.Versions.List().Where(v => v.RunId is { } run && erasure.LearnedBy.Contains(run))];
        if (holders.Any(v => v.Active))
            return null;
        await store.AddDeletedAsync(
            erasure.Id,
            [
                .. holders.Select(v => Path.Combine(data.VersionsOf(assistant.Id), $"{v.Number}")),
                .. FilesOf(erasure),
            ]);
        foreach (ModelVersion holder in holders)
            if (!await inService.RetireAsync(assistant, holder.Number, erasure.Id, cancellation))
                return null;
        foreach (string file in FilesOf(erasure))
            File.Delete(file);

        // 2. What it wrote when it was asked.
        await database.WriteAsync(c => TaughtStore.RemoveWritten(c, [.. erasure.LearnedBy]));

        // 3. Whether it is gone, also out of what deleting has left in the database's files.
        ModelVersion active = assistant.Versions.Active();
        (ErasedReplies replies, string? known) = await AskAsync(erasure, assistant, active, cancellation);
        SearchedFiles searched = await SearchAsync(erasure, cancellation);

        string[] problems = [.. ((string?[])[known, Left(searched)]).OfType<string>()];
        ErasureCertificate certificate = store.Find(erasure.Id)! with
        {
            Status = problems.Length == 0 ? ErasureStatus.Done : ErasureStatus.Failed,
            Reason = problems.Length == 0 ? null : string.Join(' ', problems),
            FinishedAt = time.GetUtcNow().ToUnixTimeSeconds(),
            HeldBy = [.. erasure.Certificate.HeldBy.Union(holders.Select(v => v.Number)).Order()],
            Run = active.RunId,
            Version = active.Number,
            Replies = replies,
            Search = searched,
        };
        await store.SaveAsync(certificate);
        if (certificate.Status == ErasureStatus.Done)
            texts.Drop(erasure.Id);
        return certificate;
    }

    /// <summary>What runs have left of it, as far as it is there.</summary>
    private string[] FilesOf(OpenErasure erasure) =>
    [
        .. erasure.UsedBy.SelectMany(run => erasure.LearnedBy.Contains(run) ? RunFolder.FilesOfLearned(data, run) : RunFolder.FilesOfData(data, run)),
    ];

    /// <summary>While somebody reads, the database's log cannot be emptied: then both are tried again.</summary>
    private async Task<SearchedFiles> SearchAsync(OpenErasure erasure, CancellationToken cancellation)
    {
        for (int tries = 1; ; tries++)
        {
            await database.EraseDeletedAsync();
            SearchedFiles searched = await Task.Run(() => search.Search(erasure.Fingerprints, cancellation), cancellation);
            if (tries == MaxSearches || !searched.Found.Any(file => file.StartsWith(DataFolder.DatabaseName, StringComparison.Ordinal)))
                return searched;
            await Task.Delay(Pause, time, cancellation);
        }
    }

    private async Task<(ErasedReplies Replies, string? Problem)> AskAsync(
        OpenErasure erasure, Assistant assistant, ModelVersion active, CancellationToken cancellation)
    {
        if (active.Number == 0)
            return (new ErasedReplies(0, "The base itself serves; it has learned nothing.", []), null);
        if (texts.Find(erasure.Id) is not { } erased)
            return (new ErasedReplies(
                0,
                "The server was restarted since it was deleted. Its texts were kept in memory alone, so the version could not be asked about them.",
                []), null);
        IReadOnlyList<ErasedReply> replies;
        try
        {
            EngineSpecification served = assistant.Versions.Specification(active);
            string file = Path.Combine(data.Erasures, $"{erasure.Id}.jsonl");
            replies = await removals.AskAsync(
                assistant, erased, MeasuredModel.Of(served), file, Path.ChangeExtension(file, ".rows"), cancellation);
        }
        catch (VerbException e)
        {
            return (new ErasedReplies(0, null, []), $"Version {active.Number} could not be asked about it: {e.Message}");
        }
        int taught = erased.Count - removals.Untaught(assistant.Id, erased).Count, rest = erased.Count - taught - replies.Count;
        string[] notes =
        [
            .. taught > 0 ? [$"{taught} of {erased.Count} are taught by other accepted examples, too."] : (string[])[],
            .. rest > 0 ? [$"Of the others, {replies.Count} were asked: those that fit the context, at most Retraining:AskedExamples."] : (string[])[],
        ];
        bool isKnown = ErasedRules.Find(replies, settings.GateErrorRate).Any(finding => !finding.Passed);
        return (
            new ErasedReplies(replies.Count, notes.Length == 0 ? null : string.Join(' ', notes), [.. replies.Select(ErasedReplyFigures.Of)]),
            !isKnown ? null : $"Version {active.Number} was trained without it and still says it: it follows from other examples. "
                + "Delete or exclude these, too, and train again.");
    }

    private static string? Left(SearchedFiles searched)
    {
        const string Then = "the next start of the server searches again.";
        if (searched.Found.Count > 0)
            return $"It still stands in {string.Join(", ", searched.Found)}. Delete these files if they are yours; {Then}";
        return searched.Unread.Count > 0 ? $"{string.Join(", ", searched.Unread)} could not be read. Make them readable; {Then}" : null;
    }
}
