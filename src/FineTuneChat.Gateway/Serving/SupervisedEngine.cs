using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Serving;

/// <summary>
/// An engine that is kept alive: started, watched, started again with growing pauses when it dies. Requests hold a lease;
/// once retired it takes no new ones, and ends when the last is given back.
/// </summary>
internal sealed partial class SupervisedEngine
{
    private static readonly TimeSpan HealthInterval = TimeSpan.FromSeconds(5), FirstPause = TimeSpan.FromSeconds(0.5), LongestPause = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan SoundUptime = TimeSpan.FromSeconds(10); // one that dies sooner counts as a failed start
    private const int MaxMissedChecks = 3;
    private const int MaxEarlyDeaths = 3; // two may be one request, sent again

    private readonly IEnginePool _pool;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Action<string, EngineSpecification> _stateChanged;
    private readonly Action<double, EngineSpecification> _progressed;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private readonly TaskCompletionSource<IRunningEngine> _started = NewReady();
    private TaskCompletionSource<IRunningEngine> _ready = NewReady();
    private int _leases, _failedStarts, _earlyDeaths; // in a row
    private bool _isRetired;

    public SupervisedEngine(
        EngineSpecification specification, IEnginePool pool, TimeProvider time, ILogger logger, Action<string, EngineSpecification> stateChanged,
        Action<double, EngineSpecification> progressed)
    {
        Specification = specification;
        (_pool, _time, _logger, _stateChanged, _progressed) = (pool, time, logger, stateChanged, progressed);
        LastUsed = time.GetUtcNow();
        Ended = Task.Run(SuperviseAsync);
    }

    public EngineSpecification Specification { get; }

    /// <summary>Whether a server elsewhere answers: none of the files here is open for it.</summary>
    public bool IsElsewhere => _pool is IUpstream;

    /// <summary>Completes when the engine was retired or stopped and its process is gone.</summary>
    public Task Ended { get; }

    /// <summary>Whether it fails start after start, or breaks down by itself soon after each: the version is to blame, not chance.</summary>
    public bool IsHopeless => _failedStarts >= MaxFailedStarts || _earlyDeaths >= MaxEarlyDeaths;

    /// <summary>In a row. A version has served before, so that its first failure may be chance; a file that somebody has put here is tried once.</summary>
    private int MaxFailedStarts => Specification.Version is null ? 1 : 2;

    /// <summary>Its process, where it is here, and since when it is ready; null while there is none.</summary>
    public (int? ProcessId, DateTimeOffset Since)? Running { get; private set; }

    /// <summary>Why it failed last.</summary>
    public string? Problem { get; private set; }
    public bool IsReady => _ready.Task.IsCompletedSuccessfully;
    public DateTimeOffset LastUsed { get; private set; }
    public bool IsIdle { get { lock (_gate) return _leases == 0; } }

    /// <summary>The first process that answers.</summary>
    /// <exception cref="EngineException">Start after start failed, or the engine was stopped.</exception>
    public Task<IRunningEngine> StartedAsync(CancellationToken cancellation) => _started.Task.WaitAsync(cancellation);

    /// <summary>The running process, now or when the start that is under way succeeds.</summary>
    /// <exception cref="EngineException">That start failed.</exception>
    public Task<IRunningEngine> ProcessAsync(CancellationToken cancellation)
    {
        lock (_gate)
            return _ready.Task.WaitAsync(cancellation);
    }

    /// <summary>Null once retired.</summary>
    public EngineLease? TryAcquire()
    {
        lock (_gate)
        {
            if (_isRetired)
                return null;
            _leases++;
            LastUsed = _time.GetUtcNow();
            return new EngineLease(this);
        }
    }

    /// <summary>Takes no new requests; ends after those that run.</summary>
    public void Retire()
    {
        lock (_gate)
        {
            _isRetired = true;
            if (_leases == 0)
                _ = _stop.CancelAsync();
        }
    }

    /// <summary>Ends now, whatever runs.</summary>
    public async Task StopAsync()
    {
        lock (_gate)
            _isRetired = true;
        await _stop.CancelAsync();
        await Ended;
    }

    internal void Release()
    {
        lock (_gate)
        {
            _leases--;
            LastUsed = _time.GetUtcNow();
            if (_isRetired && _leases == 0)
                _ = _stop.CancelAsync();
        }
    }

    private async Task SuperviseAsync()
    {
        for (int failures = 0; !_stop.IsCancellationRequested;)
        {
            long startedAt = _time.GetTimestamp();
            try
            {
                _stateChanged("starting", Specification);
                await using IRunningEngine process = await _pool.JoinAsync(Specification, share => _progressed(share, Specification), _stop.Token);
                Running = (process.ProcessId, _time.GetUtcNow());
                _ready.SetResult(process);
                _started.TrySetResult(process);
                _failedStarts = 0;
                string place = process.ProcessId is { } id ? $"process {id}" : "upstream";
                LogReady(_logger, Specification.Alias, place, _time.GetElapsedTime(startedAt).TotalSeconds);
                _stateChanged("ready", Specification);
                startedAt = _time.GetTimestamp();

                string death = await WatchAsync(process);
                Running = null;
                LogDied(_logger, Specification.Alias, death);
                bool isEarly = _time.GetElapsedTime(startedAt) < SoundUptime;
                failures = isEarly && !IsElsewhere ? failures + 1 : 0;
                _earlyDeaths = !isEarly ? 0 : process.WasKilled ? _earlyDeaths : _earlyDeaths + 1; // killed from outside: nothing is wrong with the version
                Problem = death;
                Renew(); // requests wait for the next start
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                break;
            }
            catch (Exception e)
            {
                EngineException problem = e as EngineException ?? new EngineException(e.Message);
                failures = problem.IsOutage ? 1 : failures + 1; // it is asked for soon again: who waits for it costs nothing
                _failedStarts += problem.IsOutage ? 0 : 1;
                if (!problem.IsOutage || Problem != e.Message)
                    LogNotStarted(_logger, Specification.Alias, failures, e.Message);
                Problem = e.Message;
                _stateChanged("failed", Specification); // before those who wait hear of it: what they ask next is answered by what is known by now
                Fail(_ready, problem);
                if (problem.IsOutage || _failedStarts >= MaxFailedStarts)
                    Fail(_started, problem);
            }
            if (!await PauseAsync(failures))
                break;
            if (_ready.Task.IsCompleted)
                Renew();
        }
        var stopped = new EngineException($"The engine for {Specification.Alias} was stopped.");
        Fail(_started, stopped);
        lock (_gate)
            Fail(_ready, stopped);
    }

    private static void Fail(TaskCompletionSource<IRunningEngine> start, EngineException problem)
    {
        start.TrySetException(problem);
        _ = start.Task.Exception; // observed: perhaps nobody waits
    }

    /// <summary>Watches the process until it must be replaced, and returns why.</summary>
    private async Task<string> WatchAsync(IRunningEngine process)
    {
        int missed = 0;
        while (true)
        {
            Task tick = Task.Delay(HealthInterval, _time, _stop.Token);
            await Task.WhenAny(process.Exited, tick);
            _stop.Token.ThrowIfCancellationRequested();
            if (process.Exited.IsCompleted)
                return $"it ended by itself: {process.LastErrors}";
            using var timeout = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
            timeout.CancelAfter(HealthInterval);
            bool isHealthy = false;
            try
            {
                isHealthy = await process.IsHealthyAsync(timeout.Token);
            }
            catch (OperationCanceledException) when (!_stop.IsCancellationRequested)
            {
            }
            missed = isHealthy ? 0 : missed + 1;
            if (missed == MaxMissedChecks)
            {
                process.Kill();
                return $"it missed {missed} health checks in a row";
            }
        }
    }

    private async Task<bool> PauseAsync(int failures)
    {
        if (failures == 0)
            return true;
        TimeSpan pause = FirstPause * Math.Pow(2, Math.Min(failures - 1, 10));
        try
        {
            await Task.Delay(pause < LongestPause ? pause : LongestPause, _time, _stop.Token);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private void Renew()
    {
        lock (_gate)
            _ready = NewReady();
    }

    private static TaskCompletionSource<IRunningEngine> NewReady() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    [LoggerMessage(3002, LogLevel.Information, "Engine {Alias} is ready ({Place}, {Seconds:0.0} s)")]
    private static partial void LogReady(ILogger logger, string alias, string place, double seconds);

    [LoggerMessage(3003, LogLevel.Error, "Engine {Alias} died: {Reason}")]
    private static partial void LogDied(ILogger logger, string alias, string reason);

    [LoggerMessage(3004, LogLevel.Error, "Engine {Alias} did not start (attempt {Attempt}): {Reason}")]
    private static partial void LogNotStarted(ILogger logger, string alias, int attempt, string reason);
}

/// <summary>The right to use an engine for one request: a swap waits for it. Give it back by disposing.</summary>
internal sealed class EngineLease(SupervisedEngine engine) : IDisposable
{
    private int _isReturned;

    public EngineSpecification Specification => engine.Specification;

    /// <summary>The process; waits while it is being started.</summary>
    /// <exception cref="OpenAiException">503, when it cannot be started.</exception>
    public async Task<IRunningEngine> ProcessAsync(CancellationToken cancellation)
    {
        try
        {
            return await engine.ProcessAsync(cancellation);
        }
        catch (EngineException e)
        {
            throw Specification.Version is null && engine.IsHopeless
                ? OpenAiException.ModelUnusable(Specification.Alias, e.Message)
                : OpenAiException.Unavailable(e.Message, TimeSpan.FromSeconds(1));
        }
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isReturned, 1) == 0)
            engine.Release();
    }
}
