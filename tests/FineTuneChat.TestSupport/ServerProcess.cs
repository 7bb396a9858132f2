using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.RegularExpressions;

namespace FineTuneChat.TestSupport;

/// <summary>A real <c>serve</c> process on a free port. For test projects that have the program beside their own assemblies.</summary>
public sealed partial class ServerProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly ConcurrentQueue<string> _output = new();
    private readonly TaskCompletionSource<Uri> _address = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private ServerProcess(ProcessStartInfo start)
    {
        _process = new Process { StartInfo = start, EnableRaisingEvents = true };
        _process.OutputDataReceived += (_, line) => Read(line.Data);
        _process.ErrorDataReceived += (_, line) => Read(line.Data);
        _process.Exited += (_, _) => _address.TrySetException(new InvalidOperationException("serve ended before it listened."));
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public Uri Address => Client.BaseAddress!;
    public HttpClient Client { get; } = new();
    public int ProcessId => _process.Id;

    /// <summary>What the server has written so far, for messages of failing tests.</summary>
    public string Output => string.Join('\n', _output);

    /// <summary>Starts and waits until the engine answers.</summary>
    /// <param name="model">A GGUF file, or the name of a local model.</param>
    /// <param name="dataFolder">Conversations, runs and versions; made when missing.</param>
    /// <param name="settings">By their keys, such as <c>Retraining:MinNewExamples</c>.</param>
    public static async Task<ServerProcess> StartAsync(string model, string dataFolder, params (string Key, string Value)[] settings)
    {
        ServerProcess server = await ListenAsync(model, dataFolder, settings);
        try
        {
            await server.WhenReadyAsync();
            return server;
        }
        catch (TimeoutException e)
        {
            string output = server.Output;
            await server.DisposeAsync();
            throw new InvalidOperationException($"The server did not get ready: {e.Message}\n{output}", e);
        }
    }

    /// <summary>Starts and waits until the page can be asked for, whether an engine answers or not.</summary>
    public static async Task<ServerProcess> ListenAsync(string model, string dataFolder, params (string Key, string Value)[] settings)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        string[] arguments =
        [
            "exec", Path.Combine(AppContext.BaseDirectory, "FineTuneChat.dll"), "serve",
            "--urls", "http://127.0.0.1:0", "--data", dataFolder, "--model", model,
        ];
        foreach (string argument in arguments)
            start.ArgumentList.Add(argument);
        (string, string)[] quiet = [("Retraining:Automatic", "false"), ("Server:OpenBrowser", "off")]; // tests say when
        foreach ((string key, string value) in quiet.Concat(settings))
            start.Environment[$"FINETUNECHAT__{key.Replace(":", "__", StringComparison.Ordinal)}"] = value;

        var server = new ServerProcess(start);
        try
        {
            server.Client.BaseAddress = await server._address.Task.WaitAsync(Patience.Limit);
            return server;
        }
        catch (Exception e) when (e is TimeoutException or InvalidOperationException)
        {
            string output = server.Output;
            await server.DisposeAsync();
            throw new InvalidOperationException($"The server did not start: {e.Message}\n{output}", e);
        }
    }

    /// <summary>Waits until <c>/health</c> says that an engine answers.</summary>
    public async Task WhenReadyAsync()
    {
        using var limit = new CancellationTokenSource(Patience.Limit);
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        try
        {
            while (!(await Client.GetAsync("/health", limit.Token)).IsSuccessStatusCode)
                await pause.WaitForNextTickAsync(limit.Token);
        }
        catch (OperationCanceledException e)
        {
            throw new TimeoutException("/health has not said 200.", e);
        }
    }

    /// <summary>As a power cut would: without any chance to tidy up.</summary>
    public void Kill() => _process.Kill();

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private void Read(string? line)
    {
        if (line is null)
            return;
        _output.Enqueue(line);
        if (Listening().Match(line) is { Success: true } match)
            _address.TrySetResult(new Uri(match.Groups[1].Value));
    }

    [GeneratedRegex(@"FineTuneChat is at (http://[\d.:]+)")]
    private static partial Regex Listening();
}
