using FineTuneChat.Gguf;
using FineTuneChat.Gguf.Models;
using FineTuneChat.Inference.Running;
using FineTuneChat.Native.Llama;
using FineTuneChat.Protocol.OpenAi;
using FineTuneChat.Protocol.Processes;

namespace FineTuneChat.Engine.Adapters;

/// <summary>
/// The adapters of the model, by name. Any number may be known; of those at most so many are loaded at a time: one that is asked for takes the place of
/// the least recently used one, never of one in use. Thread-safe.
/// </summary>
/// <param name="model">The base of all of them.</param>
/// <param name="header">Its file.</param>
/// <param name="alias">Its name, which no adapter may have.</param>
/// <param name="maxLoaded">Most adapters in memory.</param>
/// <param name="maxWaiting">Most requests that wait for a place in memory.</param>
/// <param name="clock">For when they came.</param>
internal sealed class AdapterRegistry(LlamaModel model, GgufFile header, string alias, int maxLoaded, int maxWaiting, TimeProvider clock) : IDisposable
{
    private const int MostKnown = 10_000;
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, KnownAdapter> _byName = new(StringComparer.Ordinal);
    private readonly LinkedList<KnownAdapter> _loaded = []; // least recently used first
    private readonly SemaphoreSlim _places = new(maxLoaded), _loading = new(1); // a place for each that is in use: so one of those loaded is always free to go
    private int _waiting;

    /// <summary>In the order of their names.</summary>
    public IReadOnlyList<KnownAdapter> List()
    {
        lock (_gate)
            return [.. _byName.Values.OrderBy(a => a.Name, StringComparer.Ordinal)];
    }

    /// <summary>How many are in memory.</summary>
    public int LoadedCount { get { lock (_gate) return _loaded.Count; } }

    /// <summary>Makes an adapter known, checked and loaded.</summary>
    /// <param name="name">Under which requests ask for it.</param>
    /// <param name="file">Its GGUF.</param>
    /// <param name="inPlace">Whether it may take the name of another: requests of that one finish with it.</param>
    /// <param name="cancellation">Ends the waiting for a place in memory.</param>
    /// <exception cref="OpenAiException">400, 404: the name is taken, or the file cannot be used; nothing has changed then.</exception>
    public async Task AddAsync(string name, AdapterChoice file, bool inPlace, CancellationToken cancellation)
    {
        RequireFree(name, inPlace);
        var added = new KnownAdapter(name, file, clock.GetUtcNow());
        try
        {
            (await UseAsync(added, cancellation)).Dispose();
        }
        catch (Exception e) when (e is GgufException or LlamaException or IOException or UnauthorizedAccessException)
        {
            bool isMissing = e is FileNotFoundException or DirectoryNotFoundException;
            throw OpenAiException.InvalidRequest(
                $"The adapter '{name}' cannot be loaded: {e.Message}", "lora_path", isMissing ? "not_found" : "invalid_adapter",
                isMissing ? StatusCodes.Status404NotFound : StatusCodes.Status400BadRequest);
        }

        lock (_gate)
        {
            try
            {
                RequireFree(name, inPlace); // another may have taken it meanwhile
            }
            catch
            {
                Retire(added);
                throw;
            }

            if (_byName.TryGetValue(name, out KnownAdapter? former))
                Retire(former);
            _byName[name] = added;
        }
    }

    /// <summary>Forgets an adapter: no new request finds it, those that run finish with it. Completes when the last one has.</summary>
    /// <exception cref="OpenAiException">404: it is not known.</exception>
    public Task RemoveAsync(string name)
    {
        lock (_gate)
        {
            if (!_byName.Remove(name, out KnownAdapter? adapter))
                throw OpenAiException.InvalidRequest(
                    $"There is no adapter '{name}'. {(_byName.Count == 0 ? "None is loaded." : $"There are: {string.Join(", ", _byName.Keys.Order())}.")}",
                    "lora_name", "not_found", StatusCodes.Status404NotFound);
            Retire(adapter);
            return adapter.Gone.Task;
        }
    }

    /// <summary>An adapter that is known; null: it is not.</summary>
    public KnownAdapter? Find(string name)
    {
        lock (_gate)
            return _byName.GetValueOrDefault(name);
    }

    /// <summary>An adapter by its name, made known where it is not: whoever says the name says the file, too.</summary>
    public KnownAdapter FindOrAdd(string name, AdapterChoice file)
    {
        lock (_gate)
        {
            if (_byName.TryGetValue(name, out KnownAdapter? known) && known.File == file)
                return known;
            if (known is not null)
                Retire(known);
            return _byName[name] = new KnownAdapter(name, file, clock.GetUtcNow());
        }
    }

    /// <summary>Loads an adapter where it is not, and keeps it loaded until the answer is disposed.</summary>
    /// <param name="adapter">Which one.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    /// <exception cref="OpenAiException">429: too many requests wait for a place in memory.</exception>
    /// <exception cref="GgufException">The file is damaged, or of another model.</exception>
    /// <exception cref="LlamaException">llama.cpp refused it.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public async Task<AdapterUse> UseAsync(KnownAdapter adapter, CancellationToken cancellation)
    {
        Task<Adapter> ready;
        lock (_gate)
        {
            if (adapter.Uses++ == 0)
            {
                bool isThere = adapter.Loaded is not null && _places.Wait(0, CancellationToken.None);
                adapter.Ready = isThere ? Task.FromResult(adapter.Loaded!.Value.Identity) : Task.Run(() => LoadAsync(adapter));
            }
            ready = adapter.Ready;
        }

        try
        {
            return new AdapterUse(await ready.WaitAsync(cancellation), () => Leave(adapter));
        }
        catch
        {
            Leave(adapter);
            throw;
        }
    }

    /// <summary>Frees the weights of all. No request may be under way.</summary>
    public void Dispose()
    {
        foreach (KnownAdapter adapter in _loaded)
            adapter.Loaded!.Value.Weights.Dispose();
        _places.Dispose();
        _loading.Dispose();
    }

    private void RequireFree(string name, bool inPlace)
    {
        lock (_gate)
        {
            bool isKnown = _byName.ContainsKey(name);
            if (name == alias || (isKnown && !inPlace))
                throw OpenAiException.InvalidRequest(
                    $"The name '{name}' is taken by {(name == alias ? "the model itself" : "another adapter")}. "
                    + "Choose another, unload it first, or send 'load_inplace': true to replace an adapter.", "lora_name", "lora_name_taken");
            if (!isKnown && _byName.Count >= MostKnown)
                throw OpenAiException.InvalidRequest($"{MostKnown} adapters are known, which is the most. Unload one first.", "lora_name");
        }
    }

    private async Task<Adapter> LoadAsync(KnownAdapter adapter)
    {
        await TakePlaceAsync();
        await _loading.WaitAsync();
        try
        {
            if (adapter.Loaded is { } already)
                return already.Identity;
            // 1. Checked in managed code before llama.cpp sees it; a damaged one takes nobody's place.
            AdapterFile.RequireFit(AdapterFile.Open(adapter.File.Path), header);
            // 2. Room.
            MakeRoom();
            // 3. Loaded.
            var weights = new LoadedAdapter(model, adapter.File.Path);
            var identity = new Adapter(new ScaledAdapter(weights, adapter.File.Scale));
            lock (_gate)
            {
                adapter.Loaded = (weights, identity);
                _loaded.AddLast(adapter);
            }

            return identity;
        }
        finally
        {
            _loading.Release();
        }
    }

    private async Task TakePlaceAsync()
    {
        if (_places.Wait(0))
            return;
        try
        {
            if (Interlocked.Increment(ref _waiting) > maxWaiting)
                throw OpenAiException.AdaptersBusy(maxLoaded, Retry);
            await _places.WaitAsync();
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    private void MakeRoom()
    {
        lock (_gate)
        {
            while (_loaded.Count >= maxLoaded && _loaded.FirstOrDefault(a => a.Uses == 0) is { } unused)
                Unload(unused);
        }
    }

    private void Leave(KnownAdapter adapter)
    {
        lock (_gate)
        {
            if (--adapter.Uses > 0)
                return;
            if (_loaded.Remove(adapter))
                _loaded.AddLast(adapter);
            _ = GiveBackAsync(adapter, adapter.Ready);
        }
    }

    /// <summary>Gives the place back that a load has taken, which may still be under way: the request that wanted it has left.</summary>
    private async Task GiveBackAsync(KnownAdapter adapter, Task<Adapter> taken)
    {
        await ((Task)taken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        lock (_gate)
        {
            if (adapter is { IsRetired: true, Uses: 0 })
                Retire(adapter);
        }

        if (taken.Exception?.InnerException is not OpenAiException) // which has taken none
            _places.Release();
    }

    /// <summary>Under the lock.</summary>
    private void Retire(KnownAdapter adapter)
    {
        adapter.IsRetired = true;
        if (adapter.Uses > 0)
            return;
        Unload(adapter);
        adapter.Gone.TrySetResult();
    }

    /// <summary>Under the lock. The context that has computed with it last keeps the memory until it computes with another.</summary>
    private void Unload(KnownAdapter adapter)
    {
        if (!_loaded.Remove(adapter))
            return;
        adapter.Loaded!.Value.Weights.Dispose();
        adapter.Loaded = null;
    }
}

/// <summary>A request's hold on an adapter.</summary>
/// <param name="adapter">For the engine.</param>
/// <param name="leave">Gives it up.</param>
internal sealed class AdapterUse(Adapter adapter, Action leave) : IDisposable
{
    private Action? _leave = leave;

    public Adapter Adapter => adapter;

    public void Dispose() => Interlocked.Exchange(ref _leave, null)?.Invoke();
}
