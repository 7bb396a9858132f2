using System.Data.Common;
using System.Threading.Channels;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Documents.Folders;

/// <summary>
/// Keeps the collections of <c>Documents:Folders</c> up to date: all at the start and every few minutes, one whenever the system tells of a change in it.
/// A change that the system does not tell is found by the next comparison.
/// </summary>
internal sealed partial class FolderWatcher(DocumentSettings settings, FolderSync sync, TimeProvider time, ILogger<FolderWatcher> logger) : BackgroundService
{
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(1); // programs write a file in many steps
    private static readonly TimeSpan Round = TimeSpan.FromMinutes(10);
    private readonly Channel<string> _changed = Channel.CreateUnbounded<string>(new() { SingleReader = true });

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        string[] folders = [.. settings.Folders.Where(folder => folder.Length > 0).Select(Full).Distinct(StringComparer.Ordinal)];
        if (folders.Length == 0)
            return;
        var watchers = new List<FileSystemWatcher>();
        using ITimer round = time.CreateTimer(_ => Tell(folders), null, Round, Round);
        try
        {
            foreach (string folder in folders.Where(Directory.Exists))
                Watch(folder, watchers);
            Tell(folders);
            while (await _changed.Reader.WaitToReadAsync(stoppingToken))
            {
                HashSet<string> told = Told();
                foreach (string folder in told)
                    await SyncAsync(folder, stoppingToken);
                await Task.Delay(Rest, time, stoppingToken);
            }
        }
        catch (OperationCanceledException)
        {
            // the server stops
        }
        finally
        {
            foreach (FileSystemWatcher watcher in watchers)
                watcher.Dispose();
        }
    }

    /// <summary>A folder that cannot be watched, such as one of too many, is compared every few minutes.</summary>
    private void Watch(string folder, List<FileSystemWatcher> watchers)
    {
        try
        {
            var watcher = new FileSystemWatcher(folder) { IncludeSubdirectories = true };
            watchers.Add(watcher);
            watcher.Created += (_, _) => Tell(folder);
            watcher.Changed += (_, _) => Tell(folder);
            watcher.Deleted += (_, _) => Tell(folder);
            watcher.Renamed += (_, _) => Tell(folder);
            watcher.Error += (_, _) => Tell(folder); // events were lost
            watcher.EnableRaisingEvents = true;
        }
        catch (IOException e)
        {
            LogNotWatched(logger, folder, e.Message);
        }
    }

    private void Tell(params string[] folders)
    {
        foreach (string folder in folders)
            _changed.Writer.TryWrite(folder);
    }

    private HashSet<string> Told()
    {
        HashSet<string> told = [];
        while (_changed.Reader.TryRead(out string? folder))
            told.Add(folder);
        return told;
    }

    /// <summary>A full disk is for the next time.</summary>
    private async Task SyncAsync(string folder, CancellationToken cancellation)
    {
        try
        {
            await sync.RunAsync(folder, cancellation);
        }
        catch (Exception e) when (e is OpenAiException or DbException or IOException or UnauthorizedAccessException)
        {
            LogFailed(logger, folder, e);
        }
    }

    private static string Full(string folder) => Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));

    [LoggerMessage(8013, LogLevel.Warning, "Changes in {Folder} are found every few minutes only: {Reason}")]
    private static partial void LogNotWatched(ILogger logger, string folder, string reason);

    [LoggerMessage(8014, LogLevel.Error, "The documents of {Folder} could not be brought up to date; it is tried again")]
    private static partial void LogFailed(ILogger logger, string folder, Exception e);
}
