using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;

namespace FineTuneChat.Gateway.Processes;

/// <summary>Runs a program to its end that tells what it does in lines of JSON.</summary>
internal static class LineProcess
{
    private const int Killed = 128 + 9; // how .NET reports SIGKILL; Windows knows no such thing

    /// <param name="start">With all three streams redirected.</param>
    /// <param name="name">What messages call it.</param>
    /// <param name="progress">Gets every line of its standard output that is a JSON object.</param>
    /// <param name="cancellation">Kills the process.</param>
    /// <param name="commands">Lines for its standard input while it runs; null = none.</param>
    /// <param name="told">Gets every line that it says to people; null = nobody does.</param>
    /// <param name="started">Told of the process; null = nobody is.</param>
    /// <exception cref="VerbException">It could not be started, or failed; the message is its own.</exception>
    /// <exception cref="VerbKilledException">Somebody killed it: the system when memory ran out, or a person.</exception>
    public static async Task RunAsync(
        ProcessStartInfo start, string name, Action<JsonElement> progress, CancellationToken cancellation, IAsyncEnumerable<string>? commands = null,
        Action<string>? told = null, Action<Process>? started = null)
    {
        cancellation.ThrowIfCancellationRequested();
        using Process process = Start(start, name);
        YieldToChat(process);
        using CancellationTokenRegistration kill = cancellation.Register(() => process.Kill(entireProcessTree: true));
        started?.Invoke(process);
        Task<LastLines> errors = ReadErrorsAsync(process, told);
        using var ended = new CancellationTokenSource();
        Task writing = commands is null ? Task.CompletedTask : WriteAsync(process, commands, ended.Token);
        try
        {
            while (await process.StandardOutput.ReadLineAsync(CancellationToken.None).AsTask().WaitAsync(cancellation) is { } line)
                if (TryParse(line) is { } json)
                    progress(json);
        }
        catch (OperationCanceledException)
        {
            // it is killed; what it has left behind may hold the pipe for ever
        }
        await process.WaitForExitAsync(CancellationToken.None);
        await ended.CancelAsync();
        await writing;
        cancellation.ThrowIfCancellationRequested();
        if (process.ExitCode == Killed)
            throw new VerbKilledException(name);
        if (process.ExitCode != 0)
            throw new VerbException($"{name} failed (exit code {process.ExitCode}): {await errors}");
    }

    private static Process Start(ProcessStartInfo start, string name)
    {
        try
        {
            return Process.Start(start) ?? throw new VerbException($"{name} could not be started.");
        }
        catch (Win32Exception e)
        {
            throw new VerbException($"{name} could not be started: {e.Message}");
        }
    }

    private static async Task<LastLines> ReadErrorsAsync(Process process, Action<string>? told)
    {
        var lines = new LastLines(capacity: 2);
        while (await process.StandardError.ReadLineAsync() is { } line)
        {
            lines.Add(line);
            told?.Invoke(line);
        }
        return lines;
    }

    private static async Task WriteAsync(Process process, IAsyncEnumerable<string> lines, CancellationToken ended)
    {
        try
        {
            await foreach (string line in lines.WithCancellation(ended))
            {
                await process.StandardInput.WriteLineAsync(line);
                await process.StandardInput.FlushAsync(ended);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            // it has ended
        }
    }

    private static JsonElement? TryParse(string line)
    {
        try
        {
            return line.StartsWith('{') ? JsonElement.Parse(line) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static void YieldToChat(Process process)
    {
        try
        {
            process.PriorityClass = ProcessPriorityClass.BelowNormal;
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception)
        {
            // it has ended already, or the system does not allow it: no reason to fail
        }
    }
}
