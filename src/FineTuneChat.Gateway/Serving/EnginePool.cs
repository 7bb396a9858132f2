using System.Text.Json.Nodes;
using FineTuneChat.Gateway.Processes;
using FineTuneChat.Protocol.Configuration;

namespace FineTuneChat.Gateway.Serving;

/// <summary>
/// The engines' processes. A base and the versions that are adapters of it share one: such a version comes into service without a new process and without
/// a second copy of the weights, and the one before stays loaded for a while, so that a rollback is as quick. All else has a process of its own.
/// </summary>
/// <param name="settings">How they are started.</param>
/// <param name="socketFolder">Where their sockets lie.</param>
/// <param name="logger">For what they say.</param>
internal sealed class EnginePool(EngineSettings settings, string socketFolder, ILogger logger) : IEnginePool
{
    private readonly Lock _gate = new();
    private readonly List<Place> _places = [];
    private readonly HashSet<string> _forgotten = new(StringComparer.Ordinal);

    /// <summary>Processes that run or start.</summary>
    public int Count { get { lock (_gate) return _places.Count; } }

    /// <summary>A process that answers for a model id: one that runs already where it can be shared, else a new one.</summary>
    /// <param name="engine">Whose.</param>
    /// <param name="progress">Told which share of the weights is there, where they are not yet.</param>
    /// <param name="cancellation">Ends waiting.</param>
    /// <exception cref="EngineException">It does not start, or the model does not pass its first checks; others in the same process go on.</exception>
    public async Task<IRunningEngine> JoinAsync(EngineSpecification engine, Action<double> progress, CancellationToken cancellation)
    {
        Place place = Take(engine, progress);
        try
        {
            SocketProcess process = await place.Process.WaitAsync(cancellation);
            var joined = new EngineProcess(process, engine, settings, () => LeaveAsync(place, engine));
            await joined.CheckAsync(engine, settings, cancellation);
            return joined;
        }
        catch
        {
            await LeaveAsync(place, engine);
            throw;
        }
    }

    /// <summary>A version's files are being deleted: its adapter goes out of memory, too, after its last reply.</summary>
    public Task ForgetAsync(string alias)
    {
        Place[] idle;
        lock (_gate)
        {
            if (_places.Any(p => p.Guests.Contains(alias)))
                _forgotten.Add(alias);
            idle = [.. _places.Where(p => !p.Guests.Contains(alias))];
        }
        return Task.WhenAll(idle.Select(place => UnloadAsync(place, alias)));
    }

    private Place Take(EngineSpecification engine, Action<double> progress)
    {
        string? shared = engine.AdapterPath is not null || engine.Version == 0 ? engine.ModelPath : null;
        lock (_gate)
        {
            Place? place = shared is null ? null : _places.Find(p => p.SharedFile == shared && p.IsAlive);
            if (place is null)
                _places.Add(place = new Place(shared, stop => ModelProcess.StartAsync(engine, settings, socketFolder, logger, progress, stop)));
            place.Guests.Add(engine.Alias);
            return place;
        }
    }

    private async ValueTask LeaveAsync(Place place, EngineSpecification engine)
    {
        bool isEmpty, isForgotten;
        lock (_gate)
        {
            place.Guests.Remove(engine.Alias);
            isEmpty = place.Guests.Count == 0;
            isForgotten = !_places.Any(p => p.Guests.Contains(engine.Alias)) && _forgotten.Remove(engine.Alias);
        }
        if (isEmpty)
            await EndAsync(place);
        else if (isForgotten)
            await UnloadAsync(place, engine.Alias);
    }

    private async Task EndAsync(Place place)
    {
        await place.Stop.CancelAsync(); // it may be starting
        await ((Task)place.Process).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (place.Process.IsCompletedSuccessfully)
            await (await place.Process).DisposeAsync();
        lock (_gate)
            _places.Remove(place);
    }

    private static async Task UnloadAsync(Place place, string alias)
    {
        if (!place.IsAlive || !place.Process.IsCompletedSuccessfully)
            return;
        try
        {
            using HttpClient client = (await place.Process).NewClient();
            using HttpResponseMessage _ = await client.PostAsJsonAsync("v1/unload_lora_adapter", new JsonObject { ["lora_name"] = alias }); // 404: not loaded
        }
        catch (HttpRequestException)
        {
            // it has just died, and the adapter with it
        }
    }

    /// <summary>A process and who uses it.</summary>
    private sealed class Place
    {
        private SocketProcess? _running;

        public Place(string? sharedFile, Func<CancellationToken, Task<SocketProcess>> start)
        {
            SharedFile = sharedFile;
            Process = Task.Run(async () => _running = await start(Stop.Token));
        }

        /// <summary>The model's file, where others that are made of it may join.</summary>
        public string? SharedFile { get; }

        public CancellationTokenSource Stop { get; } = new();
        public Task<SocketProcess> Process { get; }

        /// <summary>Model ids; one that is being swapped may be in it twice.</summary>
        public List<string> Guests { get; } = [];

        /// <summary>Whether it runs or starts, and somebody needs it.</summary>
        public bool IsAlive => Guests.Count > 0 && !Process.IsFaulted && !Process.IsCanceled && _running?.Exited.IsCompleted != true;
    }
}
