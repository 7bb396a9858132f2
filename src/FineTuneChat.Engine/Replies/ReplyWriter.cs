using System.Threading.Channels;
using FineTuneChat.Inference;
using FineTuneChat.Protocol.OpenAi;
using FineTuneChat.Protocol.Streams;

namespace FineTuneChat.Engine.Replies;

/// <summary>Writes the engine's events to the client, whole or streamed: both are made of the same events.</summary>
internal static class ReplyWriter
{
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(30); // proxies give up after 60

    /// <summary>What a client learns when the model fails; the log has the rest.</summary>
    public static OpenAiException Failed() =>
        OpenAiException.ServerError("The model failed while it wrote this reply. Send the request again.", "engine_failed");

    /// <summary>All replies as one JSON object.</summary>
    /// <exception cref="OperationCanceledException">The reply was given up.</exception>
    public static async Task<ReplyTotals> AnswerAsync(HttpContext http, ChannelReader<GenerationEvent> events, IReplyShape reply)
    {
        WrittenChoice[] choices = [.. Enumerable.Range(0, reply.Choices).Select(_ => new WrittenChoice())];
        await foreach (GenerationEvent next in events.ReadAllAsync(http.RequestAborted))
            choices[next.Choice].Add(next);
        if (choices.Any(c => c.Summary is null))
            throw new OperationCanceledException();

        var totals = ReplyTotals.Of([.. choices.Select(c => c.Summary!)], reply);
        await reply.WriteWholeAsync(http.Response, choices, totals, http.RequestAborted);
        return totals;
    }

    /// <summary>
    /// The replies as server-sent events. Until the first one an error is still plain HTTP; while a long prompt is computed comments keep the
    /// connection alive, and from the first of them on a failure is told as an event, then thrown on.
    /// </summary>
    /// <param name="http">The client.</param>
    /// <param name="events">The engine's.</param>
    /// <param name="reply">The form of the answer.</param>
    /// <param name="silence">How long nothing may be sent before the first event; null = 30 seconds.</param>
    /// <exception cref="OperationCanceledException">The reply was given up.</exception>
    public static async Task<ReplyTotals> StreamAsync(HttpContext http, ChannelReader<GenerationEvent> events, IReplyShape reply, TimeSpan? silence = null)
    {
        Task<bool> first = events.WaitToReadAsync(http.RequestAborted).AsTask();
        bool isSilent = !await IsDoneAsync(first, silence ?? Silence, http.RequestAborted);
        if (!isSilent && !await first)
            throw new OperationCanceledException();
        using var sse = new SseWriter(http.Response);
        var stream = new ReplyStream(sse, reply);
        try
        {
            for (; isSilent; isSilent = !await IsDoneAsync(first, silence ?? Silence, http.RequestAborted))
            {
                sse.WriteComment();
                await sse.FlushAsync(http.RequestAborted);
            }
            for (bool more = await first; more; more = await events.WaitToReadAsync(http.RequestAborted))
            {
                while (events.TryRead(out GenerationEvent next))
                    stream.Write(next);
                await sse.FlushAsync(http.RequestAborted);
                if (stream.Totals is { } totals)
                    return totals;
            }
        }
        catch (Exception) when (!http.RequestAborted.IsCancellationRequested)
        {
            sse.Write(new OpenAiErrorBody(Failed().Error), OpenAiJson.Wire.OpenAiErrorBody);
            await sse.FlushAsync(http.RequestAborted);
            throw;
        }

        throw new OperationCanceledException();
    }

    /// <summary>Whether a task ends, well or not, in a time.</summary>
    private static async Task<bool> IsDoneAsync(Task task, TimeSpan time, CancellationToken cancellation)
    {
        await task.WaitAsync(time, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return task.IsCompleted;
    }
}
