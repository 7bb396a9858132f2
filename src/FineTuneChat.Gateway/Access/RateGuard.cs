using System.Globalization;
using System.Threading.RateLimiting;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Access;

/// <summary>
/// Bounds how often each client may ask, and how much at the same time: by its API key, or where none is asked for by its address. One client that loops,
/// or never reads its replies, cannot keep the others out. The page's own files are free.
/// </summary>
internal static class RateGuard
{
    /// <summary>Headers that say what is left, under OpenAI's names.</summary>
    public const string Limit = "x-ratelimit-limit-requests", Remaining = "x-ratelimit-remaining-requests", Reset = "x-ratelimit-reset-requests";

    private const int Segments = 6;
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1), Moment = TimeSpan.FromSeconds(1);

    public static IApplicationBuilder UseRateGuard(this WebApplication app, SecuritySettings limits)
    {
        PartitionedRateLimiter<HttpContext> often = PerClient(limits.RequestsPerMinute, client => RateLimitPartition.GetSlidingWindowLimiter(client, _ => new()
        {
            PermitLimit = limits.RequestsPerMinute,
            Window = Window,
            SegmentsPerWindow = Segments,
            QueueLimit = 0,
        }));
        PartitionedRateLimiter<HttpContext> together = PerClient(
            limits.ConcurrentRequests,
            client => RateLimitPartition.GetConcurrencyLimiter(client, _ => new() { PermitLimit = limits.ConcurrentRequests, QueueLimit = 0 }));
        app.Lifetime.ApplicationStopped.Register(often.Dispose);
        app.Lifetime.ApplicationStopped.Register(together.Dispose);
        return app.Use(async (http, next) =>
        {
            if (RouteRules.ScopeOf(http) is null) // open to all: the page, its health
            {
                await next(http);
                return;
            }
            using RateLimitLease turn = often.AttemptAcquire(http);
            if (limits.RequestsPerMinute > 0)
                Tell(http, limits.RequestsPerMinute, often.GetStatistics(http)?.CurrentAvailablePermits ?? 0);
            if (!turn.IsAcquired)
                throw OpenAiException.TooManyRequests(
                    limits.RequestsPerMinute, turn.TryGetMetadata(MetadataName.RetryAfter, out TimeSpan wait) ? wait : Window / Segments);
            using RateLimitLease place = together.AttemptAcquire(http); // until the answer is written
            if (!place.IsAcquired)
                throw OpenAiException.TooManyAtOnce(limits.ConcurrentRequests, Moment);
            await next(http);
        });
    }

    private static void Tell(HttpContext http, int limit, long left) => http.Response.OnStarting(() => // also on errors, which clear what was set before
    {
        IHeaderDictionary headers = http.Response.Headers;
        headers[Limit] = limit.ToString(CultureInfo.InvariantCulture);
        headers[Remaining] = left.ToString(CultureInfo.InvariantCulture);
        headers[Reset] = left < limit ? $"{(Window / Segments).TotalSeconds:0}s" : "0s"; // when some come back
        return Task.CompletedTask;
    });

    private static PartitionedRateLimiter<HttpContext> PerClient(int limit, Func<string, RateLimitPartition<string>> partition) =>
        PartitionedRateLimiter.Create<HttpContext, string>(http => limit > 0 ? partition(Client(http)) : RateLimitPartition.GetNoLimiter(""));

    private static string Client(HttpContext http) => KeyGuard.KeyOf(http)?.Id ?? http.Connection.RemoteIpAddress?.ToString() ?? "";
}
