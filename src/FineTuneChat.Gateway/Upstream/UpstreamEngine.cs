using FineTuneChat.Gateway.Serving;

namespace FineTuneChat.Gateway.Upstream;

/// <summary>A model of a server elsewhere, as long as one of its replicas answers.</summary>
/// <param name="handler">Asks them.</param>
/// <param name="replicas">All of them.</param>
/// <param name="gone">Completes when none answers any more.</param>
/// <param name="leave">Called when it is no longer needed.</param>
internal sealed class UpstreamEngine(HttpMessageHandler handler, ReplicaSet replicas, Task gone, Func<Task> leave) : IRunningEngine
{
    public HttpClient Client { get; } = new(handler, disposeHandler: false)
    {
        BaseAddress = new Uri("http://upstream/"), // the handler knows where that is
        Timeout = Timeout.InfiniteTimeSpan,
    };

    public int? ProcessId => null;

    public Task Exited { get; } = gone;

    public bool WasKilled => true; // an outage: nothing is wrong with what it served

    public string LastErrors => replicas.Problem;

    public Task<bool> IsHealthyAsync(CancellationToken cancellation) => Task.FromResult(replicas.Up.Any());

    public void Kill()
    {
        // it is not ours to end
    }

    public async ValueTask DisposeAsync() => await leave();
}
