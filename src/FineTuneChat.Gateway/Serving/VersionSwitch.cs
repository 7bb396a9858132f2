using System.Collections.Concurrent;
using FineTuneChat.Gateway.Access;
using FineTuneChat.Gateway.Events;
using FineTuneChat.Gateway.Learning.Versions;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Serving;

/// <summary>
/// Which version of an assistant is in service: one at a time is put there or deleted, so that none is deleted while it is being put in service. One that
/// breaks down makes way for the version before it.
/// </summary>
/// <param name="engines">Where they run.</param>
/// <param name="assistants">Whose they are.</param>
/// <param name="events">Told what happens.</param>
/// <param name="logger">Likewise.</param>
internal sealed partial class VersionSwitch(EngineRouter engines, AssistantRegistry assistants, EventHub events, ILogger<VersionSwitch> logger)
    : IHostedService, IDisposable
{
    private readonly SemaphoreSlim _swapping = new(1);
    private readonly ConcurrentDictionary<string, SupervisedEngine> _rollingBack = new(StringComparer.Ordinal); // by assistant

    public Task StartAsync(CancellationToken cancellationToken)
    {
        engines.Broken += RollBack;
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        engines.Broken -= RollBack;
        return Task.CompletedTask;
    }

    public void Dispose() => _swapping.Dispose();

    /// <summary>Puts a version into service: no request fails, none mixes versions.</summary>
    /// <exception cref="EngineException">The version's engine does not start; the one in service stays.</exception>
    public async Task SwitchAsync(ModelVersion version, CancellationToken cancellation)
    {
        using Turn _ = await TurnAsync(cancellation);
        // 1. Start the new engine beside the old one: its file is the one that was measured, and it passes its first checks.
        SupervisedEngine next = await StartCheckedAsync(version, cancellation);
        // 2. Remember the choice, then move the pointer: from here on requests go to the new one.
        Assistant assistant = Of(version);
        await assistant.Versions.ActivateAsync(version.Number);
        SupervisedEngine? old = engines.Put(assistant, next);
        // 3. The old engine ends when it has written its last reply.
        old?.Retire();
        LogSwitched(logger, next.Specification.Alias, old?.Specification.Alias);
        events.Publish("version.activated", assistant.Versions.Active(), VersionsJson.Wire.ModelVersion, assistant.Id);
    }

    /// <summary>Whether this machine would answer with a version, where a server elsewhere does now: a small model in place of a large one, perhaps.</summary>
    public bool MovesHere(ModelVersion version)
    {
        VersionStore versions = Of(version).Versions;
        return engines.IsElsewhere(versions.Specification(versions.Active())) && !engines.IsElsewhere(versions.Specification(version));
    }

    /// <summary>Whether a server elsewhere answers with an assistant's versions: they are adapters then.</summary>
    public bool AreElsewhere(Assistant assistant) =>
        engines.IsElsewhere(new(assistant.Id, assistant.Base.Path, AdapterPath: null, Version: 1, assistant.Id));

    /// <summary>A version in service makes way for the one before it, and keeps the reason. False: another serves by now, or there is none before it.</summary>
    /// <exception cref="EngineException">That one's engine does not start; the one in service stays.</exception>
    public async Task<bool> GiveWayAsync(Assistant assistant, int number, string reason)
    {
        if (assistant.Versions.Active().Number != number || assistant.Versions.RollbackTarget() is not { } target)
            return false;
        await SwitchAsync(target, CancellationToken.None);
        await assistant.Versions.ReportAsync(number, reason);
        LogRolledBack(logger, $"{assistant.Id}@{number}", target.Number, reason);
        return true;
    }

    /// <summary>Deletes a version's files, never during a swap, which may be putting it in service. Its model id is unknown from then on.</summary>
    /// <exception cref="OpenAiException">404 for a number that never was, 409 for a version that must stay.</exception>
    public async Task RemoveAsync(Assistant assistant, int number)
    {
        using Turn _ = await TurnAsync();
        ModelVersion version = assistant.Versions.Find(number) ?? throw OpenAiException.NotFound("version", $"{number}");
        if (VersionKept.Describe(version) is { } reason)
            throw OpenAiException.Conflict(reason, "version_in_use");
        await RemoveAsync(assistant, version, erasure: null);
    }

    /// <summary>The same for a version that has learned what was erased: it goes even where it is the way back. False: it is in service.</summary>
    public async Task<bool> RetireAsync(Assistant assistant, int number, string erasure, CancellationToken cancellation)
    {
        using Turn _ = await TurnAsync(cancellation);
        if (assistant.Versions.Find(number) is not { Active: false } version)
            return false;
        await RemoveAsync(assistant, version, erasure);
        return true;
    }

    /// <summary>An assistant has another base: version 0 is that one, and serves from the next request on.</summary>
    public async Task RebaseAsync(Assistant assistant)
    {
        using Turn _ = await TurnAsync();
        if (assistant.Problem is null)
            await assistant.Versions.OpenAsync();
        engines.EndAll(assistant.Id);
    }

    /// <summary>Ends all engines of an assistant that is being deleted, each after its last reply.</summary>
    public async Task RetireAsync(string assistant)
    {
        using Turn _ = await TurnAsync();
        await Task.WhenAll(engines.EndAll(assistant));
    }

    private async Task RemoveAsync(Assistant assistant, ModelVersion version, string? erasure)
    {
        await assistant.Versions.RemoveAsync(version, erasure);
        engines.Forget(assistant, version.Number);
    }

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
            return await engines.StartReadyAsync(versions.Specification(version), cancellation);
        }
        catch (EngineException e) when (!e.IsOutage)
        {
            await versions.ReportAsync(version.Number, e.Message);
            throw;
        }
    }

    private void RollBack(SupervisedEngine broken, string assistant)
    {
        if (_rollingBack.TryAdd(assistant, broken))
            _ = Task.Run(() => RollBackAsync(broken, assistant));
    }

    /// <summary>The version in service does not start any more, or fails its first checks: the one before it takes its place.</summary>
    private async Task RollBackAsync(SupervisedEngine broken, string assistant)
    {
        try
        {
            if (assistants.Find(assistant) is { } found && broken.Specification.Version is { } version && broken == engines.ActiveOf(assistant))
                await GiveWayAsync(found, version, broken.Problem ?? "It does not start.");
        }
        catch (Exception e) // that one does not start either, for lack of memory perhaps: the active one is tried again, then this
        {
            LogNotRolledBack(logger, e);
        }
        finally
        {
            _rollingBack.TryRemove(assistant, out _);
        }
    }

    private async Task<Turn> TurnAsync(CancellationToken cancellation = default)
    {
        await _swapping.WaitAsync(cancellation);
        return new Turn(_swapping);
    }

    private Assistant Of(ModelVersion version) => assistants.Require(Caller.Local, version.Assistant);

    [LoggerMessage(3011, LogLevel.Error, "{Version} was taken out of service, version {Target} is back: {Problem}")]
    private static partial void LogRolledBack(ILogger logger, string version, int target, string problem);

    [LoggerMessage(3012, LogLevel.Error, "The version before could not be put back in service")]
    private static partial void LogNotRolledBack(ILogger logger, Exception e);

    [LoggerMessage(3010, LogLevel.Information, "{Version} is in service; {Old} finishes what it writes")]
    private static partial void LogSwitched(ILogger logger, string version, string? old);

    /// <summary>One after the other.</summary>
    private readonly struct Turn(SemaphoreSlim turns) : IDisposable
    {
        public void Dispose() => turns.Release();
    }
}
