using System.Diagnostics;
using System.Net.Sockets;

namespace FineTuneChat.Gateway.Processes;

/// <summary>A verb of this program that serves HTTP on a socket which only this user can open.</summary>
internal sealed class SocketProcess : IAsyncDisposable
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

    private SocketProcess(Process process, string socket, Action<string> said, Action<string> complained)
    {
        _process = process;
        _socket = socket;
        Handler = new SocketsHttpHandler { ConnectCallback = ConnectAsync, PooledConnectionIdleTimeout = IdleTimeout };
        process.OutputDataReceived += (_, line) => said(line.Data ?? "");
        process.ErrorDataReceived += (_, line) =>
        {
            _errors.Add(line.Data ?? "");
            complained(line.Data ?? "");
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

    /// <summary>Starts one and returns it when it listens: what it serves is loaded.</summary>
    /// <param name="arguments">The verb and its options, but for the socket.</param>
    /// <param name="socketFolder">Where the socket lies.</param>
    /// <param name="limit">How long that may take.</param>
    /// <param name="said">Gets its lines of standard output.</param>
    /// <param name="complained">Gets its lines of standard error.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="SocketProcessException">It ended.</exception>
    /// <exception cref="TimeoutException">It was not ready in time.</exception>
    public static async Task<SocketProcess> StartAsync(
        IEnumerable<string> arguments, string socketFolder, TimeSpan limit, Action<string> said, Action<string> complained, CancellationToken cancellation)
    {
        string socket = Path.Combine(socketFolder, $"{Guid.NewGuid().ToString("N")[..8]}.sock");
        ProcessStartInfo start = ProgramProcess.StartInfo([.. arguments, "--socket", socket]);
        start.Environment[Profiling] = "0";
        Process process = Process.Start(start) ?? throw new SocketProcessException($"{start.FileName} could not be started.");
        var started = new SocketProcess(process, socket, said, complained);
        try
        {
            using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            timeout.CancelAfter(limit);
            await started.WaitUntilReadyAsync(timeout.Token);
            return started;
        }
        catch (Exception e)
        {
            await started.DisposeAsync();
            throw e is OperationCanceledException && !cancellation.IsCancellationRequested ? new TimeoutException() : e;
        }
    }

    /// <summary>A client for one of those who ask it.</summary>
    public HttpClient NewClient() => new(Handler, disposeHandler: false) { BaseAddress = new Uri("http://localhost/"), Timeout = Timeout.InfiniteTimeSpan };

    public static async Task<bool> IsHealthyAsync(HttpClient client, CancellationToken cancellation)
    {
        try
        {
            using HttpResponseMessage response = await client.GetAsync("health", cancellation);
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

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
        while (!await IsHealthyAsync(client, cancellation))
        {
            if (Exited.IsCompleted)
                throw _process.ExitCode == UserError
                    ? new SocketProcessException($"{_errors}") { IsForTheUser = true }
                    : new SocketProcessException($"it ended with exit code {_process.ExitCode}: {_errors}");
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
}

/// <summary>A process did not start; the message says why.</summary>
internal sealed class SocketProcessException(string message) : Exception(message)
{
    /// <summary>Whether the process itself has said what is wrong, so that it would be so the next time, too.</summary>
    public bool IsForTheUser { get; init; }
}
