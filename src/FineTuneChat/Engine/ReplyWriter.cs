using System.Threading.Channels;
using FineTuneChat.Inference;
using FineTuneChat.OpenAi;

namespace FineTuneChat.Engine;

/// <summary>Writes the engine's events to the client, whole or streamed: both are made of the same events.</summary>
internal static class ReplyWriter
{
    /// <summary>What a client learns when the model fails; the log has the rest.</summary>
    public static OpenAiException Failed() => OpenAiException.ServerError("The model failed while it wrote this reply. Send the request again.", "engine_failed");

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

    /// <summary>The replies as server-sent events. A failure after the first event is told as an event, then thrown on.</summary>
    /// <exception cref="OperationCanceledException">The reply was given up.</exception>
    public static async Task<ReplyTotals> StreamAsync(HttpContext http, ChannelReader<GenerationEvent> events, IReplyShape reply)
    {
        if (!await events.WaitToReadAsync(http.RequestAborted)) // until the first event an error is still plain HTTP
            throw new OperationCanceledException();
        using var sse = new SseWriter(http.Response);
        var stream = new ReplyStream(sse, reply);
        try
        {
            do
            {
                while (events.TryRead(out GenerationEvent next))
                    stream.Write(next);
                await sse.FlushAsync(http.RequestAborted);
                if (stream.Totals is { } totals)
                    return totals;
            }
            while (await events.WaitToReadAsync(http.RequestAborted));
        }
        catch (Exception) when (!http.RequestAborted.IsCancellationRequested)
        {
            sse.Write(new OpenAiErrorBody(Failed().Error), OpenAiJson.Wire.OpenAiErrorBody);
            await sse.FlushAsync(http.RequestAborted);
            throw;
        }

        throw new OperationCanceledException();
    }
}
