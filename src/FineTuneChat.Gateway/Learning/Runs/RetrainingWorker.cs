using System.Data.Common;
using System.Threading.Channels;
using FineTuneChat.Gateway.Events;
using FineTuneChat.Gateway.Learning.Examples;
using FineTuneChat.Gateway.Processes;
using FineTuneChat.Gateway.Serving;
using FineTuneChat.Gateway.Storage;
using FineTuneChat.Protocol.Configuration;
using FineTuneChat.Protocol.OpenAi;
using FineTuneChat.Protocol.Runs;

namespace FineTuneChat.Gateway.Learning.Runs;

/// <summary>
/// Runs one run at a time, from the start asked for to its end; those of other assistants wait in the order in which they came. Takes up what a crash left,
/// and ends what cannot be.
/// </summary>
internal sealed partial class RetrainingWorker(
    RetrainingJob job, ITrainer trainer, IGuestRuns guests, RunStore runs, ExampleStore examples, AssistantRegistry assistants,
    EngineRouter engines, EngineSettings engineSettings, EventHub events, DataFolder data, RetrainingSettings settings, StorageSettings storage,
    StorageRoom room, TimeProvider time, ILogger<RetrainingWorker> logger)
        : BackgroundService
{
    private const int MaxAttempts = 5;
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private readonly Channel<Turn> _queue = Channel.CreateUnbounded<Turn>();
    private readonly SemaphoreSlim _starting = new(1);
    private readonly SemaphoreSlim _working = new(1);
    private readonly Lock _gate = new();
    private readonly List<Turn> _turns = []; // the one in progress, and those that wait
    private Turn? _inProgress;

    /// <summary>Whether any run is in progress, or waits for its turn.</summary>
    public bool IsBusy => Find(_ => true) is not null;

    /// <summary>The run of an assistant that is in progress, or waits for its turn.</summary>
    public Run? Of(string assistant) => Find(run => run.Assistant == assistant)?.Run;

    /// <summary>A run as it is now: the one in progress is ahead of the database.</summary>
    public Run? Find(string id) => Find(run => run.Id == id)?.Run ?? runs.Find(id);

    /// <exception cref="OpenAiException">
    /// 409 while the assistant has one under way, 422 when there is nothing to learn, 507 when there is no room.
    /// </exception>
    /// <param name="assistant">Who learns.</param>
    /// <param name="options">How; null: as the settings say.</param>
    /// <param name="job">The fine-tuning job that it is; null: none.</param>
    /// <param name="isGuest">Whether it is for another gateway, and what is to be learned here says nothing.</param>
    public async Task<Run> StartAsync(Assistant assistant, RunOptions? options, string? job = null, bool isGuest = false)
    {
        await _starting.WaitAsync();
        try
        {
            if (Of(assistant.Id) is { } running)
                throw OpenAiException.Conflict($"{running.Id} is under way ({running.Status}). Wait for it, or cancel it.", "training_in_progress");
            _ = assistant.Base; // or why it has none
            if (!isGuest && RetrainingPolicy.Refusal(examples.CountWaiting(assistant.Id), hasOptions: options is not null) is { } refusal)
                throw OpenAiException.Unprocessable(refusal.Text, "nothing_to_learn");
            room.Require();
            Run run = await runs.CreateAsync((options ?? new RunOptions()).Complete(settings.Run), assistant.Id, job);
            Enqueue(run);
            return run;
        }
        finally
        {
            _starting.Release();
        }
    }

    /// <exception cref="OpenAiException">409 when the assistant has none.</exception>
    public Run Cancel(string assistant) =>
        CancelIf(run => run.Assistant == assistant) ?? throw OpenAiException.Conflict("No run is under way.", "no_training_in_progress");

    /// <summary>Cancels such a run if one is in progress or waits, and tells which it is.</summary>
    public Run? CancelIf(Func<Run, bool> isMeant)
    {
        Turn? turn;
        bool isWaiting;
        lock (_gate)
        {
            turn = Find(isMeant);
            isWaiting = turn is not null && turn != _inProgress && _turns.Remove(turn);
        }
        Run? cancelled = turn?.Run;
        turn?.Cancellation.Cancel();
        if (isWaiting)
            _ = EndWaitingAsync(turn!);
        return cancelled;
    }

    /// <summary>It need not wait for its turn to be told that there will be none.</summary>
    private static async Task EndWaitingAsync(Turn turn)
    {
        await turn.Reporter.FinishAsync(turn.Run with { Status = RunStatus.Cancelled });
        turn.End();
    }

    /// <summary>Cancels the run of an assistant, if it has one, and waits until nothing is left to do for it.</summary>
    public async Task EndAsync(string assistant)
    {
        Turn? turn;
        lock (_gate)
            turn = _turns.Find(t => t.Run.Assistant == assistant);
        CancelIf(run => run.Assistant == assistant);
        if (turn is not null)
            await turn.Ended;
    }

    private Turn? Find(Func<Run, bool> isMeant)
    {
        lock (_gate)
            return _turns.Find(turn => !RunStatus.IsFinished(turn.Run.Status) && isMeant(turn.Run));
    }

    /// <summary>Waits for the end of the run in progress, its tidying up included; the next one begins when what is returned is disposed of.</summary>
    public async Task<IDisposable> BetweenRunsAsync(CancellationToken cancellation)
    {
        await _working.WaitAsync(cancellation);
        return new Pause(_working);
    }

    /// <summary>Interrupted runs are there before anybody can ask for them, or start others.</summary>
    public override Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (Run interrupted in runs.Unfinished())
            Enqueue(interrupted);
        return base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        foreach (string run in runs.Erased().Except(runs.Unfinished().Select(r => r.Id))) // where a crash came between the record and the files
            RunFolder.RemoveData(data, run);
        RemoveOldFolders();
        await foreach (Turn next in _queue.Reader.ReadAllAsync(stoppingToken))
        {
            try
            {
                using IDisposable working = await BetweenRunsAsync(stoppingToken);
                if (Begin(next))
                    await RunAsync(next.Reporter, next.Cancellation, stoppingToken);
            }
            catch (Exception e) when (e is OpenAiException or DbException or IOException or UnauthorizedAccessException)
            {
                // Not even its end could be written: the next start takes it up.
                LogFailed(logger, next.Run.Id, e);
            }
            finally
            {
                lock (_gate)
                    _turns.Remove(next);
                next.End();
            }
        }
    }

    /// <summary>False for one that was cancelled while it waited.</summary>
    private bool Begin(Turn next)
    {
        lock (_gate)
        {
            _inProgress = next;
            return _turns.Contains(next);
        }
    }

    private void Enqueue(Run run)
    {
        var turn = new Turn(new RunReporter(run, runs, events, time));
        lock (_gate)
            _turns.Add(turn);
        _queue.Writer.TryWrite(turn);
    }

    private async Task RunAsync(RunReporter reporter, CancellationTokenSource cancel, CancellationToken stopping)
    {
        Run run = reporter.Current;
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(stopping, cancel.Token);
        try
        {
            if (runs.Erased().Contains(run.Id)) // a crash came before its end
                await cancel.CancelAsync();
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
        await trainer.LeaveAsync(folder);
        folder.RemoveScaffolding();
        PrivateFile.Tighten(new DirectoryInfo(folder.Root)); // what trainer and exporter wrote
        if (runs.Erased().Contains(run.Id))
            RunFolder.RemoveData(data, run.Id);
        if (guests.Has(run.Id))
            Directory.Delete(folder.Root, recursive: true); // the adapter was handed over, or there is none
        if (assistants.Find(run.Assistant) is { } assistant)
            await assistant.Versions.TidyAsync();
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
        HashSet<string> ofVersions = [.. assistants.All.SelectMany(a => a.Versions.List()).Select(v => v.RunId).OfType<string>()];
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

    /// <summary>A run with its place in the queue.</summary>
    private sealed class Turn(RunReporter reporter)
    {
        private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public RunReporter Reporter => reporter;
        public Run Run => reporter.Current;
        public CancellationTokenSource Cancellation { get; } = new();
        public Task Ended => _ended.Task;

        public void End() => _ended.TrySetResult();
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
