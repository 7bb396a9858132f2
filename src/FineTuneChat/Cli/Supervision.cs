using System.CommandLine;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.Processes;
using FineTuneChat.Training.Runs;

namespace FineTuneChat.Cli;

/// <summary>
/// Verbs that work for a while: they stop on Ctrl-C. Started by the gateway they stop as soon as it is gone, and they may be told to wait: standard input
/// is then a line <c>pause</c> or <c>resume</c> for each command, and its end is the gateway's.
/// </summary>
internal static class Supervision
{
    public static Option<bool> Option() => new("--supervised")
    {
        Description = "Stop when standard input closes; wait between its lines 'pause' and 'resume'",
        Hidden = true,
    };

    /// <summary>Runs the work off the caller's thread, with a token that is cancelled by Ctrl-C or the parent's end.</summary>
    public static Task<int> RunAsync(bool supervised, CancellationToken cancellation, Action<CancellationToken> work) =>
        RunAsync(supervised, cancellation, (stop, _) => work(stop));

    /// <summary>The same for work that can wait.</summary>
    public static async Task<int> RunAsync(bool supervised, CancellationToken cancellation, Action<CancellationToken, PauseGate> work)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var gate = new PauseGate();
        if (supervised)
            _ = ListenAsync(stop, gate);
        try
        {
            await Task.Run(() => work(stop.Token, gate), CancellationToken.None);
            return 0;
        }
        catch (OperationCanceledException)
        {
            throw new UserException("Cancelled.");
        }
    }

    private static async Task ListenAsync(CancellationTokenSource stop, PauseGate gate)
    {
        using var input = new StreamReader(Console.OpenStandardInput());
        try
        {
            while (await input.ReadLineAsync() is { } line)
            {
                if (line == TrainerCommands.Pause)
                    gate.Pause();
                if (line == TrainerCommands.Resume)
                    gate.Resume();
            }

            await stop.CancelAsync();
        }
        catch (ObjectDisposedException)
        {
            // the work was done first
        }
    }
}
