using System.Diagnostics;
using FineTuneChat.Gateway.Processes;
using ModelContextProtocol.Client;

namespace FineTuneChat.Gateway.Tools.Servers;

/// <summary>
/// A program that serves tools by its standard streams. Of the gateway's environment it gets what every program needs, not the settings in it, which hold
/// keys. It ends, with all that it has started, when it is disposed of.
/// </summary>
internal sealed class ServerProgram : IAsyncDisposable
{
    private const int ErrorLines = 3;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2); // to end by itself when its input closes

    private readonly Process _process;
    private readonly LastLines _errors = new(ErrorLines);
    private readonly TaskCompletionSource<ToolServerException> _broken = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <exception cref="ToolServerException">It cannot be started.</exception>
    public ServerProgram(ToolServerSettings settings)
    {
        var start = new ProcessStartInfo(Resolve(settings.Command!), settings.Args)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            CreateNoWindow = true,
        };
        start.Environment.Clear();
        foreach ((string name, string? value) in StdioClientTransportOptions.GetDefaultEnvironmentVariables())
            start.Environment[name] = value;
        foreach ((string name, string value) in settings.Environment)
            start.Environment[name] = value;
        try
        {
            _process = Process.Start(start)!;
        }
        catch (Exception e) when (e is System.ComponentModel.Win32Exception or InvalidOperationException)
        {
            throw new ToolServerException($"The program '{settings.Command}' cannot be started: {e.Message}", e);
        }
        Output = new BoundedMessages(_process.StandardOutput.BaseStream, ToolLimits.MessageBytes, byLine: true, problem => _broken.TrySetResult(problem));
        _process.ErrorDataReceived += (_, line) => _errors.Add(ToolText.Clean(line.Data ?? "", 500).Text);
        _process.BeginErrorReadLine();
    }

    public Stream Input => _process.StandardInput.BaseStream;

    public Stream Output { get; }

    public bool HasEnded => _process.HasExited || _broken.Task.IsCompleted;

    /// <summary>That it wrote what nobody may read; until then it does not end.</summary>
    public Task<ToolServerException> Broken => _broken.Task;

    /// <summary>That it has ended, and the last that it said to people; null when it goes on though its output has ended.</summary>
    public async Task<string?> EndAsync()
    {
        try
        {
            await _process.WaitForExitAsync().WaitAsync(Patience); // and until all that it said is here
            return $"The program has ended with exit code {_process.ExitCode}{(_errors.ToString() is { Length: > 0 } said ? $": {said}" : ".")}";
        }
        catch (TimeoutException)
        {
            return null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            _process.StandardInput.Close();
            await _process.WaitForExitAsync().WaitAsync(Patience);
        }
        catch (Exception e) when (e is TimeoutException or IOException)
        {
            _process.Kill(entireProcessTree: true);
        }
        _process.Dispose();
    }

    /// <summary>On Windows <c>npx</c> is <c>npx.cmd</c>, which only a shell would find.</summary>
    private static string Resolve(string command)
    {
        if (!OperatingSystem.IsWindows() || Path.HasExtension(command))
            return command;
        string[] folders = Path.IsPathFullyQualified(command) ? [""] : (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        string[] endings = [".exe", ".cmd", ".bat"];
        return folders.SelectMany(folder => endings.Select(ending => Path.Combine(folder, command + ending))).FirstOrDefault(File.Exists) ?? command;
    }
}
