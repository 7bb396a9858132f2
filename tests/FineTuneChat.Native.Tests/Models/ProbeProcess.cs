using System.Diagnostics;
using System.Text.Json;
using FineTuneChat.ModelProbe;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Native.Tests.Models;

/// <summary>The model probe as a child process; when a file kills it, that is an outcome, and the next file gets a new one.</summary>
internal sealed class ProbeProcess : IDisposable
{
    private Process? _process;

    /// <summary>How the file went: the probe's word, or <c>crashed</c> and <c>stuck</c> with what it last said.</summary>
    public async Task<ProbeReply> RunAsync(ProbeRequest request)
    {
        Process process = _process ??= Start();
        await process.StandardInput.WriteLineAsync(JsonSerializer.Serialize(request));
        await process.StandardInput.FlushAsync();
        Task<string?> answer = process.StandardOutput.ReadLineAsync();
        if (await Task.WhenAny(answer, Task.Delay(Patience.Limit)) == answer && await answer is { } line)
            return JsonSerializer.Deserialize<ProbeReply>(line)!;
        return await BuryAsync(process, answer.IsCompleted ? "crashed" : "stuck");
    }

    public void Dispose()
    {
        if (_process is not { } process)
            return;
        process.Kill();
        process.Dispose();
    }

    private async Task<ProbeReply> BuryAsync(Process process, string outcome)
    {
        _process = null;
        if (outcome == "stuck")
            process.Kill();
        string lastWords = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        string message = $"exit code {process.ExitCode}: {lastWords.Trim()}";
        process.Dispose();
        return new(outcome, message, []);
    }

    private static Process Start()
    {
        string program = Path.Combine(AppContext.BaseDirectory, "FineTuneChat.ModelProbe.dll");
        var start = new ProcessStartInfo("dotnet", [program]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["DOTNET_DbgEnableMiniDump"] = "0";
        return Process.Start(start)!;
    }
}
