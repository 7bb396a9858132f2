using System.Runtime.CompilerServices;

namespace FineTuneChat.Gateway.Serving;

/// <summary>Whether anybody asks a model for anything: what training waits for. Who only looks (health checks, figures) does not count.</summary>
internal sealed class ChatActivity(TimeProvider time)
{
    private readonly Lock _gate = new();
    private int _running;
    private DateTimeOffset _last = time.GetUtcNow();
    private TaskCompletionSource _changed = NewSignal();

    /// <summary>Since when nobody does; null while somebody waits for a reply.</summary>
    public DateTimeOffset? IdleSince
    {
        get
        {
            lock (_gate)
                return _running == 0 ? _last : null;
        }
    }

    /// <summary>Whether somebody chats: now, and at every change. Changes that follow each other faster than they are read are one.</summary>
    /// <param name="rest">How long nobody must have waited for a reply before nobody chats any more: people read, programs ask again at once.</param>
    /// <param name="cancellation">Ends the listening.</param>
    public async IAsyncEnumerable<bool> BusyAsync(TimeSpan rest, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        for (bool? told = null; ;)
        {
            Task changed;
            TimeSpan resting = TimeSpan.Zero;
            bool isBusy;
            lock (_gate)
            {
                changed = _changed.Task.WaitAsync(cancellation);
                isBusy = _running > 0;
                if (!isBusy && told == true)
                    resting = _last + rest - time.GetUtcNow();
            }
            if (resting > TimeSpan.Zero)
            {
                await Task.WhenAny(changed, Task.Delay(resting, time, cancellation));
                cancellation.ThrowIfCancellationRequested();
                continue;
            }
            if (isBusy != told)
                yield return isBusy;
            told = isBusy;
            await changed;
        }
    }

    public async Task CountAsync(HttpContext http, RequestDelegate next)
    {
        if (http.GetEndpoint()?.Metadata.GetMetadata<ChatRule>() is null)
        {
            await next(http);
            return;
        }
        Add(1);
        try
        {
            await next(http);
        }
        finally
        {
            Add(-1);
        }
    }

    private void Add(int requests)
    {
        lock (_gate)
        {
            _running += requests;
            if (requests < 0)
                _last = time.GetUtcNow();
            _changed.SetResult();
            _changed = NewSignal();
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <summary>Says of a route that whoever calls it waits for a model: <see cref="ChatActivity"/> counts it.</summary>
internal sealed class ChatRule
{
    public static readonly ChatRule Instance = new();
}

internal static class ChatRules
{
    /// <summary>Whoever calls this route waits for a model.</summary>
    public static TBuilder IsChat<TBuilder>(this TBuilder route) where TBuilder : IEndpointConventionBuilder => route.WithMetadata(ChatRule.Instance);
}
