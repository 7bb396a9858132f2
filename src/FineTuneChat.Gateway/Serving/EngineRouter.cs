using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using FineTuneChat.Gateway.Access;
using FineTuneChat.Gateway.Events;
using FineTuneChat.Gateway.Learning.Versions;
using FineTuneChat.Gateway.Models;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.Configuration;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Serving;

/// <summary>
/// Which engine answers for which model id. An assistant's is swapped by starting the new one beside the old, moving the pointer, and letting the old
/// finish. That of the first one always runs; those of the others are started when asked for, until they are idle too long; so are engines for other
/// versions and models, one at a time.
/// </summary>
internal sealed partial class EngineRouter : IHostedService, IAsyncDisposable
{
    private readonly AssistantRegistry _assistants;
    private readonly ModelCatalog _catalog;
    private readonly LoadOptionStore _options;
    private readonly EngineSettings _settings;
    private readonly EventHub _events;
    private readonly TimeProvider _time;
    private readonly ILogger<EngineRouter> _logger;
    private readonly SocketFolder _sockets = new();
    private readonly EnginePool _pool;
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _swapping = new(1);
    private readonly List<SupervisedEngine> _all = []; // retired ones included, until they have ended
    private readonly ITimer _idleCheck;
    private readonly ConcurrentDictionary<LocalModel, (DateTimeOffset Modified, string Problem)> _problems = new();
    private readonly Dictionary<string, SupervisedEngine> _active = new(StringComparer.Ordinal); // by assistant
    private readonly HashSet<string> _rollingBack = new(StringComparer.Ordinal);
    private SupervisedEngine? _other;

    public EngineRouter(
        AssistantRegistry assistants, ModelCatalog catalog, LoadOptionStore options, EngineSettings settings, EventHub events, TimeProvider time,
        ILogger<EngineRouter> logger)
    {
        (_assistants, _catalog, _options, _settings, _events, _time, _logger) = (assistants, catalog, options, settings, events, time, logger);
        _pool = new EnginePool(settings, _sockets.Path, logger);
        _idleCheck = time.CreateTimer(_ => EndIdle(), null, TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1));
    }

    /// <summary>Whether the first assistant can answer at once.</summary>
    public bool IsReady => IsReadyFor(_assistants.First);

    /// <summary>The first assistant's model id now: <c>assistant@3</c>.</summary>
    public string ActiveAlias => ActiveOf(AssistantNames.Default)?.Specification.Alias ?? AssistantNames.Default;

    /// <summary>Whether an assistant can answer at once.</summary>
    public bool IsReadyFor(Assistant assistant) => ActiveOf(assistant.Id) is { IsReady: true };

    /// <summary>Processes of engines, those of retired ones included.</summary>
    public int ProcessCount => _pool.Count;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (Assistant assistant in _assistants.All.Where(a => a.Problem is null))
            await assistant.Versions.OpenAsync();
        lock (_gate)
            Served(_assistants.First); // answers when it is ready; the gateway serves its page meanwhile
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        SupervisedEngine[] running;
        lock (_gate)
            running = [.. _all];
        return Task.WhenAll(running.Select(engine => engine.StopAsync()));
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync(CancellationToken.None);
        await _idleCheck.DisposeAsync();
        _swapping.Dispose();
        _sockets.Dispose();
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

    /// <summary>Puts a version into service: no request fails, none mixes versions.</summary>
    /// <exception cref="EngineException">The version's engine does not start; the one in service stays.</exception>
    public async Task SwitchAsync(ModelVersion version, CancellationToken cancellation)
    {
        await _swapping.WaitAsync(cancellation);
        try
        {
            // 1. Start the new engine beside the old one: its file is the one that was measured, and it passes its first checks.
            SupervisedEngine next = await StartCheckedAsync(version, cancellation);
            // 2. Remember the choice, then move the pointer: from here on requests go to the new one.
            Assistant assistant = Of(version);
            await assistant.Versions.ActivateAsync(version.Number);
            SupervisedEngine? old;
            lock (_gate)
            {
                old = _active.GetValueOrDefault(assistant.Id);
                _active[assistant.Id] = next;
            }
            // 3. The old engine ends when it has written its last reply.
            old?.Retire();
            LogSwitched(_logger, next.Specification.Alias, old?.Specification.Alias);
            PublishState("ready", next.Specification);
            _events.Publish("version.activated", assistant.Versions.Active(), VersionsJson.Wire.ModelVersion, assistant.Id);
        }
        finally
        {
            _swapping.Release();
        }
    }

    /// <summary>Deletes a version's files, never during a swap, which may be putting it in service. Its model id is unknown from then on.</summary>
    /// <exception cref="OpenAiException">404 for a number that never was, 409 for a version that must stay.</exception>
    public async Task RemoveAsync(Assistant assistant, int number)
    {
        await _swapping.WaitAsync();
        try
        {
            ModelVersion version = assistant.Versions.Find(number) ?? throw OpenAiException.NotFound("version", $"{number}");
            if (VersionKept.Describe(version) is { } reason)
                throw OpenAiException.Conflict(reason, "version_in_use");
            await RemoveAsync(assistant, version, erasure: null);
        }
        finally
        {
            _swapping.Release();
        }
    }

    /// <summary>The same for a version that has learned what was erased: it goes even where it is the way back. False: it is in service.</summary>
    public async Task<bool> RetireAsync(Assistant assistant, int number, string erasure, CancellationToken cancellation)
    {
        await _swapping.WaitAsync(cancellation);
        try
        {
            if (assistant.Versions.Find(number) is not { Active: false } version)
                return false;
            await RemoveAsync(assistant, version, erasure);
            return true;
        }
        finally
        {
            _swapping.Release();
        }
    }

    private async Task RemoveAsync(Assistant assistant, ModelVersion version, string? erasure)
    {
        await assistant.Versions.RemoveAsync(version, erasure);
        _ = _pool.ForgetAsync(AssistantNames.Versioned(assistant.Id, version.Number)); // after its last reply
        lock (_gate)
        {
            if (_other?.Specification is { } other && (other.Assistant, other.Version) == (assistant.Id, version.Number))
                RetireOther(); // it finishes what it writes
        }
    }

    /// <summary>An assistant has another base: version 0 is that one, and serves from the next request on.</summary>
    public async Task RebaseAsync(Assistant assistant)
    {
        await _swapping.WaitAsync();
        try
        {
            if (assistant.Problem is null)
                await assistant.Versions.OpenAsync();
            EndAll(assistant.Id);
        }
        finally
        {
            _swapping.Release();
        }
    }

    /// <summary>Ends all engines of an assistant that is being deleted, each after its last reply.</summary>
    public async Task RetireAsync(string assistant)
    {
        await _swapping.WaitAsync();
        try
        {
            await Task.WhenAll(EndAll(assistant));
        }
        finally
        {
            _swapping.Release();
        }
    }

    private Task[] EndAll(string assistant)
    {
        lock (_gate)
        {
            if (_active.Remove(assistant, out SupervisedEngine? active))
                active.Retire();
            if (_other?.Specification.Assistant == assistant)
                RetireOther();
            return [.. _all.Where(engine => engine.Specification.Assistant == assistant).Select(engine => engine.Ended)];
        }
    }

    /// <summary>Changes the compute threads of the engines in service: training shares the cores with them.</summary>
    public async Task SetThreadsAsync(int threads, CancellationToken cancellation)
    {
        SupervisedEngine[] running;
        lock (_gate)
            running = [.. _active.Values];
        foreach (SupervisedEngine engine in running)
        {
            using EngineLease? lease = engine.TryAcquire();
            if (lease is null)
                continue;
            EngineProcess process = await lease.ProcessAsync(cancellation);
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
            _problems.TryRemove(model, out _);
            if (_other?.Specification is { Version: null } running && running.ModelPath == model.Path && running != Specification(model))
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
    public bool IsRunning(string modelPath)
    {
        lock (_gate)
            return _all.Any(engine => engine.Specification.ModelPath == modelPath);
    }

    public string StateOf(LocalModel model)
    {
        lock (_gate)
            return _active.Values.Append(_other).FirstOrDefault(e => e?.Specification.ModelPath == model.Path) is not { } engine
                ? ModelState.Unloaded
                : engine.IsReady ? ModelState.Loaded : ModelState.Loading;
    }

    /// <summary>
    /// Why a model did not start when it was last tried; null when it was not, or its file is another one since. It is not tried again before somebody says so
    /// (<see cref="LoadAsync"/>).
    /// </summary>
    public string? ProblemOf(LocalModel model) =>
        _problems.TryGetValue(model, out var known) && known.Modified == model.ModifiedAt ? known.Problem : null;

    /// <summary>Every model id that the caller can ask for.</summary>
    public IReadOnlyList<ModelObject> Models(Caller caller) => [.. Servable(caller).Select(m => m.Card)];

    /// <summary>The same, each with what would serve it: assistants, their versions, and every other GGUF by its name.</summary>
    public IReadOnlyList<ServableModel> Servable(Caller caller)
    {
        return
        [
            .. _assistants.SeenBy(caller).Where(a => a.Problem is null).SelectMany(Servable),
            .. (caller.IsLimited ? [] : _catalog.List()).Select(m => (Model: m, Facts: ModelFacts.Of(m.Path))).Select(m => new ServableModel(
                new()
                {
                    Id = m.Model.Name,
                    Created = m.Model.ModifiedAt.ToUnixTimeSeconds(),
                    Type = m.Facts?.Type ?? "llm",
                    ContextLength = Served(m.Facts?.ContextLength ?? 0, _options.Of(m.Model.Name)),
                },
                Specification(m.Model))),
        ];

        IEnumerable<ServableModel> Servable(Assistant assistant)
        {
            VersionStore versions = assistant.Versions;
            ModelVersion[] servable = [.. versions.List().Where(versions.IsServable)];
            int? context = Served(assistant.Base.ContextLength);
            if (Array.Find(servable, v => v.Active) is { } active)
                yield return new(new() { Id = assistant.Id, Created = active.CreatedAt, ContextLength = context }, versions.Specification(active));
            foreach (ModelVersion version in servable)
                yield return new(
                    new()
                    {
                        Id = AssistantNames.Versioned(assistant.Id, version.Number),
                        Created = version.CreatedAt,
                        ContextLength = context,
                        Status = version.Status == VersionStatus.Refused ? version.Status : null,
                    },
                    versions.Specification(version));
        }
    }

    /// <summary>The context that requests have: the model's, unless a setting says otherwise.</summary>
    private int? Served(int trained, LoadOptions? options = null) =>
        (options?.Over(_settings) ?? _settings).ContextOf(trained) is > 0 and int context ? context : null;

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

    private SupervisedEngine EngineFor(Caller caller, string? asked)
    {
        string model = ModelName.WithoutTag(asked) ?? caller.FirstAssistant;
        if (caller.MayAsk(model) && _assistants.Find(model) is { } assistant)
            return Served(assistant);
        IEnumerable<SupervisedEngine> running = _other is null ? _active.Values : _active.Values.Append(_other);
        if (running.FirstOrDefault(e => e.Specification.Alias == model && caller.MayAsk(e.Specification.Assistant)) is { } engine)
            return engine;
        EngineSpecification specification = Find(caller, model) ?? throw OpenAiException.ModelNotFound(model, Models(caller).Select(m => m.Id));
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

    private SupervisedEngine? ActiveOf(string assistant)
    {
        lock (_gate)
            return _active.GetValueOrDefault(assistant);
    }

    private Assistant Of(ModelVersion version) => _assistants.Require(Caller.Local, version.Assistant);

    private EngineSpecification? Find(Caller caller, string model)
    {
        if (AssistantNames.Split(model) is var (id, number) && caller.MayAsk(id) && _assistants.Find(id) is { Problem: null, Versions: { } versions }
            && versions.Find(number) is { } version && versions.IsServable(version))
            return versions.Specification(version);
        return !caller.IsLimited && _catalog.Find(model) is { } local ? Specification(local) : null;
    }

    private EngineSpecification Specification(LocalModel local) =>
        new(local.Name, local.Path, AdapterPath: null, Version: null, Options: _options.Of(local.Name));

    /// <summary>An engine that answers; when there is none, the version remembers why.</summary>
    private async Task<SupervisedEngine> StartCheckedAsync(ModelVersion version, CancellationToken cancellation)
    {
        VersionStore versions = Of(version).Versions;
        try
        {
            if (!versions.IsServable(version))
                throw new EngineException($"{version.File} is missing."); // deleted while it waited for its turn
            if (await versions.DamageAsync(version, isCached: false) is { } damage)
                throw new EngineException(damage);
            return await StartReadyAsync(versions.Specification(version), cancellation);
        }
        catch (EngineException e)
        {
            await versions.ReportAsync(version.Number, e.Message);
            throw;
        }
    }

    private async Task<SupervisedEngine> StartReadyAsync(EngineSpecification specification, CancellationToken cancellation)
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

    private SupervisedEngine Start(EngineSpecification specification)
    {
        var engine = new SupervisedEngine(
            specification, _pool, _time, _logger, PublishState, (share, of) => PublishModelState(ModelState.Loading, of, share));
        _all.Add(engine);
        _ = ForgetWhenEndedAsync(engine);
        return engine;
    }

    /// <summary>Publishes the state of an assistant's engine, and of models beside them.</summary>
    private void PublishState(string state, EngineSpecification of)
    {
        PublishModelState(state switch { "starting" => ModelState.Loading, "ready" => ModelState.Loaded, _ => ModelState.Failed }, of);
        if (of.Assistant is not { } assistant || ActiveOf(assistant) is not { } active || active.Specification != of)
            return;
        _events.Publish("engine.state", new EngineStateChange(state, of.Alias, assistant), ServingJson.Wire.EngineStateChange, assistant);
        lock (_gate)
        {
            if (active.IsHopeless && _rollingBack.Add(assistant))
                _ = RollBackAsync(active, assistant);
        }
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
            _problems[local] = (local.ModifiedAt, problem);
        other.Retire();
        _other = null;
        return problem;
    }

    /// <summary>The version in service does not start any more, or fails its first checks: the one before it takes its place.</summary>
    private async Task RollBackAsync(SupervisedEngine broken, string assistant)
    {
        await Task.Yield(); // out of the lock
        try
        {
            if (_assistants.Find(assistant)?.Versions is not { } versions || versions.RollbackTarget() is not { } target
                || broken.Specification.Version is not { } version || broken != ActiveOf(assistant))
                return;
            string problem = broken.Problem ?? "It does not start.";
            await SwitchAsync(target, CancellationToken.None);
            await versions.ReportAsync(version, problem);
            LogRolledBack(_logger, broken.Specification.Alias, target.Number, problem);
        }
        catch (Exception e) // that one does not start either, for lack of memory perhaps: the active one is tried again, then this
        {
            LogNotRolledBack(_logger, e);
        }
        finally
        {
            lock (_gate)
                _rollingBack.Remove(assistant);
        }
    }

    private async Task ForgetWhenEndedAsync(SupervisedEngine engine)
    {
        await engine.Ended;
        lock (_gate)
            _all.Remove(engine);
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

    [LoggerMessage(3011, LogLevel.Error, "{Version} was taken out of service, version {Target} is back: {Problem}")]
    private static partial void LogRolledBack(ILogger logger, string version, int target, string problem);

    [LoggerMessage(3012, LogLevel.Error, "The version before could not be put back in service")]
    private static partial void LogNotRolledBack(ILogger logger, Exception e);

    [LoggerMessage(3010, LogLevel.Information, "{Version} is in service; {Old} finishes what it writes")]
    private static partial void LogSwitched(ILogger logger, string version, string? old);
}
