namespace FineTuneChat.Inference.Scheduling;

/// <summary>
/// How many requests may run or wait at a time. One client alone may fill the queue; while it does, others still get their share beyond
/// it, so that nobody is refused because of another. Thread-safe.
/// </summary>
/// <param name="limit">Most requests of one client, and of all together as long as none of them is new to a full queue.</param>
internal sealed class Admission(int limit)
{
    private const int Overflow = 2; // times the limit: what all clients together may have, however many they are

    private readonly Lock _gate = new();
    private readonly Dictionary<string, int> _requests = [];
    private int _total;

    /// <summary>Requests that run or wait.</summary>
    public int Requests => Volatile.Read(ref _total);

    /// <summary>Takes a request in.</summary>
    /// <returns>False when there is no room for another one of this client.</returns>
    public bool TryEnter(string client)
    {
        lock (_gate)
        {
            int own = _requests.GetValueOrDefault(client);
            if (_total >= limit && !IsOwed(own))
                return false;
            _requests[client] = own + 1;
            _total++;
            return true;
        }
    }

    /// <summary>A request has ended, or did not begin after all.</summary>
    public void Leave(string client)
    {
        lock (_gate)
        {
            _total--;
            if (--_requests[client] == 0)
                _requests.Remove(client);
        }
    }

    /// <summary>Whether a client has less than an equal share, itself counted, though the queue is full.</summary>
    private bool IsOwed(int own)
    {
        int clients = _requests.Count + (own == 0 ? 1 : 0);
        return clients > 1 && own < limit / clients && _total < (long)Overflow * limit;
    }
}
