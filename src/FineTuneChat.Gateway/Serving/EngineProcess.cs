using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using FineTuneChat.Gateway.Processes;
using FineTuneChat.Protocol.Configuration;
using FineTuneChat.Protocol.OpenAi;
using FineTuneChat.Protocol.Processes;

namespace FineTuneChat.Gateway.Serving;

/// <summary>One engine process, ready to answer, reached over a socket that only this user can open.</summary>
internal sealed partial class EngineProcess : IAsyncDisposable
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan IdleTimeout = TimeSpan.FromSeconds(5); // of a connection; .NET looks four times as often for closed ones

    // Profiling compiles code once more. It slows the first seconds of an engine, in which another one still answers, and makes nothing faster later.
    private const string Profiling = "DOTNET_TieredPGO";

    private const double ImpossibleLogprob = -1000; // of a token that was the most probable one
    private const int UserError = 1; // what it has written says all
    private const int Killed = 128 + 9, KilledOnWindows = -1; // how .NET reports SIGKILL and TerminateProcess
    private readonly Process _process;
    private readonly string _socket;
    private readonly LastLines _errors = new(capacity: 3);

    private EngineProcess(Process process, string socket, ILogger logger, string alias, Action<double> progress)
    {
        _process = process;
        _socket = socket;
        Client = new HttpClient(new SocketsHttpHandler { ConnectCallback = ConnectAsync, PooledConnectionIdleTimeout = IdleTimeout })
        {
            BaseAddress = new Uri("http://localhost/"),
            Timeout = Timeout.InfiniteTimeSpan,
        };
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

    public HttpClient Client { get; }
    public int Id => _process.Id;
    public Task Exited { get; }

    /// <summary>Whether somebody ended it with a signal that it cannot refuse: the system when memory runs out, or a person.</summary>
    public bool WasKilled => Exited.IsCompleted && _process.ExitCode is Killed or KilledOnWindows;

    /// <summary>Starts an engine and returns it when it has answered a first, tiny request: weights read, buffers made.</summary>
    /// <exception cref="EngineException">It ended, or was not ready in time.</exception>
    public static async Task<EngineProcess> StartAsync(
        EngineSpecification engine, EngineSettings settings, string socketFolder, ILogger logger, Action<double> progress, CancellationToken cancellation)
    {
        string socket = Path.Combine(socketFolder, $"{Guid.NewGuid().ToString("N")[..8]}.sock");
        ProcessStartInfo start = ProgramProcess.StartInfo(Arguments(engine, settings, socket));
        start.Environment[Profiling] = "0";
        Process process = Process.Start(start) ?? throw new EngineException($"{start.FileName} could not be started.");
        var started = new EngineProcess(process, socket, logger, engine.Alias, progress);
        try
        {
            using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            timeout.CancelAfter(TimeSpan.FromSeconds(settings.StartTimeoutSeconds));
            await started.WaitUntilReadyAsync(timeout.Token);
            await started.WarmUpAsync(engine.Alias, timeout.Token);
            return started;
        }
        catch (Exception e)
        {
            await started.DisposeAsync();
            throw e switch
            {
                OperationCanceledException when !cancellation.IsCancellationRequested =>
                    new EngineException($"The engine for {engine.Alias} was not ready after {settings.StartTimeoutSeconds} s (Engine:StartTimeoutSeconds)."),
                HttpRequestException => new EngineException($"The engine for {engine.Alias} failed its first request: {started._errors}"),
                _ => e,
            };
        }
    }

    public async Task<bool> IsHealthyAsync(CancellationToken cancellation)
    {
        try
        {
            using HttpResponseMessage response = await Client.GetAsync("health", cancellation);
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
        // The HTTP client is not disposed: a request that still uses it must see a lost connection, not a disposed object.
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

    public string LastErrors => _errors.ToString();

    private async Task WaitUntilReadyAsync(CancellationToken cancellation)
    {
        while (!await IsHealthyAsync(cancellation))
        {
            if (Exited.IsCompleted)
                throw new EngineException(_process.ExitCode == UserError ? $"{_errors}" : $"The engine ended with exit code {_process.ExitCode}: {_errors}");
            await Task.WhenAny(Exited, Task.Delay(PollInterval, cancellation));
            cancellation.ThrowIfCancellationRequested();
        }
    }

    /// <summary>The first checks: it writes some tokens, and they have probabilities. Broken weights give none.</summary>
    private async Task WarmUpAsync(string alias, CancellationToken cancellation)
    {
        string body = $$"""{"model":"{{alias}}","messages":[{"role":"user","content":"Hi"}],"max_tokens":4,"temperature":0,"logprobs":true}""";
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using HttpResponseMessage response = await Client.PostAsync("v1/chat/completions", content, cancellation);
        if (!response.IsSuccessStatusCode)
            throw new EngineException($"The engine for {alias} could not answer its first request: {await response.Content.ReadAsStringAsync(cancellation)}");
        ChatCompletion reply = JsonSerializer.Deserialize(await response.Content.ReadAsByteArrayAsync(cancellation), OpenAiJson.Default.ChatCompletion)!;
        if (reply.Choices[0].Logprobs?.Content?.Any(token => token.Logprob < ImpossibleLogprob) == true)
            throw new EngineException($"The engine for {alias} gives its own words no probability: the model's weights are broken.");
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

    private static IEnumerable<string> Arguments(EngineSpecification engine, EngineSettings settings, string socket)
    {
        EngineSettings loaded = engine.Options?.Over(settings) ?? settings;
        List<string> arguments = ["engine", "--model", engine.ModelPath, "--alias", engine.Alias, "--socket", socket, .. OptionTable.Arguments(loaded)];
        if (engine.AdapterPath is { } adapter)
            arguments.AddRange(["--adapter", new AdapterChoice(adapter, (float)settings.AdapterScale).ToString()]);
        return arguments;
    }

    /// <summary>Standard output has a few lines: what was loaded, and how.</summary>
    [LoggerMessage(3009, LogLevel.Information, "{Alias}: {Line}")]
    private static partial void LogChoice(ILogger logger, string alias, string line);

    [LoggerMessage(3001, LogLevel.Debug, "{Alias}: {Line}")]
    private static partial void LogOutput(ILogger logger, string alias, string line);
}

/// <summary>An engine could not be started or died; the message says why.</summary>
internal sealed class EngineException(string message) : Exception(message);
