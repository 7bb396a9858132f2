using System.Text.Json;
using FineTuneChat.Gateway.Learning.Versions;
using FineTuneChat.Gateway.Serving;
using FineTuneChat.Gateway.Storage;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.Configuration;

namespace FineTuneChat.Gateway.Upstream;

/// <summary>
/// A server elsewhere as the engine of assistants (section <c>Upstream</c>): the base is a model that it has; a version is an adapter that it is given, under
/// a name of its own. Nothing is started here.
/// </summary>
internal sealed class UpstreamPool : IUpstream, IAsyncDisposable
{
    private const int MostNamed = 10;
    private readonly UpstreamSettings _settings;
    private readonly AssistantRegistry _assistants;
    private readonly DataFolder _data;
    private readonly TimeProvider _time;
    private readonly AdapterShelf _shelf;
    private readonly AdapterRollout _rollout;
    private readonly ReplicaSet _replicas;
    private readonly UpstreamFeatures _features = new();

    public UpstreamPool(
        UpstreamSettings settings, EngineSettings engine, AssistantRegistry assistants, DataFolder data, TimeProvider time, ILogger<UpstreamPool> logger)
    {
        (_settings, _assistants, _data, _time) = (settings, assistants, data, time);
        _shelf = new AdapterShelf(settings, data);
        _rollout = new AdapterRollout(_shelf);
        _replicas = new ReplicaSet(settings, engine, _rollout, logger);
    }

    public IReadOnlyList<Replica> Replicas => _replicas.All;

    /// <inheritdoc/>
    public bool Serves(EngineSpecification engine) => engine.Assistant is { } assistant
        && (_settings.Assistants.Length == 0 || _settings.Assistants.Contains(assistant))
        && (engine.Version == 0 || _settings.TakesAdapters);

    /// <inheritdoc/>
    public async Task<IRunningEngine> JoinAsync(EngineSpecification engine, Action<double> progress, CancellationToken cancellation)
    {
        await _replicas.Seen.WaitAsync(cancellation);
        Task gone = _replicas.Gone;
        if (_replicas.Up.FirstOrDefault() is not { } first)
            throw new EngineException(_replicas.Problem, isOutage: true);
        string model = BaseOf(first);
        if (engine.Version is > 0)
        {
            string name = NameOf(engine.Alias);
            PutOnShelf(name, engine, first.Listed.FirstOrDefault(m => m.Id == model));
            await _rollout.LoadAsync(name, engine.Assistant!, _replicas.Up.ToArray(), _replicas.Lose, cancellation);
            _rollout.Serves(name);
            model = name;
        }
        var handler = new UpstreamHandler(_replicas, _features, _settings, model, engine.Alias, _time);
        return new UpstreamEngine(handler, _replicas, gone, () => _rollout.LeaveAsync(model, _replicas.Up));
    }

    /// <inheritdoc/>
    public Task ForgetAsync(string alias) => _settings.TakesAdapters ? _rollout.ForgetAsync(NameOf(alias), _replicas.Up) : Task.CompletedTask;

    public ValueTask DisposeAsync() => _replicas.DisposeAsync();

    /// <summary>A version's adapter there: <c>assistant@7</c> is <c>assistant-v7</c>.</summary>
    internal static string NameOf(string alias) => AssistantNames.Split(alias) is var (assistant, number) ? $"{assistant}-v{number}" : alias;

    /// <summary>The base's id there.</summary>
    private string BaseOf(Replica replica)
    {
        string[] bases = [.. replica.Listed.Where(m => m.Parent is null).Select(m => m.Id)];
        string wanted = _settings.Model.Length > 0 ? _settings.Model : bases.Length == 1 ? bases[0] : "";
        string named = string.Join(", ", bases.Take(MostNamed)) + (bases.Length > MostNamed ? ", …" : ".");
        string has = bases.Length == 0 ? "It does not say what it has." : $"It has: {named}";
        if (wanted.Length == 0)
            throw new EngineException($"Which model of the upstream is to answer? Name it in Upstream:Model. {has}", isOutage: true);
        return bases.Length == 0 || bases.Contains(wanted)
            ? wanted
            : throw new EngineException($"The upstream has no model '{wanted}' (Upstream:Model). {has}", isOutage: true);
    }

    /// <summary>Makes a version's adapter readable there, in both formats as far as they are here.</summary>
    /// <exception cref="EngineException">It is not there, or of another base.</exception>
    private void PutOnShelf(string name, EngineSpecification engine, ListedModel? served)
    {
        Assistant assistant = _assistants.Find(engine.Assistant)!;
        ModelVersion version = assistant.Versions.Find(engine.Version!.Value)!;
        if (version.BaseSha256 != assistant.Base.Sha256)
            throw new EngineException($"{engine.Alias} was trained on {version.Base}, another base than the assistant has now.");
        if (engine.AdapterPath is null)
            throw new EngineException(
                $"{engine.Alias} was measured as a file of its own, and the upstream takes adapters. Train again: runs leave adapters from now on.");
        string[] peft = version.RunId is { } run
            ? [.. DataFolder.PeftFiles.Select(file => Path.Combine(_data.Run(run), file)).Where(File.Exists)]
            : [];
        string[] trainedOn = [.. peft.Select(HubName).OfType<string>(), version.Base];
        string[] isThere = _settings.Base.Length > 0 ? [_settings.Base] : served is null ? [] : [.. new[] { served.Id, served.Root }.OfType<string>()];
        if (isThere.Length > 0 && BaseFit.Problem(trainedOn, isThere) is { } problem)
            throw new EngineException(problem);
        try
        {
            _shelf.Put(name, [engine.AdapterPath, .. peft]);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new EngineException($"The adapter of {engine.Alias} cannot be put where the upstream reads it (Upstream:AdapterFolder): {e.Message}");
        }
    }

    /// <summary>What PEFT's configuration calls the base; null: it is another file, or does not say.</summary>
    private static string? HubName(string file)
    {
        if (!file.EndsWith(".json", StringComparison.Ordinal))
            return null;
        try
        {
            return JsonElement.Parse(File.ReadAllBytes(file)).GetProperty("base_model_name_or_path").GetString();
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or IOException)
        {
            return null;
        }
    }
}
