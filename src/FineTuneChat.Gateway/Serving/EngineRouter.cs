using System.Text.Json.Nodes;
using FineTuneChat.Gateway.Access;
using FineTuneChat.Gateway.Events;
using FineTuneChat.Gateway.Models;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.Configuration;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Serving;

/// <summary>
/// Which engine answers for which model id. That of the first assistant always runs; those of the others are started when asked for, until they are idle
/// too long; so are engines for other versions and models, one at a time.
/// </summary>
internal sealed class EngineRouter : IHostedService, IAsyncDisposable
{
    private readonly AssistantRegistry _assistants;
    private readonly ModelDirectory _directory;
    private readonly ModelCatalog _catalog;
    private readonly EngineSettings _settings;
    private readonly EventHub _events;
    private readonly TimeProvider _time;
    private readonly EngineSet _engines;
    private readonly ModelProblems _problems = new();
    private readonly ITimer _idleCheck;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, SupervisedEngine> _active = new(StringComparer.Ordinal); // by assistant
    private SupervisedEngine? _other; // beside them

    public EngineRouter(
        AssistantRegistry assistants, ModelDirectory directory, ModelCatalog catalog, EngineSettings settings, EventHub events, TimeProvider time,
        ILogger<EngineRouter> logger, IUpstream? upstream = null)
    {
        (_assistants, _directory, _catalog, _settings, _events, _time) = (assistants, directory, catalog, settings, events, time);
        _engines = new EngineSet(settings, time, logger, upstream);
        _idleCheck = time.CreateTimer(_ => EndIdle(), null, TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1));
    }

    /// <summary>Raised when the engine of an assistant does not start, or dies again and again.</summary>
    public event Action<SupervisedEngine, string>? Broken;

    /// <summary>Whether the first assistant can answer at once.</summary>
    public bool IsReady => IsReadyFor(_assistants.First);

    /// <summary>The first assistant's model id now: <c>assistant@3</c>.</summary>
    public string ActiveAlias => ActiveOf(AssistantNames.Default)?.Specification.Alias ?? AssistantNames.Default;

    /// <summary>Whether an assistant can answer at once.</summary>
    public bool IsReadyFor(Assistant assistant) => ActiveOf(assistant.Id) is { IsReady: true };

    /// <summary>Processes of engines, those of retired ones included.</summary>
    public int ProcessCount => _engines.ProcessCount;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (Assistant assistant in _assistants.All.Where(a => a.Problem is null))
            await assistant.Versions.OpenAsync();
        lock (_gate)
            Served(_assistants.First); // answers when it is ready; the gateway serves its page meanwhile
    }

    public Task StopAsync(CancellationToken cancellationToken) => _engines.StopAsync();

    public async ValueTask DisposeAsync()
    {
        await _idleCheck.DisposeAsync();
        await _engines.DisposeAsync();
    }

    /// <summary>A lease of the engine for a model id.</summary>
    /// <param name="caller">Who asks: what a key is not for is not there.</param>
    /// <param name="model">The id; null: the caller's first assistant.</param>
    /// <exception cref="OpenAiException">404 for an id that is not there.</exception>
    public EngineLease Acquire(Caller caller, string? model)
    {
        while (true)
        {
            EngineLease? lease;
            lock (_gate)
                lease = EngineFor(caller, model).TryAcquire();
            if (lease is not null)
                return lease; // null: it was retired in between, and another engine has taken its place
        }
    }

    /// <summary>Whether a server elsewhere would answer.</summary>
    public bool IsElsewhere(EngineSpecification engine) => _engines.IsElsewhere(engine);

    /// <summary>A lease of an assistant's base as it lies here, wherever the assistant's replies come from: runs are prepared, and trained, with it.</summary>
    public EngineLease AcquireBase(Assistant assistant)
    {
        string alias = AssistantNames.Versioned(assistant.Id, 0);
        BaseModel here = assistant.Base;
        if (!IsElsewhere(new(alias, here.Path, AdapterPath: null, Version: 0, assistant.Id)))
            return Acquire(Caller.Local, alias);
        lock (_gate)
        {
            if (_other?.Specification is not { Version: null } other || other.ModelPath != here.Path)
            {
                RetireOther();
                _other = Start(new(here.Name, here.Path, AdapterPath: null, Version: null));
            }
            return _other!.TryAcquire()!; // under the lock nobody retires it
        }
    }

    /// <summary>Moves an assistant's pointer to another engine: requests go there from now on. Returns the one before, which still writes.</summary>
    public SupervisedEngine? Put(Assistant assistant, SupervisedEngine next)
    {
        SupervisedEngine? old;
        lock (_gate)
        {
            old = _active.GetValueOrDefault(assistant.Id);
            _active[assistant.Id] = next;
        }
        PublishState("ready", next.Specification);
        return old;
    }

    /// <summary>A version's files are gone: so is what an engine has of it, after its last reply.</summary>
    public void Forget(Assistant assistant, int version)
    {
        _engines.Forget(AssistantNames.Versioned(assistant.Id, version));
        lock (_gate)
        {
            if (_other?.Specification is { } other && (other.Assistant, other.Version) == (assistant.Id, version))
                RetireOther();
        }
    }

    /// <summary>Ends all engines of an assistant, each after its last reply: their ends.</summary>
    public Task[] EndAll(string assistant)
    {
        lock (_gate)
        {
            if (_active.Remove(assistant, out SupervisedEngine? active))
                active.Retire();
            if (_other?.Specification.Assistant == assistant)
                RetireOther();
        }
        return _engines.EndsOf(assistant);
    }

    /// <summary>Changes the compute threads of the engines in service: training shares the cores with them.</summary>
    public async Task SetThreadsAsync(int threads, CancellationToken cancellation)
    {
        SupervisedEngine[] running;
        lock (_gate)
            running = [.. _active.Values.Where(engine => !engine.IsElsewhere)];
        foreach (SupervisedEngine engine in running)
        {
            using EngineLease? lease = engine.TryAcquire();
            if (lease is null)
                continue;
            IRunningEngine process = await lease.ProcessAsync(cancellation);
            using HttpResponseMessage response =
                await process.Client.PostAsJsonAsync("internal/threads", new JsonObject { ["threads"] = threads }, cancellation);
            response.EnsureSuccessStatusCode();
        }
    }

    /// <summary>
    /// Starts the engine of a local model, in place of the one that ran beside the assistants', even where that is its own, when it is to be loaded in another
    /// way by now. What failed before is tried again.
    /// </summary>
    /// <exception cref="EngineException">It does not start.</exception>
    public async Task LoadAsync(LocalModel model, CancellationToken cancellation)
    {
        SupervisedEngine engine;
        lock (_gate)
        {
            _problems.Forget(model);
            if (_other?.Specification is { Version: null } running && running.ModelPath == model.Path && running != _directory.Specification(model))
                RetireOther();
            engine = EngineFor(Caller.Local, model.Name);
        }
        await engine.StartedAsync(cancellation);
    }

    /// <summary>Ends a local model's engine when it has written its last reply. Whether there was one.</summary>
    public bool Unload(string model)
    {
        lock (_gate)
        {
            if (_other?.Specification.Alias != model)
                return false;
            RetireOther();
            return true;
        }
    }

    /// <summary>Whether an engine has the file open.</summary>
    public bool IsRunning(string modelPath) => _engines.IsRunning(modelPath);

    public string StateOf(LocalModel model)
    {
        lock (_gate)
            return _active.Values.Append(_other).FirstOrDefault(e => e is { IsElsewhere: false } && e.Specification.ModelPath == model.Path) is not { } engine
                ? ModelState.Unloaded
                : engine.IsReady ? ModelState.Loaded : ModelState.Loading;
    }

    /// <summary>
    /// Why a model did not start when it was last tried; null when it was not, or its file is another one since. It is not tried again before somebody says so
    /// (<see cref="LoadAsync"/>).
    /// </summary>
    public string? ProblemOf(LocalModel model) => _problems.Of(model);

    /// <summary>The engines that are loaded, as far as the caller sees them: the first assistant's stays; others end when they were idle too long.</summary>
    public IReadOnlyList<LoadedEngine> Loaded(Caller caller)
    {
        lock (_gate)
        {
            return
            [
                .. _active.OrderByDescending(a => a.Key == AssistantNames.Default)
                    .Select(a => new LoadedEngine(a.Key, a.Value.Specification, a.Key == AssistantNames.Default ? null : EndOf(a.Value), a.Value.Running))
                    .Concat(_other is null ? [] : [new(_other.Specification.Alias, _other.Specification, EndOf(_other), _other.Running)])
                    .Where(loaded => caller.MayAsk(loaded.Engine.Assistant)),
            ];
        }

        DateTimeOffset EndOf(SupervisedEngine engine) => engine.LastUsed + TimeSpan.FromMinutes(_settings.IdleMinutes);
    }

    /// <summary>The engine in service for an assistant; null: none runs.</summary>
    public SupervisedEngine? ActiveOf(string assistant)
    {
        lock (_gate)
            return _active.GetValueOrDefault(assistant);
    }

    /// <summary>Starts an engine beside those that run, and waits until it answers.</summary>
    /// <exception cref="EngineException">It does not start.</exception>
    public async Task<SupervisedEngine> StartReadyAsync(EngineSpecification specification, CancellationToken cancellation)
    {
        SupervisedEngine engine;
        lock (_gate)
            engine = Start(specification);
        try
        {
            await engine.StartedAsync(cancellation);
            return engine;
        }
        catch
        {
            await engine.StopAsync();
            throw;
        }
    }

    private SupervisedEngine EngineFor(Caller caller, string? asked)
    {
        string model = ModelName.WithoutTag(asked) ?? caller.FirstAssistant;
        if (caller.MayAsk(model) && _assistants.Find(model) is { } assistant)
            return Served(assistant);
        IEnumerable<SupervisedEngine> running = _other is null ? _active.Values : _active.Values.Append(_other);
        if (running.FirstOrDefault(e => e.Specification.Alias == model && caller.MayAsk(e.Specification.Assistant)) is { } engine)
            return engine;
        if (_directory.IsMiniLm(caller, model))
            throw OpenAiException.InvalidRequest(
                $"'{model}' turns texts into vectors and does not write. Ask it at /v1/embeddings, or name a model of type 'llm'.",
                "model", OpenAiException.ModelNotSupported);
        EngineSpecification specification = _directory.Find(caller, model)
            ?? throw OpenAiException.ModelNotFound(model, _directory.Models(caller).Select(m => m.Id));
        if (specification == _other?.Specification)
            return _other; // by another of its names
        if (specification.Version is null && _catalog.Find(model) is { } local && ProblemOf(local) is { } problem)
            throw OpenAiException.ModelUnusable(local.Name, problem);
        RetireOther();
        return _other = Start(specification);
    }

    /// <summary>Of the engine beside the assistants': it finishes what it writes.</summary>
    private void RetireOther()
    {
        if (_other is null)
            return;
        _other.Retire();
        PublishModelState(ModelState.Unloaded, _other.Specification);
        _other = null;
    }

    /// <summary>The engine that answers for an assistant; started when it does not run.</summary>
    /// <exception cref="OpenAiException">409: its base is not there.</exception>
    private SupervisedEngine Served(Assistant assistant)
    {
        _ = assistant.Base; // or why there is none
        if (!_active.TryGetValue(assistant.Id, out SupervisedEngine? engine))
            _active[assistant.Id] = engine = Start(assistant.Versions.Specification(assistant.Versions.Active()));
        return engine;
    }

    private SupervisedEngine Start(EngineSpecification specification) =>
        _engines.Start(specification, PublishState, (share, of) => PublishModelState(ModelState.Loading, of, share));

    /// <summary>Publishes the state of an assistant's engine, and of models beside them.</summary>
    private void PublishState(string state, EngineSpecification of)
    {
        PublishModelState(state switch { "starting" => ModelState.Loading, "ready" => ModelState.Loaded, _ => ModelState.Failed }, of);
        if (of.Assistant is not { } assistant || ActiveOf(assistant) is not { } active || active.Specification != of)
            return;
        _events.Publish("engine.state", new EngineStateChange(state, of.Alias, assistant), ServingJson.Wire.EngineStateChange, assistant);
        if (active.IsHopeless)
            Broken?.Invoke(active, assistant);
    }

    /// <param name="state">One of <see cref="ModelState"/>.</param>
    /// <param name="of">The engine beside the assistant's, for a model or a version; of others nothing is published.</param>
    /// <param name="progress">How much of the weights is there.</param>
    private void PublishModelState(string state, EngineSpecification of, double? progress = null)
    {
        if (of.Version is not null && !IsOther(of))
            return;
        string? problem = null;
        if (state != ModelState.Unloaded)
            lock (_gate)
                problem = GiveUp(of);
        if (problem is not null)
            state = ModelState.Failed;
        _events.Publish("model.state", new ModelStateChange(of.Alias, state, problem, progress), ModelStateJson.Wire.ModelStateChange);
    }

    private bool IsOther(EngineSpecification of)
    {
        lock (_gate)
            return _other?.Specification == of;
    }

    /// <summary>A local model that does not start, or breaks down again and again, is not tried for ever: it is remembered why.</summary>
    private string? GiveUp(EngineSpecification of)
    {
        if (of.Version is not null || _other is not { IsHopeless: true } other || other.Specification != of)
            return null;
        string problem = other.Problem ?? "It does not start.";
        if (_catalog.Find(of.Alias) is { } local)
            _problems.Remember(local, problem);
        other.Retire();
        _other = null;
        return problem;
    }

    private void EndIdle()
    {
        lock (_gate)
        {
            if (_other is not null && IsOver(_other))
                RetireOther();
            foreach ((string assistant, SupervisedEngine engine) in _active.ToArray())
                if (assistant != AssistantNames.Default && IsOver(engine) && _active.Remove(assistant))
                    engine.Retire();
        }

        bool IsOver(SupervisedEngine engine) => engine.IsIdle && _time.GetUtcNow() - engine.LastUsed >= TimeSpan.FromMinutes(_settings.IdleMinutes);
    }
}
