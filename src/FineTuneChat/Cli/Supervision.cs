using System.CommandLine;
using FineTuneChat.Engine;

namespace FineTuneChat.Cli;

/// <summary>Verbs that work for a while: they stop on Ctrl-C and, when started by the gateway, as soon as the gateway is gone.</summary>
internal static class Supervision
{
    public static Option<bool> Option() => new("--supervised") { Description = "Stop when standard input closes", Hidden = true };

    /// <summary>Runs the work off the caller's thread, with a token that is cancelled by Ctrl-C or the parent's end.</summary>
    public static async Task<int> RunAsync(bool supervised, CancellationToken cancellation, Action<CancellationToken> work)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        if (supervised)
            _ = WatchParentAsync(stop);
        try
        {
            await Task.Run(() => work(stop.Token), CancellationToken.None);
            return 0;
        }
        catch (OperationCanceledException)
        {
            throw new UserException("Cancelled.");
        }
    }

    private static async Task WatchParentAsync(CancellationTokenSource stop)
    {
        await ParentWatch.GoneAsync();
        try
        {
            await stop.CancelAsync();
        }
        catch (ObjectDisposedException)
        {
            // the work was done first
        }
    }
}
