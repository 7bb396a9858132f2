using System.Threading.RateLimiting;
using FineTuneChat.Protocol.Configuration;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Upstream;

/// <summary>The replicas of the server elsewhere: each is looked at again and again; one that does not answer is asked nothing until it does.</summary>
internal sealed partial class ReplicaSet : IAsyncDisposable
{
    private const int MaxMissedLooks = 3;
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(2);
    private readonly Replica[] _replicas;
    private readonly AdapterRollout _adapters;
    private readonly UpstreamSettings _settings;
    private readonly ILogger _logger;
    private readonly ConcurrencyLimiter _places;
    private readonly int _mostRequests;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private readonly TaskCompletionSource _seen = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource _gone = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _watching;

    public ReplicaSet(UpstreamSettings settings, EngineSettings engine, AdapterRollout adapters, ILogger logger)
    {
        (_settings, _adapters, _logger) = (settings, adapters, logger);
        _replicas = [.. settings.Addresses().Select(address => new Replica(address, settings))];
        _places = new ConcurrencyLimiter(new() { PermitLimit = settings.Parallel * _replicas.Length, QueueLimit = engine.MaxQueue });
        _mostRequests = (settings.Parallel * _replicas.Length) + engine.MaxQueue;
        _gone.SetResult(); // nobody is up yet
        _watching = Task.Run(async () =>
        {
            await Task.WhenAll(_replicas.Select(replica => LookAsync(replica, missed: 0)));
            _seen.SetResult();
            await Task.WhenAll(_replicas.Select(WatchAsync));
        });
    }

    public IReadOnlyList<Replica> All => _replicas;

    public IEnumerable<Replica> Up => _replicas.Where(r => r.IsUp);

    /// <summary>Completes when every replica was looked at once.</summary>
    public Task Seen => _seen.Task;

    /// <summary>Completes when none answers any more.</summary>
    public Task Gone { get { lock (_gate) return _gone.Task; } }

    /// <summary>Why none answers, without saying where they are.</summary>
    public string Problem => $"No replica of the upstream answers. {string.Join(" ", _replicas.Select(r => r.Problem).OfType<string>().Distinct())}".TrimEnd();

    /// <summary>The replica for the next request; null: there is none that was not tried.</summary>
    public Replica? Choose(string model, string conversation, IReadOnlySet<Replica> tried) => ReplicaChoice.Of(
        [.. _replicas.Where(r => r.IsUp && !tried.Contains(r) && _adapters.Has(r, model))], conversation, r => r.Address.ToString(), r => r.Busy);

    /// <summary>A place for a request, which may wait for one.</summary>
    /// <exception cref="OpenAiException">429: too many wait.</exception>
    public async Task<IDisposable> PlaceAsync(CancellationToken cancellation)
    {
        RateLimitLease place = await _places.AcquireAsync(1, cancellation);
        if (place.IsAcquired)
            return place;
        place.Dispose();
        throw OpenAiException.QueueFull(_mostRequests, Retry);
    }

    /// <summary>A replica was found not to answer; it is looked at again at once.</summary>
    public void Lose(Replica replica, string problem)
    {
        TakeOut(replica, problem);
        replica.LookSoon();
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync(); // twice, perhaps
        await ((Task)_watching).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _places.DisposeAsync();
    }

    private async Task WatchAsync(Replica replica)
    {
        TimeSpan whileUp = TimeSpan.FromSeconds(_settings.TakesAdapters ? 2 : 15), whileDown = TimeSpan.FromSeconds(1);
        for (int missed = 0; !_stop.IsCancellationRequested;)
        {
            await replica.WhenWorthALookAsync(replica.IsUp ? whileUp : whileDown, _stop.Token);
            missed = await LookAsync(replica, missed);
        }
    }

    /// <summary>One look. A replica that comes back gets its adapters before it gets requests. Returns how many looks in a row it has missed.</summary>
    private async Task<int> LookAsync(Replica replica, int missed)
    {
        try
        {
            IReadOnlyList<ListedModel> listed = await replica.ListAsync(_stop.Token);
            await _adapters.SyncAsync(replica, listed, _stop.Token);
            lock (_gate)
            {
                if (!replica.IsUp)
                    LogUp(_logger, replica.Address);
                replica.Up(listed);
                if (_gone.Task.IsCompleted)
                    _gone = new(TaskCreationOptions.RunContinuationsAsynchronously);
            }
            return 0;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            bool isSlow = replica.IsUp && e is ReplicaException { IsDown: false }; // it has no time for this, perhaps
            if (!isSlow || missed + 1 >= MaxMissedLooks)
                TakeOut(replica, e.Message);
            return missed + 1;
        }
        catch (OperationCanceledException)
        {
            return missed;
        }
    }

    private void TakeOut(Replica replica, string problem)
    {
        lock (_gate)
        {
            if (replica.Problem != problem)
                LogDown(_logger, replica.Address, problem);
            replica.Down(problem);
            if (!Up.Any())
                _gone.TrySetResult();
        }
    }

    [LoggerMessage(3030, LogLevel.Information, "The upstream at {Address} answers")]
    private static partial void LogUp(ILogger logger, Uri address);

    [LoggerMessage(3031, LogLevel.Warning, "The upstream at {Address} is asked nothing until it answers again: {Problem}")]
    private static partial void LogDown(ILogger logger, Uri address, string problem);
}
