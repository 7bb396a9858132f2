using System.Net.Http.Headers;
using FineTuneChat.Gateway.Processes;

namespace FineTuneChat.Gateway.Embedding;

/// <summary>
/// The process with the embedding model: started when somebody asks, ended when nobody has asked for a while, started again when it dies or hangs. On a machine
/// that has no library for it there is none, and everything goes on without.
/// </summary>
internal sealed partial class EmbedderProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60), AnswerLimit = TimeSpan.FromSeconds(60), Pause = TimeSpan.FromSeconds(30);

    private readonly EmbeddingSettings _settings;
    private readonly TimeProvider _time;
    private readonly ILogger<EmbedderProcess> _logger;
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Lazy<SocketFolder> _sockets = new();
    private readonly ITimer _idleCheck;
    private Task<SocketProcess>? _process; // running or starting
    private SocketProcess? _running;
    private DateTimeOffset _lastUsed, _notBefore;

    public EmbedderProcess(EmbeddingSettings settings, TimeProvider time, ILogger<EmbedderProcess> logger)
    {
        (_settings, _time, _logger) = (settings, time, logger);
        _idleCheck = time.CreateTimer(_ => EndIdle(), null, TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1));
    }

    /// <summary>Why there is none on this machine; null: there is, or it has not been tried.</summary>
    public string? Problem { get; private set; }

    /// <summary>Whether it can be asked, be it after a start.</summary>
    public bool IsOffered => _settings.Enabled && Problem is null;

    /// <summary>Whether it answers at once.</summary>
    public bool IsReady => ProcessId is not null;

    /// <summary>Its process; null while none runs.</summary>
    public int? ProcessId { get { lock (_gate) return IsAlive ? _running?.Id : null; } }

    private bool IsAlive => _process is { IsFaulted: false, IsCanceled: false } && _running?.Exited.IsCompleted != true;

    /// <summary>Starts it where it does not run, for a question that comes soon.</summary>
    public void Warm() => _ = Running();

    /// <summary>Its answer to the body of <c>POST /v1/embeddings</c>; null where there is none now. One that dies meanwhile is asked once more.</summary>
    /// <param name="body">JSON.</param>
    /// <param name="truncate">Of a text that is too long the begin is read; otherwise it is refused.</param>
    /// <param name="cancellation">Gives up; a start that is under way goes on.</param>
    public async Task<HttpResponseMessage?> AskAsync(ReadOnlyMemory<byte> body, bool truncate, CancellationToken cancellation)
    {
        for (int attempt = 0; attempt < 2 && Running() is { } process; attempt++)
        {
            try
            {
                return await AskAsync(await process.WaitAsync(cancellation), body, truncate, cancellation);
            }
            catch (Exception e) when (!cancellation.IsCancellationRequested && e is HttpRequestException or SocketProcessException or TimeoutException)
            {
                Drop(process); // it did not start, it died, or it hangs: what Running gives next is another one, or none
            }
        }
        return null;
    }

    public async ValueTask DisposeAsync()
    {
        await _idleCheck.DisposeAsync();
        await _stop.CancelAsync();
        Task<SocketProcess>? last;
        lock (_gate)
            (last, _process, _running) = (_process, null, null);
        await EndAsync(last);
        if (_sockets.IsValueCreated)
            _sockets.Value.Dispose();
    }

    private async Task<HttpResponseMessage> AskAsync(SocketProcess process, ReadOnlyMemory<byte> body, bool truncate, CancellationToken cancellation)
    {
        using HttpClient client = process.NewClient();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(AnswerLimit);
        try
        {
            using var content = new ReadOnlyMemoryContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
            HttpResponseMessage answer = await client.PostAsync(truncate ? "v1/embeddings?truncate=true" : "v1/embeddings", content, limit.Token);
            lock (_gate)
                _lastUsed = _time.GetUtcNow();
            return answer;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            process.Kill();
            throw new TimeoutException();
        }
    }

    /// <summary>The process that runs or starts; null where there is none.</summary>
    private Task<SocketProcess>? Running()
    {
        lock (_gate)
        {
            if (!IsOffered || _stop.IsCancellationRequested)
                return null;
            _lastUsed = _time.GetUtcNow();
            if (!IsAlive && _lastUsed >= _notBefore)
            {
                _ = EndAsync(_process);
                _running = null;
                _process = Task.Run(StartAsync);
            }
            return IsAlive ? _process : null;
        }
    }

    private void Drop(Task<SocketProcess> process)
    {
        lock (_gate)
        {
            if (_process != process)
                return;
            (_process, _running) = (null, null);
        }
        _ = EndAsync(process);
    }

    private async Task<SocketProcess> StartAsync()
    {
        try
        {
            SocketProcess started = await SocketProcess.StartAsync(
                ["embedder"], _sockets.Value.Path, StartLimit, _ => { }, line => LogOutput(_logger, line), _stop.Token);
            lock (_gate)
                _running = started;
            return started;
        }
        catch (SocketProcessException e) when (e.IsForTheUser)
        {
            Problem = e.Message;
            LogNone(_logger, e.Message);
            throw;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            lock (_gate)
                _notBefore = _time.GetUtcNow() + Pause;
            LogNotStarted(_logger, e.Message);
            throw;
        }
    }

    private void EndIdle()
    {
        Task<SocketProcess>? idle = null;
        lock (_gate)
            if (_process is not null && _time.GetUtcNow() - _lastUsed >= TimeSpan.FromMinutes(_settings.IdleMinutes))
                (idle, _process, _running) = (_process, null, null);
        _ = EndAsync(idle);
    }

    private static async Task EndAsync(Task<SocketProcess>? process)
    {
        if (process is null)
            return;
        await ((Task)process).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (process.IsCompletedSuccessfully)
            await (await process).DisposeAsync();
    }

    [LoggerMessage(3030, LogLevel.Warning, "Texts are not turned into vectors on this machine: {Reason} Corrections are recalled by their words.")]
    private static partial void LogNone(ILogger logger, string reason);

    [LoggerMessage(3031, LogLevel.Warning, "The embedder did not start: {Reason}")]
    private static partial void LogNotStarted(ILogger logger, string reason);

    [LoggerMessage(3032, LogLevel.Debug, "embedder: {Line}")]
    private static partial void LogOutput(ILogger logger, string line);
}
