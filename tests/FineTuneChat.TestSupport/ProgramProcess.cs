using System.Diagnostics;
using System.Text;

namespace FineTuneChat.TestSupport;

/// <summary>The real program as a child process, its output collected. Killed when disposed.</summary>
public sealed class ProgramProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Collector _output = new(), _errors = new();

    private ProgramProcess(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, line) => _output.Add(line.Data);
        process.ErrorDataReceived += (_, line) => _errors.Add(line.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public int Id => _process.Id;

    public string Output => _output.Text;

    public string Errors => _errors.Text;

    public bool HasExited => _process.HasExited;

    /// <summary>Starts the program that lies beside the tests.</summary>
    public static ProgramProcess Start(params string[] arguments) => Start(new Dictionary<string, string>(), arguments);

    /// <summary>The same with further variables in its environment.</summary>
    public static ProgramProcess Start(IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "FineTuneChat.dll"), .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["FINETUNECHAT__Server__OpenBrowser"] = "off";
        foreach ((string key, string value) in environment)
            start.Environment[key] = value;
        return new(new Process { StartInfo = start });
    }

    /// <summary>Runs the program to its end.</summary>
    public static async Task<(int ExitCode, string Output, string Errors)> RunAsync(params string[] arguments)
    {
        await using ProgramProcess process = Start(arguments);
        return (await process.ExitCodeAsync(), process.Output, process.Errors);
    }

    /// <summary>Waits until a line of standard output holds the text, and returns that line.</summary>
    /// <exception cref="InvalidOperationException">The program ended, or took too long; the message has its output.</exception>
    public async Task<string> LineAsync(string text)
    {
        Task<string> line = _output.LineAsync(text);
        Task first = await Task.WhenAny(line, _process.WaitForExitAsync(), Task.Delay(Patience.Limit));
        return first == line || line.IsCompleted ? await line : throw new InvalidOperationException($"No line with '{text}'.\n{Output}\n{Errors}");
    }

    public async Task<int> ExitCodeAsync()
    {
        using var patience = new CancellationTokenSource(Patience.Limit);
        await _process.WaitForExitAsync(patience.Token); // also waits for the end of its output
        return _process.ExitCode;
    }

    /// <summary>As kill -9.</summary>
    public void Kill() => _process.Kill();

    /// <summary>A line for its standard input.</summary>
    public void Write(string line)
    {
        _process.StandardInput.WriteLine(line);
        _process.StandardInput.Flush();
    }

    /// <summary>As when the parent process dies.</summary>
    public void CloseInput() => _process.StandardInput.Close();

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private sealed class Collector
    {
        private readonly StringBuilder _text = new();
        private readonly List<(string Text, TaskCompletionSource<string> Line)> _waiting = [];

        public string Text
        {
            get
            {
                lock (_text)
                    return _text.ToString();
            }
        }

        public void Add(string? line)
        {
            if (line is null)
                return;
            lock (_text)
            {
                _text.AppendLine(line);
                foreach (var waiting in _waiting.Where(w => line.Contains(w.Text, StringComparison.Ordinal)))
                    waiting.Line.TrySetResult(line);
            }
        }

        public Task<string> LineAsync(string text)
        {
            lock (_text)
            {
                if (_text.ToString().Split('\n').FirstOrDefault(l => l.Contains(text, StringComparison.Ordinal)) is { } known)
                    return Task.FromResult(known.TrimEnd('\r'));
                var line = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
                _waiting.Add((text, line));
                return line.Task;
            }
        }
    }
}
