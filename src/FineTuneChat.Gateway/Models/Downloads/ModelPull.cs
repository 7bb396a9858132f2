using System.Text.RegularExpressions;
using FineTuneChat.Gateway.Models.Hub;
using FineTuneChat.Gateway.Storage;
using FineTuneChat.Gguf;
using FineTuneChat.Gguf.Models;

namespace FineTuneChat.Gateway.Models.Downloads;

/// <summary>
/// From a name to a model that is here: looked up, checked by its header, fetched, verified, put where LM Studio would put it
/// (<c>models/owner/repo/file.gguf</c>). The verb <c>pull</c> and <c>POST /api/models/pull</c> are this.
/// </summary>
/// <param name="hub">Where names are looked up.</param>
/// <param name="catalog">What is here.</param>
/// <param name="connections">Of one file.</param>
/// <param name="freeBytes">How much room there is where a folder lies; the disk's where nothing is given.</param>
internal sealed partial class ModelPull(ModelHub hub, ModelCatalog catalog, int connections, Func<string, long>? freeBytes = null)
{
    private const long KeptFree = 100_000_000; // bytes: a full disk would stop conversations from being stored
    private static readonly TimeSpan ProgressInterval = TimeSpan.FromSeconds(0.5);

    private HubConnection Connection => hub.Connection;

    /// <summary>Looks a name up, and refuses what could not be served or stored before anything is fetched.</summary>
    /// <exception cref="HubException">The name, the hub, the header or the disk stands against it.</exception>
    public async Task<PullPlan> PlanAsync(string name, CancellationToken cancellation)
    {
        ModelReference reference = ModelReference.Parse(name, Connection.Hub);
        PullPlan plan = reference.Url is { } address ? await PlanFileAsync(address, cancellation) : await PlanRepositoryAsync(reference, cancellation);
        if (plan.Files.All(f => File.Exists(f.Target)))
            return plan;
        RequireNothingElse(plan);
        RequireRoom(plan);
        await RequireModelAsync(plan, cancellation);
        return plan;
    }

    /// <summary>Fetches what is missing of it.</summary>
    /// <exception cref="HubException">It did not come; what has come is kept, unless it is wrong.</exception>
    public async Task<PullResult> RunAsync(PullPlan plan, Action<PullProgress> report, CancellationToken cancellation)
    {
        long startedAt = Connection.Time.GetTimestamp(), received = 0;
        var hashes = new List<string>();
        using (var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation))
        {
            Task reporting = ReportAsync(plan, () => Interlocked.Read(ref received), report, stop.Token);
            try
            {
                foreach ((RemoteFile file, string target) in plan.Files)
                    hashes.Add(File.Exists(target)
                        ? await KnownAsync(file, target)
                        : await new FileDownload(Connection, file, target, plan.Name, bytes => Interlocked.Add(ref received, bytes)).RunAsync(connections, cancellation));
            }
            finally
            {
                await stop.CancelAsync();
                await reporting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
        Publish(plan);
        LocalModel? model = catalog.List().FirstOrDefault(m => m.Path == plan.Target);
        return new PullResult(
            model?.Name ?? Path.GetFileNameWithoutExtension(plan.Target), plan.Target, plan.Bytes, hashes[0], Connection.Time.GetElapsedTime(startedAt).TotalSeconds);

        async Task<string> KnownAsync(RemoteFile file, string target)
        {
            string hash = await RequireSameAsync(file, target);
            Interlocked.Add(ref received, file.Bytes);
            return hash;
        }
    }

    private async Task<PullPlan> PlanRepositoryAsync(ModelReference reference, CancellationToken cancellation)
    {
        HubRepository repository = await hub.RepositoryAsync(reference.Repository!, reference.Revision, cancellation);
        HubModel model = QuantizationChoice.Choose(repository, reference.Quantization);
        string[] names = [.. repository.Models.SelectMany(m => m.Files).Select(f => FileName(f.Path))];
        string folder = Path.Combine([catalog.Folder, .. repository.Id.Split('/')]);
        return new PullPlan(
            $"{repository.Id}:{model.Label}",
            [.. model.Files.Select(f => (
                new RemoteFile(hub.AddressOf(repository, f), f.Bytes, f.Sha256),
                Path.Combine(folder, SafeName(names.Count(n => n == FileName(f.Path)) > 1 ? f.Path.Replace('/', '-') : FileName(f.Path)))))],
            repository.Projectors);
    }

    private async Task<PullPlan> PlanFileAsync(Uri address, CancellationToken cancellation)
    {
        string target = Path.Combine(catalog.Folder, SafeName(FileName(Uri.UnescapeDataString(address.AbsolutePath))));
        return new PullPlan(address.ToString(), [(await RemoteFile.ProbeAsync(Connection, address, cancellation), target)], []);
    }

    private static void RequireNothingElse(PullPlan plan)
    {
        foreach ((RemoteFile file, string target) in plan.Files)
            if (file.Bytes <= 0)
                throw new HubException(HubFault.Broken, $"The hub does not say how large {Path.GetFileName(target)} is.");
            else if (File.Exists(target) && new FileInfo(target).Length != file.Bytes)
                throw Other(target);
    }

    private void RequireRoom(PullPlan plan)
    {
        long missing = plan.Files.Where(f => !File.Exists(f.Target))
            .Sum(f => f.File.Bytes - new FileDownload(Connection, f.File, f.Target, plan.Name, _ => { }).BytesThere);
        long free = (freeBytes ?? FreeBytes)(catalog.Folder);
        if (free - KeptFree < missing)
            throw new HubException(
                HubFault.NoSpace, $"{plan.Name} needs {missing / 1e9:0.00} GB more in {catalog.Folder}, but {Math.Max(0, free - KeptFree) / 1e9:0.00} GB are free there. "
                + "Remove something (finetunechat rm NAME), choose fewer bits, or set Models:Folder to another disk.");
    }

    /// <summary>Reads the header where it lies: gigabytes are not fetched for what no engine would take.</summary>
    private async Task RequireModelAsync(PullPlan plan, CancellationToken cancellation)
    {
        RemoteFile first = plan.Files[0].File;
        GgufFile header = await hub.HeaderAsync(first.Address, Path.GetFileName(plan.Target), first.Bytes, cancellation);
        if (ModelKind.Of(header.Metadata) is { } other)
            throw new HubException(HubFault.Broken, $"{plan.Name} is {other}, no model of its own. Nothing was fetched.");
        try
        {
            if (plan.Files.Count == 1)
                ModelFile.Check(header);
        }
        catch (GgufException e)
        {
            throw new HubException(HubFault.Broken, $"{plan.Name} could not be used: {e.Message} Nothing was fetched.", e);
        }
    }

    /// <summary>The first part last: whoever sees it sees the whole model.</summary>
    private static void Publish(PullPlan plan)
    {
        string[] fetched = [.. plan.Files.Select(f => f.Target).Where(target => !File.Exists(target))];
        foreach (string target in fetched)
        {
            try
            {
                _ = GgufFile.Open(target + DownloadState.Ending);
            }
            catch (GgufException e)
            {
                FileDownload.Discard(target);
                throw new HubException(HubFault.Broken, $"What came is no sound model, and was removed: {e.Message}", e);
            }
        }
        foreach (string target in fetched.Reverse())
            FileDownload.Publish(target);
    }

    private static async Task<string> RequireSameAsync(RemoteFile file, string target)
    {
        string hash = await FileHash.ComputeAsync(target);
        return new FileInfo(target).Length == file.Bytes && (file.Sha256 ?? hash) == hash ? hash : throw Other(target);
    }

    private async Task ReportAsync(PullPlan plan, Func<long> received, Action<PullProgress> report, CancellationToken cancellation)
    {
        var rate = new TransferRate(Connection.Time);
        using var timer = new PeriodicTimer(ProgressInterval, Connection.Time);
        while (await timer.WaitForNextTickAsync(cancellation))
        {
            long bytes = Math.Min(received(), plan.Bytes);
            double speed = rate.Add(bytes);
            report(new PullProgress(plan.Name, PullStatus.Downloading, bytes, plan.Bytes, speed, speed > 0 ? (plan.Bytes - bytes) / speed : null));
        }
    }

    private static HubException Other(string target) => new(
        HubFault.Conflict, $"{target} is there already, but holds something else than the hub has now. Remove it first: finetunechat rm {Path.GetFileNameWithoutExtension(target)}");

    private static long FreeBytes(string folder)
    {
        try
        {
            return new DriveInfo(Directory.CreateDirectory(folder).FullName).AvailableFreeSpace;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return long.MaxValue; // a file system that does not tell
        }
    }

    private static string FileName(string path) => path[(path.LastIndexOf('/') + 1)..];

    /// <summary>Names come from a hub: they must not lead out of the folder.</summary>
    private static string SafeName(string file) => SafeFile().IsMatch(file)
        ? file
        : throw new HubException(HubFault.Broken, $"'{file}' is no name for a file here: letters, digits and . _ + - are allowed, and .gguf at the end.");

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9 ._+()\[\]-]{0,200}\.gguf$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex SafeFile();
}
