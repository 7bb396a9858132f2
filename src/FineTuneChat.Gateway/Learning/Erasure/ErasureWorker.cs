using System.Data.Common;
using System.Threading.Channels;
using FineTuneChat.Gateway.Access;
using FineTuneChat.Gateway.Events;
using FineTuneChat.Gateway.Learning.Examples;
using FineTuneChat.Gateway.Learning.Gate;
using FineTuneChat.Gateway.Learning.Runs;
using FineTuneChat.Gateway.Processes;
using FineTuneChat.Gateway.Serving;
using FineTuneChat.Protocol.OpenAi;
using FineTuneChat.Protocol.Runs;

namespace FineTuneChat.Gateway.Learning.Erasure;

/// <summary>
/// Sees to it that what is erased goes out of service: starts a run without it, or puts the base in service where nothing is left to learn, and has the rest
/// done when a version without it serves. It looks at what is there each time, so that a crash or a restart changes nothing.
/// </summary>
internal sealed partial class ErasureWorker(
    ErasureStore store, ErasureFinish finish, RetrainingWorker worker, RunStore runs, ExampleStore examples, AssistantRegistry assistants,
    VersionSwitch inService, EventHub events, RetrainingSettings settings, TimeProvider time, ILogger<ErasureWorker> logger)
    : BackgroundService
{
    private const int MaxRuns = 3; // each with another seed
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1), Settle = TimeSpan.FromSeconds(2); // deletions close to each other take one run

    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly HashSet<string> _searched = []; // those that failed at the end: looked at again after the next start

    /// <summary>Something was erased: looks soon.</summary>
    public void Wake() => _wake.Writer.TryWrite(true);

    /// <summary>Brings every erasure as far as it can be brought now, after the run in progress.</summary>
    public async Task AdvanceAsync(CancellationToken cancellation)
    {
        if (store.Open().Count == 0)
            return;
        using IDisposable between = await worker.BetweenRunsAsync(cancellation);
        foreach (OpenErasure erasure in Open().Where(e => !IsInService(e) && !_searched.Contains(e.Id)))
        {
            if (await finish.FinishAsync(erasure, cancellation) is not { } certificate)
                continue;
            if (certificate.Status == ErasureStatus.Failed)
                _searched.Add(certificate.Id);
            LogFinished(logger, certificate.Id, certificate.Status, certificate.Reason);
        }
        foreach (IGrouping<string, OpenErasure> waiting in
            Open().Where(e => e.Certificate.Status == ErasureStatus.Pending && IsInService(e)).GroupBy(e => e.Assistant))
            if (settings.RetrainAfterErasure && worker.Of(waiting.Key) is null && runs.Unfinished().All(run => run.Assistant != waiting.Key))
                await ReplaceAsync(assistants.Require(Caller.Local, waiting.Key), [.. waiting]);
    }

    /// <summary>Those that something can be done about: an assistant whose base is not there can neither be asked nor trained.</summary>
    private IEnumerable<OpenErasure> Open() => store.Open().Where(e => assistants.Find(e.Assistant) is { Problem: null });

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        store.RestoreFiles();
        Task listening = ListenAsync(stoppingToken);
        do
        {
            try
            {
                await AdvanceAsync(stoppingToken);
            }
            catch (Exception e) when (e is OpenAiException or EngineException or VerbException or VerbKilledException or DbException
                or IOException or UnauthorizedAccessException)
            {
                LogNotAdvanced(logger, e); // a full disk, perhaps: the next minute may be better
            }
        }
        while (await WokenAsync(stoppingToken));
        await listening;
    }

    /// <summary>Whether the version that serves has learned it.</summary>
    private bool IsInService(OpenErasure erasure) => assistants.Find(erasure.Assistant)?.Versions.Active().RunId is { } run && erasure.LearnedBy.Contains(run);

    /// <summary>Something else must serve.</summary>
    private async Task ReplaceAsync(Assistant assistant, OpenErasure[] waiting)
    {
        if (examples.CountWaiting(assistant.Id).Examples == 0)
        {
            await inService.SwitchAsync(assistant.Versions.Find(0)!, CancellationToken.None);
            Wake();
            return;
        }
        Run? last = waiting.Select(e => e.Run).OfType<string>().Max(StringComparer.Ordinal) is { } id ? runs.Find(id) : null;
        if (last is null || runs.Erased().Contains(last.Id)) // the first one, or the last one was given up for a further deletion
            await StartAsync(assistant, waiting, failed: 0);
        else if (last.Status == RunStatus.Cancelled)
        {
            await FailAsync(waiting.Where(e => e.Run == last.Id), $"{last.Id}, a run without it, was cancelled. Train again to have a version without it.");
            Wake();
        }
        else if (waiting.Max(e => e.FailedRuns) + 1 is var failed && failed < MaxRuns)
            await StartAsync(assistant, waiting, failed);
        else
            await GiveUpAsync(assistant, waiting, last);
    }

    private async Task StartAsync(Assistant assistant, OpenErasure[] waiting, int failed)
    {
        RunOptions? options = failed == 0 ? null : new RunOptions { Seed = (settings.Run.Seed ?? 0) + failed };
        try
        {
            Run run = await worker.StartAsync(assistant, options);
            await store.StartedAsync([.. waiting.Select(e => e.Id)], run.Id, failed);
            foreach (OpenErasure erasure in waiting)
                await store.SaveAsync(erasure.Certificate with { Reason = $"{run.Id} trains without it." });
            LogStarted(logger, run.Id, waiting.Length);
        }
        catch (OpenAiException e) when (e.Status is StatusCodes.Status507InsufficientStorage or StatusCodes.Status422UnprocessableEntity)
        {
            foreach (OpenErasure erasure in waiting)
                await store.SaveAsync(erasure.Certificate with { Reason = e.Message });
        }
        catch (OpenAiException e) when (e.Status == StatusCodes.Status409Conflict)
        {
            // another run has begun in between: its end wakes us
        }
    }

    /// <summary>Each try was refused, or failed. A version that only still says it is better than one that has learned it.</summary>
    private async Task GiveUpAsync(Assistant assistant, OpenErasure[] waiting, Run last)
    {
        if (last is { Status: RunStatus.Refused, Version: { } number, Gate: { } verdict } && RemovalRules.IsOnlyStillKnown(verdict)
            && assistant.Versions.Find(number) is { RemovedAt: null } version)
        {
            await inService.SwitchAsync(version, CancellationToken.None);
            Wake();
            return;
        }
        string why = last.Gate is { } gate ? $" ({string.Join(", ", gate.ReasonCodes.Select(reason => reason.Code))})" : ""; // codes: words may be of examples
        await FailAsync(
            waiting,
            $"Of {MaxRuns} runs without it, none came into service; the last one, {last.Id}, ended as {last.Status}{why}. "
            + "Put its version or version 0 in service, or train again: then the versions that have learned it are deleted.");
    }

    private async Task FailAsync(IEnumerable<OpenErasure> erasures, string reason)
    {
        foreach (OpenErasure erasure in erasures)
        {
            await store.SaveAsync(erasure.Certificate with { Status = ErasureStatus.Failed, Reason = reason });
            LogFinished(logger, erasure.Id, ErasureStatus.Failed, reason);
        }
    }

    /// <summary>The end of a run, or another version in service, may be what is waited for.</summary>
    private async Task ListenAsync(CancellationToken stopping)
    {
        try
        {
            await foreach (ServerEvent happened in events.ListenAsync(stopping))
                if (happened.Name is "training.finished" or "version.activated")
                    Wake();
        }
        catch (OperationCanceledException)
        {
            // the server stops
        }
    }

    private async Task<bool> WokenAsync(CancellationToken stopping)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        Task minute = Task.Delay(Interval, time, limit.Token);
        await Task.WhenAny(_wake.Reader.WaitToReadAsync(limit.Token).AsTask(), minute);
        await limit.CancelAsync();
        if (stopping.IsCancellationRequested)
            return false;
        while (!minute.IsCompletedSuccessfully && _wake.Reader.TryRead(out _))
            await Task.Delay(Settle, time, stopping);
        return true;
    }

    [LoggerMessage(5020, LogLevel.Information, "Run {RunId} trains without what was erased ({Erasures} erasures)")]
    private static partial void LogStarted(ILogger logger, string runId, int erasures);

    [LoggerMessage(5021, LogLevel.Information, "Erasure {Id}: {Status}. {Reason}")]
    private static partial void LogFinished(ILogger logger, string id, string status, string? reason);

    [LoggerMessage(5022, LogLevel.Error, "Erasures could not be brought on")]
    private static partial void LogNotAdvanced(ILogger logger, Exception e);
}
