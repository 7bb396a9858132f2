using System.Text;
using FineTuneChat.Gateway.Access;
using FineTuneChat.Protocol.Routes;

namespace FineTuneChat.Gateway.Events;

/// <summary><c>GET /api/events</c>: what happens, as server-sent events: of the caller's assistants, and of trainings where it may look at these.</summary>
internal static class EventsApi
{
    private static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(15);

    public static void MapEvents(this IEndpointRouteBuilder routes) => routes.MapGet("/api/events", StreamAsync)
        .WithTags("Server")
        .WithSummary(
            "Server-sent events: training.progress, training.finished, synthesis.progress, version.activated, engine.state, model.progress, "
            + "model.state, conversation.changed")
        .RequireScope(Scopes.Any).AnswersText("text/event-stream");

    private static async Task StreamAsync(HttpContext http, Caller caller, EventHub hub, TimeProvider time, IHostApplicationLifetime lifetime)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, lifetime.ApplicationStopping);
        http.Response.ContentType = "text/event-stream";
        http.Response.Headers.CacheControl = "no-cache";
        http.Response.Headers["X-Accel-Buffering"] = "no";
        try
        {
            await using IAsyncEnumerator<ServerEvent> events = hub.ListenAsync(stop.Token).GetAsyncEnumerator(stop.Token);
            Task<bool> next = events.MoveNextAsync().AsTask(); // listening before the client is told that it is connected
            try
            {
                await WriteAsync(http, ": connected\n\n", stop.Token);
                while (true)
                {
                    if (!next.IsCompleted && await Task.WhenAny(next, Task.Delay(KeepAlive, time, stop.Token)) != next)
                    {
                        await WriteAsync(http, ": ping\n\n", stop.Token);
                        continue;
                    }
                    if (!await next)
                        return;
                    if (IsFor(caller, events.Current))
                        await WriteAsync(http, $"event: {events.Current.Name}\ndata: {events.Current.Data}\n\n", stop.Token);
                    next = events.MoveNextAsync().AsTask();
                }
            }
            finally // no listener may be given up while it waits
            {
                await stop.CancelAsync();
                await ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
        catch (OperationCanceledException)
        {
            // the client left, or the server stops
        }
    }

    private static bool IsFor(Caller caller, ServerEvent happened) =>
        caller.MayAsk(happened.Assistant) && (happened.Owner is null || caller.SeesAll || happened.Owner == caller.Owner)
        && (!IsOfTraining(happened.Name) || caller.MayDo(Scopes.Train));

    private static bool IsOfTraining(string name) =>
        name.StartsWith("training.", StringComparison.Ordinal) || name.StartsWith("synthesis.", StringComparison.Ordinal);

    private static Task WriteAsync(HttpContext http, string text, CancellationToken cancellation) =>
        http.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(text), cancellation).AsTask();
}
