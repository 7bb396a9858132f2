using System.Runtime.CompilerServices;
using FineTuneChat.Protocol.Routes;

namespace FineTuneChat.Gateway.Serving;

/// <summary>Whether any request is waiting for a model: training waits until none is. Health checks and figures do not count.</summary>
internal sealed class ChatActivity(TimeProvider time)
{
    private readonly Lock _gate = new();
    private int _running;
    private DateTimeOffset _last = time.GetUtcNow();
    private TaskCompletionSource _changed = NewSignal();

    /// <summary>When the last such request ended; null while one is running.</summary>
    public DateTimeOffset? IdleSince
    {
        get
        {
            lock (_gate)
                return _running == 0 ? _last : null;
        }
    }

    /// <summary>Yields whether somebody chats, at once and at every change. Changes that come faster than they are read are merged.</summary>
    /// <param name="rest">How long a chat still counts as going on after its last reply: people read it, programs ask again at once.</param>
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
    public static TBuilder IsChat<TBuilder>(this TBuilder route) where TBuilder : IEndpointConventionBuilder => route
        .WithMetadata(ChatRule.Instance).Refuses(StatusCodes.Status429TooManyRequests, StatusCodes.Status503ServiceUnavailable);
}
