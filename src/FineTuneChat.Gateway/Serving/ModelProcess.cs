using System.Diagnostics;
using System.Net.Sockets;
using FineTuneChat.Gateway.Processes;
using FineTuneChat.Protocol.Configuration;
using FineTuneChat.Protocol.Processes;

namespace FineTuneChat.Gateway.Serving;

/// <summary>An engine's process with one model file loaded, reached over a socket that only this user can open.</summary>
internal sealed partial class ModelProcess : IAsyncDisposable
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan IdleTimeout = TimeSpan.FromSeconds(5); // of a connection; .NET looks four times as often for closed ones

    // Profiling compiles code once more. It slows the first seconds of an engine, in which another one still answers, and makes nothing faster later.
    private const string Profiling = "DOTNET_TieredPGO";

    private const int UserError = 1; // what it has written says all
    private const int Killed = 128 + 9, KilledOnWindows = -1; // how .NET reports SIGKILL and TerminateProcess
    private readonly Process _process;
    private readonly string _socket;
    private readonly LastLines _errors = new(capacity: 3);

    private ModelProcess(Process process, string socket, ILogger logger, string alias, Action<double> progress)
    {
        _process = process;
        _socket = socket;
        Handler = new SocketsHttpHandler { ConnectCallback = ConnectAsync, PooledConnectionIdleTimeout = IdleTimeout };
        process.OutputDataReceived += (_, line) =>
        {
            if (EngineLines.LoadingOf(line.Data ?? "") is { } share)
                progress(share);
            else
                LogChoice(logger, alias, line.Data ?? "");
        };
        process.ErrorDataReceived += (_, line) =>
        {
            _errors.Add(line.Data ?? "");
            LogOutput(logger, alias, line.Data ?? "");
        };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        Exited = process.WaitForExitAsync();
    }

    /// <summary>The way to it. Never disposed: a request that still uses it must see a lost connection, not a disposed object.</summary>
    public HttpMessageHandler Handler { get; }

    public int Id => _process.Id;
    public Task Exited { get; }

    /// <summary>Whether somebody ended it with a signal that it cannot refuse: the system when memory runs out, or a person.</summary>
    public bool WasKilled => Exited.IsCompleted && _process.ExitCode is Killed or KilledOnWindows;

    public string LastErrors => _errors.ToString();

    /// <summary>Starts one and returns it when it listens: its model is loaded.</summary>
    /// <exception cref="EngineException">It ended, or was not ready in time.</exception>
    public static async Task<ModelProcess> StartAsync(
        EngineSpecification engine, EngineSettings settings, string socketFolder, ILogger logger, Action<double> progress, CancellationToken cancellation)
    {
        string socket = Path.Combine(socketFolder, $"{Guid.NewGuid().ToString("N")[..8]}.sock");
        ProcessStartInfo start = ProgramProcess.StartInfo(Arguments(engine, settings, socket));
        start.Environment[Profiling] = "0";
        Process process = Process.Start(start) ?? throw new EngineException($"{start.FileName} could not be started.");
        var started = new ModelProcess(process, socket, logger, engine.Alias, progress);
        try
        {
            using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            timeout.CancelAfter(TimeSpan.FromSeconds(settings.StartTimeoutSeconds));
            await started.WaitUntilReadyAsync(timeout.Token);
            return started;
        }
        catch (Exception e)
        {
            await started.DisposeAsync();
            throw e is OperationCanceledException && !cancellation.IsCancellationRequested ? EngineException.NotReady(engine, settings) : e;
        }
    }

    /// <summary>A client for one of those who ask it.</summary>
    public HttpClient NewClient() => new(Handler, disposeHandler: false) { BaseAddress = new Uri("http://localhost/"), Timeout = Timeout.InfiniteTimeSpan };

    /// <summary>Asks the process to end by closing its input, and kills it when it does not.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            _process.StandardInput.Close();
            await Exited.WaitAsync(StopTimeout);
        }
        catch (Exception e) when (e is TimeoutException or IOException)
        {
            Kill();
            await Exited;
        }
        File.Delete(_socket);
        _process.Dispose();
    }

    public void Kill() => _process.Kill(entireProcessTree: true);

    private async Task WaitUntilReadyAsync(CancellationToken cancellation)
    {
        using HttpClient client = NewClient();
        while (!await EngineProcess.IsHealthyAsync(client, cancellation))
        {
            if (Exited.IsCompleted)
                throw new EngineException(_process.ExitCode == UserError ? $"{_errors}" : $"The engine ended with exit code {_process.ExitCode}: {_errors}");
            await Task.WhenAny(Exited, Task.Delay(PollInterval, cancellation));
            cancellation.ThrowIfCancellationRequested();
        }
    }

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellation)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(_socket), cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>The base alone: adapters come and go while it runs, and are named by those who ask for them.</summary>
    private static IEnumerable<string> Arguments(EngineSpecification engine, EngineSettings settings, string socket) =>
    [
        "engine", "--model", engine.ModelPath, .. engine.AdapterPath is null ? (string[])["--alias", engine.Alias] : [], "--socket", socket,
        .. OptionTable.Arguments(engine.Options?.Over(settings) ?? settings),
    ];

    /// <summary>Standard output has a few lines: what was loaded, and how.</summary>
    [LoggerMessage(3009, LogLevel.Information, "{Alias}: {Line}")]
    private static partial void LogChoice(ILogger logger, string alias, string line);

    [LoggerMessage(3001, LogLevel.Debug, "{Alias}: {Line}")]
    private static partial void LogOutput(ILogger logger, string alias, string line);
}
