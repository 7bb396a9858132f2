using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using FineTuneChat.Gateway.Assistants;
using FineTuneChat.Gateway.Events;
using FineTuneChat.Gateway.Learning.Versions;
using FineTuneChat.Gateway.Models;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.Configuration;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Serving;

/// <summary>
/// Which engine answers for which model id. The assistant's is swapped by starting the new one beside the old, moving the pointer,
/// and letting the old finish. Engines for other versions and models are started when asked for; one at a time, until it is idle too long.
/// </summary>
internal sealed partial class EngineRouter : IHostedService, IAsyncDisposable
{
    private readonly VersionStore _versions;
    private readonly ModelCatalog _catalog;
    private readonly LoadOptionStore _options;
    private readonly BaseModel _base;
    private readonly EngineSettings _settings;
    private readonly EventHub _events;
    private readonly TimeProvider _time;
    private readonly ILogger<EngineRouter> _logger;
    private readonly SocketFolder _sockets = new();
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _swapping = new(1);
    private readonly List<SupervisedEngine> _all = []; // retired ones included, until they have ended
    private readonly ITimer _idleCheck;
    private readonly ConcurrentDictionary<LocalModel, (DateTimeOffset Modified, string Problem)> _problems = new();
    private SupervisedEngine? _active, _other;
    private int _isRollingBack;

    public EngineRouter(
        VersionStore versions, ModelCatalog catalog, LoadOptionStore options, BaseModel baseModel, EngineSettings settings, EventHub events,
        TimeProvider time, ILogger<EngineRouter> logger)
    {
        (_versions, _catalog, _options, _base, _settings, _events, _time, _logger) = (versions, catalog, options, baseModel, settings, events, time, logger);
        _idleCheck = time.CreateTimer(_ => EndIdle(), null, TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1));
    }

    /// <summary>Whether the assistant can answer at once.</summary>
    public bool IsReady => _active is { IsReady: true };

    /// <summary>The assistant's model id now: <c>assistant@3</c>.</summary>
    public string ActiveAlias => _active?.Specification.Alias ?? AssistantNames.Default;

    /// <summary>Engines whose process is not gone yet, retired ones included.</summary>
    public int ProcessCount { get { lock (_gate) return _all.Count; } }

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        ModelVersion version = await _versions.OpenAsync();
        lock (_gate)
            _active = Start(_versions.Specification(version)); // answers when it is ready; the gateway serves its page meanwhile
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
    /// <exception cref="OpenAiException">404 for an id that is not there.</exception>
    public EngineLease Acquire(string? model)
    {
        while (true)
        {
            EngineLease? lease;
            lock (_gate)
                lease = EngineFor(model).TryAcquire();
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
            await _versions.ActivateAsync(version.Number);
            SupervisedEngine? old;
            lock (_gate)
                (old, _active) = (_active, next);
            // 3. The old engine ends when it has written its last reply.
            old?.Retire();
            LogSwitched(_logger, version.Number, old?.Specification.Alias);
            PublishState("ready", next.Specification);
            _events.Publish("version.activated", _versions.Active(), VersionsJson.Wire.ModelVersion);
        }
        finally
        {
            _swapping.Release();
        }
    }

    /// <summary>Deletes a version's files, never during a swap, which may be putting it in service. Its model id is unknown from then on.</summary>
    /// <exception cref="OpenAiException">404 for a number that never was, 409 for a version that must stay.</exception>
    public async Task RemoveAsync(int number)
    {
        await _swapping.WaitAsync();
        try
        {
            ModelVersion version = _versions.Find(number) ?? throw OpenAiException.NotFound("version", $"{number}");
            if (VersionKept.Describe(version) is { } reason)
                throw OpenAiException.Conflict(reason, "version_in_use");
            await RemoveAsync(version, erasure: null);
        }
        finally
        {
            _swapping.Release();
        }
    }

    /// <summary>The same for a version that has learned what was erased: it goes even where it is the way back. False: it is in service.</summary>
    public async Task<bool> RetireAsync(int number, string erasure, CancellationToken cancellation)
    {
        await _swapping.WaitAsync(cancellation);
        try
        {
            if (_versions.Find(number) is not { Active: false } version)
                return false;
            await RemoveAsync(version, erasure);
            return true;
        }
        finally
        {
            _swapping.Release();
        }
    }

    private async Task RemoveAsync(ModelVersion version, string? erasure)
    {
        await _versions.RemoveAsync(version, erasure);
        lock (_gate)
        {
            if (_other?.Specification.Version == version.Number)
                RetireOther();
        }
    }

    /// <summary>Changes the compute threads of the engine in service: training shares the cores with it.</summary>
    public async Task SetThreadsAsync(int threads, CancellationToken cancellation)
    {
        using EngineLease lease = Acquire(AssistantNames.Default);
        EngineProcess process = await lease.ProcessAsync(cancellation);
        using HttpResponseMessage response = await process.Client.PostAsJsonAsync("internal/threads", new JsonObject { ["threads"] = threads }, cancellation);
        response.EnsureSuccessStatusCode();
    }

    /// <summary>
    /// Starts the engine of a local model, in place of the one that ran beside the assistant's, even where that is its own, when it is to be loaded in another
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
            engine = EngineFor(model.Name);
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
            return ((SupervisedEngine?[])[_active, _other]).FirstOrDefault(e => e?.Specification.ModelPath == model.Path) is not { } engine
                ? ModelState.Unloaded
                : engine.IsReady ? ModelState.Loaded : ModelState.Loading;
    }

    /// <summary>
    /// Why a model did not start when it was last tried; null when it was not, or its file is another one since. It is not tried again before somebody says so
    /// (<see cref="LoadAsync"/>).
    /// </summary>
    public string? ProblemOf(LocalModel model) =>
        _problems.TryGetValue(model, out var known) && known.Modified == model.ModifiedAt ? known.Problem : null;

    /// <summary>Every model id that can be asked for.</summary>
    public IReadOnlyList<ModelObject> Models() => [.. Servable().Select(m => m.Card)];

    /// <summary>The same, each with what would serve it.</summary>
    public IReadOnlyList<ServableModel> Servable()
    {
        IReadOnlyList<ModelVersion> versions = [.. _versions.List().Where(_versions.IsServable)];
        ModelVersion active = versions.First(v => v.Active);
        return
        [
            new(
                new() { Id = AssistantNames.Default, Created = active.CreatedAt, ContextLength = Served(_base.ContextLength) },
                _versions.Specification(active)),
            .. versions.Select(v => new ServableModel(
                new()
                {
                    Id = AssistantNames.Versioned(AssistantNames.Default, v.Number),
                    Created = v.CreatedAt,
                    ContextLength = Served(_base.ContextLength),
                    Status = v.Status == VersionStatus.Refused ? v.Status : null,
                },
                _versions.Specification(v))),
            .. _catalog.List().Select(m => (Model: m, Facts: ModelFacts.Of(m.Path))).Select(m => new ServableModel(
                new()
                {
                    Id = m.Model.Name,
                    Created = m.Model.ModifiedAt.ToUnixTimeSeconds(),
                    Type = m.Facts?.Type ?? "llm",
                    ContextLength = Served(m.Facts?.ContextLength ?? 0, _options.Of(m.Model.Name)),
                },
                Specification(m.Model))),
        ];
    }

    /// <summary>The context that requests have: the model's, unless a setting says otherwise.</summary>
    private int? Served(int trained, LoadOptions? options = null) =>
        (options?.Over(_settings) ?? _settings).ContextOf(trained) is > 0 and int context ? context : null;

    /// <summary>The engines that are loaded: the assistant's first, which stays; another ends when it was idle too long.</summary>
    public IReadOnlyList<LoadedEngine> Loaded()
    {
        lock (_gate)
        {
            return
            [
                .. _active is null ? [] : (LoadedEngine[])[new(AssistantNames.Default, _active.Specification, EndsAt: null, _active.Running)],
                .. _other is null ? [] : (LoadedEngine[])
                [
                    new(_other.Specification.Alias, _other.Specification, _other.LastUsed + TimeSpan.FromMinutes(_settings.IdleMinutes), _other.Running),
                ],
            ];
        }
    }

    private SupervisedEngine EngineFor(string? model)
    {
        model = ModelName.WithoutTag(model);
        if (model is null or AssistantNames.Default || model == _active!.Specification.Alias)
            return _active!;
        if (model == _other?.Specification.Alias)
            return _other!;
        EngineSpecification specification = Find(model) ?? throw OpenAiException.ModelNotFound(model, Models().Select(m => m.Id));
        if (specification == _other?.Specification)
            return _other; // by another of its names
        if (specification.Version is null && _catalog.Find(model) is { } local && ProblemOf(local) is { } problem)
            throw OpenAiException.ModelUnusable(local.Name, problem);
        RetireOther();
        return _other = Start(specification);
    }

    /// <summary>Of the engine beside the assistant's: it finishes what it writes.</summary>
    private void RetireOther()
    {
        if (_other is null)
            return;
        _other.Retire();
        PublishModelState(ModelState.Unloaded, _other.Specification);
        _other = null;
    }

    private EngineSpecification? Find(string model)
    {
        if (_versions.List().FirstOrDefault(v => AssistantNames.Versioned(AssistantNames.Default, v.Number) == model && _versions.IsServable(v)) is { } version)
            return _versions.Specification(version);
        return _catalog.Find(model) is { } local ? Specification(local) : null;
    }

    private EngineSpecification Specification(LocalModel local) =>
        new(local.Name, local.Path, AdapterPath: null, Version: null, _options.Of(local.Name));

    /// <summary>An engine that answers; when there is none, the version remembers why.</summary>
    private async Task<SupervisedEngine> StartCheckedAsync(ModelVersion version, CancellationToken cancellation)
    {
        try
        {
            if (!_versions.IsServable(version))
                throw new EngineException($"{version.File} is missing."); // deleted while it waited for its turn
            if (await _versions.DamageAsync(version, isCached: false) is { } damage)
                throw new EngineException(damage);
            return await StartReadyAsync(_versions.Specification(version), cancellation);
        }
        catch (EngineException e)
        {
            await _versions.ReportAsync(version.Number, e.Message);
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
            specification, _settings, _sockets.Path, _time, _logger, PublishState, (share, of) => PublishModelState(ModelState.Loading, of, share));
        _all.Add(engine);
        _ = ForgetWhenEndedAsync(engine);
        return engine;
    }

    /// <summary>Publishes the state of the assistant's engine, and of local models beside it.</summary>
    private void PublishState(string state, EngineSpecification of)
    {
        PublishModelState(state switch { "starting" => ModelState.Loading, "ready" => ModelState.Loaded, _ => ModelState.Failed }, of);
        SupervisedEngine active;
        lock (_gate)
        {
            if (_active?.Specification != of)
                return;
            active = _active;
        }
        _events.Publish("engine.state", new EngineStateChange(state, of.Alias), ServingJson.Wire.EngineStateChange);
        if (active.IsHopeless && Interlocked.Exchange(ref _isRollingBack, 1) == 0)
            _ = RollBackAsync(active);
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
    private async Task RollBackAsync(SupervisedEngine broken)
    {
        try
        {
            if (_versions.RollbackTarget() is not { } target || broken.Specification.Version is not { } version || broken != _active)
                return;
            string problem = broken.Problem ?? "It does not start.";
            await SwitchAsync(target, CancellationToken.None);
            await _versions.ReportAsync(version, problem);
            LogRolledBack(_logger, version, target.Number, problem);
        }
        catch (Exception e) // that one does not start either, for lack of memory perhaps: the active one is tried again, then this
        {
            LogNotRolledBack(_logger, e);
        }
        finally
        {
            Volatile.Write(ref _isRollingBack, 0);
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
            if (_other is not { IsIdle: true } || _time.GetUtcNow() - _other.LastUsed < TimeSpan.FromMinutes(_settings.IdleMinutes))
                return;
            RetireOther();
        }
    }

    [LoggerMessage(3011, LogLevel.Error, "Version {Version} was taken out of service, version {Target} is back: {Problem}")]
    private static partial void LogRolledBack(ILogger logger, int version, int target, string problem);

    [LoggerMessage(3012, LogLevel.Error, "The version before could not be put back in service")]
    private static partial void LogNotRolledBack(ILogger logger, Exception e);

    [LoggerMessage(3010, LogLevel.Information, "Version {Number} is in service; {Old} finishes what it writes")]
    private static partial void LogSwitched(ILogger logger, int number, string? old);
}
