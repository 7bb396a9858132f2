using System.Text.Json;
using FineTuneChat.Protocol.Telemetry;

namespace FineTuneChat.Gateway.Processes;

/// <summary>Runs a verb of this program to its end: its lines on the way, its last line as the result.</summary>
internal static class ProgramVerb
{
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
        JsonElement? last = null;
        await LineProcess.RunAsync(VerbTrace.Pass(ProgramProcess.StartInfo(arguments)), arguments[0], json =>
        {
            if (last is { } earlier)
                progress(earlier);
            last = json;
        }, cancellation, commands, told);
        return last ?? throw new VerbException($"{arguments[0]} ended without a result.");
    }
}

/// <summary>A child command failed; the message is what it said.</summary>
internal sealed class VerbException(string message) : Exception(message);

/// <summary>A child command was killed: nothing is wrong with what it did, so it can be done again.</summary>
internal sealed class VerbKilledException(string verb) : Exception($"{verb} was killed");
