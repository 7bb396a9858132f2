using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Threading.Channels;

namespace FineTuneChat.Gateway.Events;

/// <summary>An event of <c>GET /api/events</c>.</summary>
/// <param name="Name">What has happened.</param>
/// <param name="Data">JSON.</param>
/// <param name="Assistant">Whose it is; null: it is nobody's.</param>
/// <param name="Owner">Of what it tells, where not everybody sees that; null: everybody does.</param>
internal sealed record ServerEvent(string Name, string Data, string? Assistant, string? Owner);

/// <summary>Hands each event to all who listen. One who reads too slowly loses the oldest.</summary>
internal sealed class EventHub
{
    private const int Backlog = 256;
    private readonly Lock _gate = new();
    private readonly List<Channel<ServerEvent>> _listeners = [];

    public void Publish<T>(string name, T data, JsonTypeInfo<T> type, string? assistant = null, string? owner = null)
    {
        var published = new ServerEvent(name, JsonSerializer.Serialize(data, type), assistant, owner);
        lock (_gate)
            foreach (Channel<ServerEvent> listener in _listeners)
                listener.Writer.TryWrite(published);
    }

    /// <summary>All events from now on.</summary>
    public async IAsyncEnumerable<ServerEvent> ListenAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        var channel = Channel.CreateBounded<ServerEvent>(new BoundedChannelOptions(Backlog) { FullMode = BoundedChannelFullMode.DropOldest });
        lock (_gate)
            _listeners.Add(channel);
        try
        {
            await foreach (ServerEvent published in channel.Reader.ReadAllAsync(cancellation))
                yield return published;
        }
        finally
        {
            lock (_gate)
                _listeners.Remove(channel);
        }
    }
}
