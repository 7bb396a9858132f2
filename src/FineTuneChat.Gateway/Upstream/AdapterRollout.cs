using System.Text.Json;
using System.Text.Json.Nodes;
using FineTuneChat.Gateway.Serving;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Upstream;

/// <summary>
/// Which versions' adapters are loaded at the replicas. A new one is loaded replica by replica; the last <see cref="Kept"/> of an assistant stay, so that
/// a rollback loads nothing; a replica that comes back gets all of them before it gets requests.
/// </summary>
/// <param name="shelf">Where their files are.</param>
internal sealed class AdapterRollout(AdapterShelf shelf)
{
    /// <summary>Of one assistant, the one in service included.</summary>
    public const int Kept = 3;

    private const double ImpossibleLogprob = -1000; // of a token that was the most probable one
    private const int MethodNotAllowed = 405, NotFound = 404;
    private readonly Lock _gate = new();
    private readonly List<Wanted> _wanted = []; // least recently put in service first
    private readonly HashSet<string> _unwanted = new(StringComparer.Ordinal); // to be unloaded wherever they are found

    /// <summary>Whether a replica can be asked for a model: adapters only where they were loaded.</summary>
    public bool Has(Replica replica, string model)
    {
        lock (_gate)
            return replica.Adapters.Contains(model) || !_wanted.Exists(w => w.Name == model);
    }

    /// <summary>Loads an adapter at each replica, one after the other, where it is not loaded, and has it write a token there.</summary>
    /// <param name="name">Its name there.</param>
    /// <param name="assistant">Whose it is.</param>
    /// <param name="replicas">Those that answer.</param>
    /// <param name="lost">Told of one that was lost meanwhile: it is loaded there when that is back.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="EngineException">A replica refuses it, or none has taken it. It is loaded nowhere then, unless it was before.</exception>
    public async Task LoadAsync(string name, string assistant, IEnumerable<Replica> replicas, Action<Replica, string> lost, CancellationToken cancellation)
    {
        int taken = 0;
        Want(name, assistant);
        try
        {
            foreach (Replica replica in replicas)
                try
                {
                    await ChangeAsync(replica, () => LoadAsync(replica, name, cancellation), cancellation);
                    await CheckAsync(replica, name, cancellation);
                    taken++;
                }
                catch (ReplicaException e)
                {
                    lost(replica, e.Message);
                }
            if (taken == 0)
                throw new EngineException("No replica of the upstream answers, so that nothing can be loaded there. Try again when it does.", isOutage: true);
        }
        catch (Exception e)
        {
            await LeaveAsync(name, replicas);
            if (e is OpenAiException refused)
                throw new EngineException($"The upstream does not take {name}: {refused.Message}");
            throw;
        }
    }

    /// <summary>An adapter is no longer needed: it stays loaded while it is one of the last ones.</summary>
    public Task LeaveAsync(string name, IEnumerable<Replica> replicas)
    {
        string[] surplus;
        lock (_gate)
        {
            if (_wanted.Find(w => w.Name == name) is not { } left)
                return Task.CompletedTask;
            left.Guests--;
            Wanted[] ofAssistant = [.. _wanted.Where(w => w.Assistant == left.Assistant)];
            surplus = [.. ofAssistant.SkipLast(Kept).Where(w => w.Guests == 0).Select(w => w.Name)];
            if (left.Guests == 0 && (left.IsForgotten || !left.HasServed) && !surplus.Contains(name))
                surplus = [.. surplus, name];
            Unwant(surplus);
            if (left is { Guests: 0, IsForgotten: true })
                shelf.Remove(name);
        }
        return UnloadAsync(surplus, replicas);
    }

    /// <summary>An adapter has passed its first checks: replicas that come back get it, and it stays for a while when it is left.</summary>
    public void Serves(string name)
    {
        lock (_gate)
            if (_wanted.Find(w => w.Name == name) is { } wanted)
                wanted.HasServed = true;
    }

    /// <summary>A version is deleted: it is unloaded, after its last reply, and its files on the shared folder go.</summary>
    public Task ForgetAsync(string name, IEnumerable<Replica> replicas)
    {
        lock (_gate)
        {
            if (_wanted.Find(w => w.Name == name) is { Guests: > 0 } used)
            {
                used.IsForgotten = true;
                return Task.CompletedTask;
            }
            Unwant([name]);
        }
        shelf.Remove(name);
        return UnloadAsync([name], replicas);
    }

    /// <summary>Brings a replica in line: what is wanted and not there is loaded, what is not wanted any more goes.</summary>
    /// <param name="replica">Which one.</param>
    /// <param name="listed">What it lists.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="ReplicaException">It is lost again.</exception>
    /// <exception cref="OpenAiException">It does not take one.</exception>
    public Task SyncAsync(Replica replica, IReadOnlyList<ListedModel> listed, CancellationToken cancellation) => ChangeAsync(replica, async () =>
    {
        HashSet<string> there = [.. listed.Select(m => m.Id)];
        string[] wanted, unwanted;
        lock (_gate)
        {
            if (!replica.IsUp)
                replica.Adapters.Clear(); // it may be another process by now, with another one's adapters of the same names
            else
                replica.Adapters.IntersectWith(there);
            wanted = [.. _wanted.Where(w => w.HasServed && !replica.Adapters.Contains(w.Name)).Select(w => w.Name)];
            unwanted = [.. _unwanted.Where(there.Contains)];
        }
        foreach (string name in wanted)
            await LoadAsync(replica, name, cancellation);
        foreach (string name in unwanted)
            await UnloadAsync(replica, name, cancellation);
    }, cancellation);

    private void Want(string name, string assistant)
    {
        lock (_gate)
        {
            Wanted wanted = _wanted.Find(w => w.Name == name) ?? new Wanted(name, assistant);
            _wanted.Remove(wanted);
            _wanted.Add(wanted); // the newest
            wanted.Guests++;
            _unwanted.Remove(name);
        }
    }

    /// <summary>Under the lock.</summary>
    private void Unwant(string[] names)
    {
        _wanted.RemoveAll(w => names.Contains(w.Name));
        _unwanted.UnionWith(names);
    }

    private async Task LoadAsync(Replica replica, string name, CancellationToken cancellation)
    {
        lock (_gate)
            if (replica.Adapters.Contains(name))
                return;
        var body = new JsonObject { ["lora_name"] = name, ["lora_path"] = shelf.PathThere(name), ["load_inplace"] = true };
        try
        {
            await replica.PostAsync("v1/load_lora_adapter", body, cancellation);
        }
        catch (OpenAiException e) when (e.Status is NotFound or MethodNotAllowed && !e.Message.Contains(name, StringComparison.Ordinal))
        {
            throw OpenAiException.InvalidRequest(
                "it has no route for adapters. Start vLLM with --enable-lora and VLLM_ALLOW_RUNTIME_LORA_UPDATING=True, or set Upstream:Kind to openai.");
        }
        catch (OpenAiException) when (replica.Listed.Any(m => m.Id == name)) // an older vLLM, which knows no load_inplace, has one of that name
        {
            await UnloadAsync(replica, name, cancellation);
            body.Remove("load_inplace");
            await replica.PostAsync("v1/load_lora_adapter", body, cancellation);
        }
        lock (_gate)
            replica.Adapters.Add(name);
    }

    /// <summary>The first checks: it is listed as an adapter, and writes a token that has a probability. Broken weights give none.</summary>
    private static async Task CheckAsync(Replica replica, string name, CancellationToken cancellation)
    {
        if ((await replica.ListAsync(cancellation)).FirstOrDefault(m => m.Id == name) is not { Parent: not null })
            throw OpenAiException.ServerError($"it does not list {name} as an adapter after loading it.");
        var body = new JsonObject
        {
            ["model"] = name,
            ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = "Hi" }),
            ["max_tokens"] = 4,
            ["temperature"] = 0,
            ["logprobs"] = true,
        };
        try
        {
            JsonElement choice = JsonElement.Parse(await replica.PostAsync("v1/chat/completions", body, cancellation)).GetProperty("choices")[0];
            if (choice.TryGetProperty("logprobs", out JsonElement logprobs) && logprobs.ValueKind == JsonValueKind.Object
                && logprobs.GetProperty("content").EnumerateArray().Any(token => token.GetProperty("logprob").GetDouble() < ImpossibleLogprob))
                throw OpenAiException.ServerError("it gives its own words no probability: the adapter's weights are broken.");
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or IndexOutOfRangeException)
        {
            throw OpenAiException.ServerError("its first reply is none.");
        }
    }

    private async Task UnloadAsync(string[] names, IEnumerable<Replica> replicas)
    {
        foreach (Replica replica in replicas.Where(_ => names.Length > 0))
            try
            {
                await ChangeAsync(replica, async () =>
                {
                    foreach (string name in names)
                        await UnloadAsync(replica, name, CancellationToken.None);
                }, CancellationToken.None);
            }
            catch (Exception e) when (e is ReplicaException or OpenAiException)
            {
                // when it is back, and still has them, they go
            }
    }

    private async Task UnloadAsync(Replica replica, string name, CancellationToken cancellation)
    {
        lock (_gate)
            replica.Adapters.Remove(name);
        try
        {
            await replica.PostAsync("v1/unload_lora_adapter", new() { ["lora_name"] = name }, cancellation);
        }
        catch (OpenAiException e) when (e.Status is 400 or NotFound)
        {
            // it was not there
        }
    }

    private static async Task ChangeAsync(Replica replica, Func<Task> change, CancellationToken cancellation)
    {
        await replica.Changing.WaitAsync(cancellation);
        try
        {
            await change();
        }
        finally
        {
            replica.Changing.Release();
        }
    }

    /// <summary>An adapter that each replica is to have.</summary>
    private sealed class Wanted(string name, string assistant)
    {
        public string Name => name;
        public string Assistant => assistant;

        /// <summary>Engines that serve it.</summary>
        public int Guests { get; set; }

        /// <summary>Whether it has passed its first checks once.</summary>
        public bool HasServed { get; set; }

        /// <summary>Whether its version is deleted.</summary>
        public bool IsForgotten { get; set; }
    }
}
