using System.Diagnostics;
using System.Text.Json;
using FineTuneChat.Protocol.Telemetry;

namespace FineTuneChat.Gateway.Processes;

/// <summary>Runs a verb of this program to its end: its lines on the way, its last line as the result.</summary>
internal static class ProgramVerb
{
    private const int Killed = 128 + 9; // how .NET reports SIGKILL; Windows knows no such thing

    /// <param name="arguments">The verb and its options.</param>
    /// <param name="progress">Gets every JSON line but the last one.</param>
    /// <param name="cancellation">Kills the process.</param>
    /// <param name="commands">Lines for its standard input while it runs; null = none.</param>
    /// <param name="told">Gets every line that it says to people; null = nobody does.</param>
    /// <exception cref="VerbException">It failed; the message is its own.</exception>
    /// <exception cref="VerbKilledException">Somebody killed it: the system when memory ran out, or a person.</exception>
    public static async Task<JsonElement> RunAsync(
        IReadOnlyList<string> arguments, Action<JsonElement> progress, CancellationToken cancellation, IAsyncEnumerable<string>? commands = null,
        Action<string>? told = null)
    {
        cancellation.ThrowIfCancellationRequested();
        using Process process = Process.Start(VerbTrace.Pass(ProgramProcess.StartInfo(arguments)))
            ?? throw new VerbException($"{arguments[0]} could not be started.");
        YieldToChat(process);
        using CancellationTokenRegistration kill = cancellation.Register(() => process.Kill(entireProcessTree: true));
        Task<LastLines> errors = ReadErrorsAsync(process, told);
        using var ended = new CancellationTokenSource();
        Task writing = commands is null ? Task.CompletedTask : WriteAsync(process, commands, ended.Token);
        JsonElement? last = null;
        while (await process.StandardOutput.ReadLineAsync(CancellationToken.None) is { } line)
        {
            if (TryParse(line) is not { } json)
                continue;
            if (last is { } earlier)
                progress(earlier);
            last = json;
        }
        await process.WaitForExitAsync(CancellationToken.None);
        await ended.CancelAsync();
        await writing;
        cancellation.ThrowIfCancellationRequested();
        if (process.ExitCode == Killed)
            throw new VerbKilledException(arguments[0]);
        if (process.ExitCode != 0)
            throw new VerbException($"{arguments[0]} failed (exit code {process.ExitCode}): {await errors}");
        return last ?? throw new VerbException($"{arguments[0]} ended without a result.");
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
        catch (Exception e) when (e is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            // it has ended already, or the system does not allow it: no reason to fail
        }
    }
}

/// <summary>A child command failed; the message is what it said.</summary>
internal sealed class VerbException(string message) : Exception(message);

/// <summary>A child command was killed: nothing is wrong with what it did, so it can be done again.</summary>
internal sealed class VerbKilledException(string verb) : Exception($"{verb} was killed");
