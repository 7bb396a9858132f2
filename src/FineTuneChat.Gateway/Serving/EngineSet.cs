using FineTuneChat.Gateway.Processes;
using FineTuneChat.Protocol.Configuration;

namespace FineTuneChat.Gateway.Serving;

/// <summary>All engines, here and elsewhere: retired ones, too, until they have written their last reply.</summary>
internal sealed class EngineSet : IAsyncDisposable
{
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly SocketFolder _sockets = new();
    private readonly EnginePool _pool;
    private readonly IUpstream? _upstream;
    private readonly Lock _gate = new();
    private readonly List<SupervisedEngine> _engines = [];

    public EngineSet(EngineSettings settings, TimeProvider time, ILogger logger, IUpstream? upstream)
    {
        (_time, _logger, _upstream) = (time, logger, upstream);
        _pool = new EnginePool(settings, _sockets.Path, logger);
    }

    /// <summary>Processes on this machine.</summary>
    public int ProcessCount => _pool.Count;

    /// <summary>Whether a server elsewhere would answer.</summary>
    public bool IsElsewhere(EngineSpecification engine) => _upstream?.Serves(engine) == true;

    /// <summary>Starts one, and tells of its states and of how much of its weights is there.</summary>
    public SupervisedEngine Start(
        EngineSpecification specification, Action<string, EngineSpecification> stateChanged, Action<double, EngineSpecification> progressed)
    {
        var engine = new SupervisedEngine(
            specification, IsElsewhere(specification) ? _upstream! : _pool, _time, _logger, stateChanged, progressed);
        lock (_gate)
            _engines.Add(engine);
        _ = RemoveWhenEndedAsync(engine);
        return engine;
    }

    /// <summary>The ends of an assistant's engines.</summary>
    public Task[] EndsOf(string assistant) => [.. Now().Where(engine => engine.Specification.Assistant == assistant).Select(engine => engine.Ended)];

    /// <summary>Whether an engine has the file open.</summary>
    public bool IsRunning(string modelPath) => Now().Any(engine => !engine.IsElsewhere && engine.Specification.ModelPath == modelPath);

    /// <summary>A version's files are gone: so is what is loaded of it, after its last reply.</summary>
    public void Forget(string alias)
    {
        _ = _pool.ForgetAsync(alias);
        _ = _upstream?.ForgetAsync(alias);
    }

    public Task StopAsync() => Task.WhenAll(Now().Select(engine => engine.StopAsync()));

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _sockets.Dispose();
    }

    private SupervisedEngine[] Now()
    {
        lock (_gate)
            return [.. _engines];
    }

    private async Task RemoveWhenEndedAsync(SupervisedEngine engine)
    {
        await engine.Ended;
        lock (_gate)
            _engines.Remove(engine);
    }
}
