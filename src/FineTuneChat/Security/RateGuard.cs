using System.Threading.RateLimiting;
using FineTuneChat.OpenAi;

namespace FineTuneChat.Security;

/// <summary>
/// Bounds how often each client may ask: by its API key, or where none is asked for by its address. One client that loops cannot keep the others out.
/// The page's own files are free.
/// </summary>
internal static class RateGuard
{
    private const int Segments = 6;
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    public static IApplicationBuilder UseRateGuard(this WebApplication app, int requestsPerMinute)
    {
        var limiter = PartitionedRateLimiter.Create<HttpContext, string>(http => RateLimitPartition.GetSlidingWindowLimiter(Client(http), _ => new()
        {
            PermitLimit = requestsPerMinute, Window = Window, SegmentsPerWindow = Segments, QueueLimit = 0,
        }));
        app.Lifetime.ApplicationStopped.Register(limiter.Dispose);
        return app.Use((http, next) =>
        {
            if (Scopes.Needed(http.Request.Method, http.Request.Path) is null) // open to all: the page, its health
                return next(http);
            using RateLimitLease lease = limiter.AttemptAcquire(http);
            return lease.IsAcquired
                ? next(http)
                : throw OpenAiException.TooManyRequests(requestsPerMinute, lease.TryGetMetadata(MetadataName.RetryAfter, out TimeSpan wait) ? wait : Window / Segments);
        });
    }

    private static string Client(HttpContext http) => KeyGuard.KeyOf(http)?.Id ?? http.Connection.RemoteIpAddress?.ToString() ?? "";
}
