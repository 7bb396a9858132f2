namespace FineTuneChat.Gateway.Access;

/// <summary>
/// Logs requests that are refused for their key, host or origin: the first of an address at once, further ones as a number once a minute, so that a flood
/// fills neither the log nor the memory. Never the key, at most the part of it that lists show.
/// </summary>
internal sealed partial class RefusalLog : IDisposable
{
    private const int MaxAddresses = 64; // that are told apart
    private const int MaxReason = 200; // characters: it may quote a header of any length
    private const string OtherAddresses = "other addresses";
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    private readonly ILogger<RefusalLog> _logger;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, int> _further = []; // by address: how many since the last line about it
    private readonly ITimer _timer;

    public RefusalLog(TimeProvider time, ILogger<RefusalLog> logger)
    {
        _logger = logger;
        _timer = time.CreateTimer(_ => TellFurther(), null, Interval, Interval);
    }

    /// <param name="http">The request.</param>
    /// <param name="reason">Why it is refused; without anything secret.</param>
    public void Add(HttpContext http, string reason)
    {
        string address = http.Connection.RemoteIpAddress?.ToString() ?? "an unknown address";
        lock (_gate)
        {
            if (_further.Count >= MaxAddresses && !_further.ContainsKey(address))
                address = OtherAddresses;
            if (_further.TryGetValue(address, out int count))
            {
                _further[address] = count + 1;
                return;
            }
            _further[address] = 0;
        }
        string route = (http.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? "an unknown path"; // not the path itself, which anybody may write
        LogRefused(_logger, address, http.Request.Method, route, reason.Length > MaxReason ? reason[..MaxReason] + "…" : reason);
    }

    public void Dispose() => _timer.Dispose();

    private void TellFurther()
    {
        KeyValuePair<string, int>[] counts;
        lock (_gate)
        {
            counts = [.. _further];
            foreach ((string address, int count) in counts)
            {
                if (count == 0) // quiet for a minute: its next request is a first one again
                    _further.Remove(address);
                else
                    _further[address] = 0;
            }
        }
        foreach ((string address, int count) in counts.Where(c => c.Value > 0))
            LogFurther(_logger, count, address);
    }

    [LoggerMessage(7001, LogLevel.Warning, "Refused a request from {Address}: {Method} {Route}: {Reason}")]
    private static partial void LogRefused(ILogger logger, string address, string method, string route, string reason);

    [LoggerMessage(7002, LogLevel.Warning, "Refused {Count} more requests from {Address} in the last minute")]
    private static partial void LogFurther(ILogger logger, int count, string address);
}
