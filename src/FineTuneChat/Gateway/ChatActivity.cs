namespace FineTuneChat.Gateway;

/// <summary>Whether anybody asks a model for anything: what training waits for. Who only looks (health checks, figures) does not count.</summary>
internal sealed class ChatActivity(TimeProvider time)
{
    private readonly Lock _gate = new();
    private int _running;
    private DateTimeOffset _last = time.GetUtcNow();

    /// <summary>Since when nobody does; null while somebody waits for a reply.</summary>
    public DateTimeOffset? IdleSince
    {
        get
        {
            lock (_gate)
                return _running == 0 ? _last : null;
        }
    }

    public async Task CountAsync(HttpContext http, RequestDelegate next)
    {
        if (!HttpMethods.IsPost(http.Request.Method) || !http.Request.Path.StartsWithSegments("/v1"))
        {
            await next(http);
            return;
        }
        lock (_gate)
            _running++;
        try
        {
            await next(http);
        }
        finally
        {
            lock (_gate)
                (_running, _last) = (_running - 1, time.GetUtcNow());
        }
    }
}
