using System.Collections.Concurrent;
using FineTuneChat.Gateway.Events;
using FineTuneChat.Gateway.Models.Downloads;
using FineTuneChat.Gateway.Models.Hub;

namespace FineTuneChat.Gateway.Models.Manager;

/// <summary>
/// The downloads of a running server, one of a model at a time: each tells how far it is by the event <c>model.progress</c>, can be paused, taken up
/// again, and cancelled. What the end of the server interrupts is listed as paused by the next one.
/// </summary>
internal sealed partial class ModelDownloads(
    ModelPull pull, ModelCatalog catalog, EventHub events, TimeProvider time, ILogger<ModelDownloads> logger) : IAsyncDisposable
{
    private const int MostAtOnce = 4;
    private readonly Lock _starting = new();
    private readonly ConcurrentDictionary<string, Download> _all = new(StringComparer.Ordinal); // by the file that it will be

    /// <summary>Those of this server, then those that are still to be taken up.</summary>
    public IReadOnlyList<PullProgress> List()
    {
        Download[] known = [.. _all.Values];
        return [.. known.OrderByDescending(d => d.StartedAt).Select(d => d.Progress), .. Interrupted(known.Select(d => d.Plan.Name))];
    }

    /// <summary>Looks the name up and begins, or takes up what was paused.</summary>
    /// <exception cref="HubException">It cannot be had, or is under way.</exception>
    public async Task<PullProgress> StartAsync(string name, CancellationToken cancellation)
    {
        PullPlan plan = await pull.PlanAsync(name, cancellation);
        lock (_starting)
        {
            if (_all.TryGetValue(plan.Target, out Download? old) && old.IsRunning)
                throw new HubException(HubFault.Conflict, $"{plan.Name} is being fetched already. GET /api/models/pull says how far it is.");
            if (_all.Values.Count(d => d.IsRunning) >= MostAtOnce)
                throw new HubException(HubFault.Conflict, $"{MostAtOnce} models are being fetched already. Wait for one of them, or pause it.");
            var download = new Download(plan, name, time.GetUtcNow());
            _all[plan.Target] = download;
            download.Ended = Task.Run(() => RunAsync(download), CancellationToken.None);
            return download.Progress;
        }
    }

    /// <summary>Ends a download; what has come stays for the next time.</summary>
    public Task<PullProgress> PauseAsync(string name) => StopAsync(name, PullStatus.Paused);

    /// <summary>Ends a download and removes what has come.</summary>
    public Task<PullProgress> CancelAsync(string name) => StopAsync(name, PullStatus.Cancelled);

    public async ValueTask DisposeAsync()
    {
        foreach (Download download in _all.Values)
            await download.StopAsync();
    }

    private async Task<PullProgress> StopAsync(string name, string status)
    {
        if (_all.Values.FirstOrDefault(d => d.IsCalled(name) && d.Progress.Status is not PullStatus.Done) is not { } download)
            return StopInterrupted(name, status);
        await download.StopAsync();
        if (status == PullStatus.Cancelled && download.Progress.Status != PullStatus.Done)
        {
            foreach ((_, string target) in download.Plan.Files)
                FileDownload.Discard(target);
            Tell(download, download.Progress with { Status = PullStatus.Cancelled, Bytes = 0, BytesPerSecond = 0, SecondsLeft = null });
        }
        return download.Progress;
    }

    private PullProgress StopInterrupted(string name, string status)
    {
        PullProgress progress = Interrupted([]).FirstOrDefault(p => p.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
            ?? throw new HubException(HubFault.NotFound, $"There is no download of {name}.");
        if (status == PullStatus.Cancelled)
            foreach ((string target, _) in Unfinished().Where(u => u.State.Name == progress.Name))
                FileDownload.Discard(target);
        return progress with { Status = status };
    }

    private async Task RunAsync(Download download)
    {
        try
        {
            Tell(download, download.Progress);
            PullResult result = await pull.RunAsync(download.Plan, progress => Tell(download, progress), download.Stop.Token);
            Tell(download, new PullProgress(download.Plan.Name, PullStatus.Done, result.Bytes, result.Bytes, Model: result.Name));
            LogDone(logger, result.Name, result.Bytes, result.Seconds);
        }
        catch (OperationCanceledException) when (download.Stop.IsCancellationRequested)
        {
            Tell(download, download.Progress with { Status = PullStatus.Paused, BytesPerSecond = 0, SecondsLeft = null });
        }
        catch (Exception e) // nobody waits for it: whatever it is, the user learns it
        {
            Tell(download, download.Progress with { Status = PullStatus.Failed, BytesPerSecond = 0, SecondsLeft = null, Error = e.Message });
            LogFailed(logger, download.Plan.Name, e.Message, e is HubException or IOException ? null : e);
        }
    }

    private void Tell(Download download, PullProgress progress)
    {
        download.Progress = progress;
        events.Publish("model.progress", progress, ModelsJson.Wire.PullProgress);
    }

    private IEnumerable<PullProgress> Interrupted(IEnumerable<string> except) =>
        from unfinished in Unfinished()
        group unfinished.State by unfinished.State.Name into files
        where !except.Contains(files.Key)
        select new PullProgress(files.Key, PullStatus.Paused, files.Sum(f => f.DoneBytes), files.Sum(f => f.Bytes));

    private IEnumerable<(string Target, DownloadState State)> Unfinished() =>
        from path in Directory.Exists(catalog.Folder)
            ? Directory.EnumerateFiles(catalog.Folder, "*.gguf" + DownloadState.StateEnding, new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 2, IgnoreInaccessible = true })
            : []
        let state = DownloadState.Read(path)
        where state is not null
        select (path[..^DownloadState.StateEnding.Length], state);

    private sealed class Download(PullPlan plan, string asked, DateTimeOffset startedAt)
    {
        public PullPlan Plan => plan;
        public DateTimeOffset StartedAt => startedAt;
        public CancellationTokenSource Stop { get; } = new();
        public Task Ended { get; set; } = Task.CompletedTask;
        public PullProgress Progress { get; set; } = new(plan.Name, PullStatus.Downloading, 0, plan.Bytes);

        public bool IsRunning => Progress.Status == PullStatus.Downloading;

        public bool IsCalled(string name) => name.Equals(asked, StringComparison.OrdinalIgnoreCase) || name.Equals(plan.Name, StringComparison.OrdinalIgnoreCase);

        public async Task StopAsync()
        {
            await Stop.CancelAsync();
            await Ended;
        }
    }

    [LoggerMessage(7001, LogLevel.Information, "Model {Name} was fetched: {Bytes} bytes in {Seconds:0.0} s")]
    private static partial void LogDone(ILogger logger, string name, long bytes, double seconds);

    [LoggerMessage(7002, LogLevel.Warning, "Model {Name} was not fetched: {Reason}")]
    private static partial void LogFailed(ILogger logger, string name, string reason, Exception? e);
}
