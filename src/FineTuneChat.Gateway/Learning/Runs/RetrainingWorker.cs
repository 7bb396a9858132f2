using System.Threading.Channels;
using FineTuneChat.Gateway.Assistants;
using FineTuneChat.Gateway.Events;
using FineTuneChat.Gateway.Learning.Examples;
using FineTuneChat.Gateway.Learning.Versions;
using FineTuneChat.Gateway.Processes;
using FineTuneChat.Gateway.Serving;
using FineTuneChat.Gateway.Storage;
using FineTuneChat.Protocol.Configuration;
using FineTuneChat.Protocol.OpenAi;
using FineTuneChat.Protocol.Runs;
using Microsoft.Data.Sqlite;

namespace FineTuneChat.Gateway.Learning.Runs;

/// <summary>Runs one run at a time, from the start asked for to its end; takes up what a crash left, and ends what cannot be.</summary>
internal sealed partial class RetrainingWorker(
    RetrainingJob job, RunStore runs, ExampleStore examples, VersionStore versions, EngineRouter engines, EngineSettings engineSettings, EventHub events,
    DataFolder data, RetrainingSettings settings, StorageSettings storage, StorageRoom room, TimeProvider time, ILogger<RetrainingWorker> logger)
        : BackgroundService
{
    private const int MaxAttempts = 5;
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private readonly Channel<RunReporter> _queue = Channel.CreateUnbounded<RunReporter>();
    private readonly SemaphoreSlim _starting = new(1);
    private readonly SemaphoreSlim _working = new(1);
    private CancellationTokenSource? _cancel;
    private volatile RunReporter? _current;

    /// <summary>The run in progress, or waiting for its turn.</summary>
    public Run? Current => _current?.Current is { } run && !RunStatus.IsFinished(run.Status) ? run : null;

    /// <summary>A run as it is now: the one in progress is ahead of the database.</summary>
    public Run? Find(string id) => Current is { } current && current.Id == id ? current : runs.Find(id);

    /// <exception cref="OpenAiException">409 while one runs, 422 when there is nothing to learn, 507 when there is no room.</exception>
    public async Task<Run> StartAsync(RunOptions? options)
    {
        await _starting.WaitAsync();
        try
        {
            if (Current is { } running)
                throw OpenAiException.Conflict($"{running.Id} is under way ({running.Status}). Wait for it, or cancel it.", "training_in_progress");
            if (RetrainingPolicy.Refusal(examples.CountWaiting(AssistantNames.Default), hasOptions: options is not null) is { } refusal)
                throw OpenAiException.Unprocessable(refusal.Text, "nothing_to_learn");
            room.Require();
            Run run = await runs.CreateAsync((options ?? new RunOptions()).Complete(settings.Run));
            Enqueue(run);
            return run;
        }
        finally
        {
            _starting.Release();
        }
    }

    /// <exception cref="OpenAiException">409 when none runs.</exception>
    public Run Cancel()
    {
        Run running = Current ?? throw OpenAiException.Conflict("No run is under way.", "no_training_in_progress");
        _cancel?.Cancel();
        return running;
    }

    /// <summary>Cancels the run in progress if it is such a one, and tells which it is.</summary>
    public Run? CancelIf(Func<Run, bool> isMeant)
    {
        if (Current is not { } running || !isMeant(running))
            return null;
        _cancel?.Cancel();
        return running;
    }

    /// <summary>Waits for the end of the run in progress, its tidying up included; the next one begins when what is returned is disposed of.</summary>
    public async Task<IDisposable> BetweenRunsAsync(CancellationToken cancellation)
    {
        await _working.WaitAsync(cancellation);
        return new Pause(_working);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        foreach (string run in runs.Erased().Except(runs.Unfinished().Select(r => r.Id))) // where a crash came between the record and the files
            RunFolder.RemoveData(data, run);
        RemoveOldFolders();
        foreach (Run interrupted in runs.Unfinished())
            Enqueue(interrupted);
        await foreach (RunReporter next in _queue.Reader.ReadAllAsync(stoppingToken))
        {
            _current = next;
            try
            {
                using IDisposable working = await BetweenRunsAsync(stoppingToken);
                await RunAsync(next, stoppingToken);
            }
            catch (Exception e) when (e is OpenAiException or SqliteException or IOException or UnauthorizedAccessException)
            {
                // Not even its end could be written: the next start takes it up.
                LogFailed(logger, next.Current.Id, e);
                _current = null;
            }
        }
    }

    private void Enqueue(Run run)
    {
        var reporter = new RunReporter(run, runs, events, time);
        if (Current is null)
            _current = reporter;
        _cancel = new CancellationTokenSource();
        _queue.Writer.TryWrite(reporter);
    }

    private async Task RunAsync(RunReporter reporter, CancellationToken stopping)
    {
        Run run = reporter.Current;
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(stopping, _cancel!.Token);
        try
        {
            if (runs.Erased().Contains(run.Id)) // a crash came before its end
                await _cancel!.CancelAsync();
            while (!await AttemptAsync(reporter, cancellation.Token))
                await Task.Delay(FirstPause * reporter.Current.Attempts, time, cancellation.Token); // what was killed is being started again
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            await reporter.SetAsync(reporter.Current with { Attempts = reporter.Current.Attempts - 1 }); // a stop is no crash
            return; // the next start goes on with the run
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            await reporter.FinishAsync(reporter.Current with { Status = RunStatus.Cancelled });
        }
        catch (Exception e)
        {
            LogFailed(logger, run.Id, e);
            await reporter.FinishAsync(reporter.Current with { Status = RunStatus.Failed, Error = e.Message });
        }
        Run ended = reporter.Current;
        LogFinished(logger, run.Id, ended.Status, ended.Version);
        var folder = new RunFolder(data, run.Id);
        folder.RemoveScaffolding();
        PrivateFile.Tighten(new DirectoryInfo(folder.Root)); // what trainer and exporter wrote
        if (runs.Erased().Contains(run.Id))
            RunFolder.RemoveData(data, run.Id);
        await versions.TidyAsync();
        RemoveOldFolders();
        await SetChatThreadsAsync(engineSettings.ThreadsOrDefault, stopping);
    }

    /// <summary>False when trainer or engine died under it: it goes on from where it was.</summary>
    private async Task<bool> AttemptAsync(RunReporter reporter, CancellationToken cancellation)
    {
        Run run = reporter.Current;
        if (run.Attempts == MaxAttempts)
            throw new InvalidOperationException(
                $"The run was interrupted {MaxAttempts} times (by a crash, or the system killing it for lack of memory); it is not begun again.");
        await reporter.SetAsync(run with { Attempts = run.Attempts + 1 });
        try
        {
            await SetChatThreadsAsync(settings.ChatThreadsDuringRun, cancellation);
            await job.RunAsync(reporter, cancellation);
            return true;
        }
        catch (Exception e) when (e is VerbKilledException or HttpRequestException or OpenAiException { Status: StatusCodes.Status503ServiceUnavailable })
        {
            LogInterrupted(logger, run.Id, e.Message);
            return false;
        }
    }

    private void RemoveOldFolders()
    {
        IEnumerable<string> folders = Directory.EnumerateDirectories(data.Runs).Select(folder => Path.GetFileName(folder));
        HashSet<string> ofVersions = [.. versions.List().Select(v => v.RunId).OfType<string>()];
        foreach (string run in RunRetention.Surplus(folders, runs.Ended(), ofVersions, storage.MaxRuns))
        {
            try
            {
                Directory.Delete(data.Run(run), recursive: true);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException) // somebody looks at it: the next time
            {
                LogNotRemoved(logger, run, e.Message);
            }
        }
    }

    /// <summary>Chat and training share the cores. A run does not fail for it.</summary>
    private async Task SetChatThreadsAsync(int threads, CancellationToken cancellation)
    {
        try
        {
            await engines.SetThreadsAsync(Math.Min(threads, engineSettings.ThreadsOrDefault), cancellation);
        }
        catch (Exception e) when (e is HttpRequestException or OpenAiException)
        {
            LogThreadsNotSet(logger, threads, e.Message);
        }
    }

    private sealed class Pause(SemaphoreSlim working) : IDisposable
    {
        public void Dispose() => working.Release();
    }

    [LoggerMessage(5001, LogLevel.Information, "Run {RunId}: {Status}, version {Version}")]
    private static partial void LogFinished(ILogger logger, string runId, string status, int? version);

    [LoggerMessage(5002, LogLevel.Error, "Run {RunId} failed")]
    private static partial void LogFailed(ILogger logger, string runId, Exception e);

    [LoggerMessage(5004, LogLevel.Warning, "Run {RunId} was interrupted and goes on: {Reason}")]
    private static partial void LogInterrupted(ILogger logger, string runId, string reason);

    [LoggerMessage(5005, LogLevel.Warning, "The folder of run {RunId} could not be removed: {Reason}")]
    private static partial void LogNotRemoved(ILogger logger, string runId, string reason);

    [LoggerMessage(5003, LogLevel.Warning, "The engine's threads could not be set to {Threads}: {Reason}")]
    private static partial void LogThreadsNotSet(ILogger logger, int threads, string reason);
}
