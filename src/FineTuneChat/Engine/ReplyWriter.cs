using System.Text;
using System.Threading.Channels;
using FineTuneChat.Inference;
using FineTuneChat.OpenAi;

namespace FineTuneChat.Engine;

/// <summary>Writes the engine's events to the client, whole or streamed: both are made of the same events.</summary>
internal static class ReplyWriter
{
    /// <summary>What a client learns when the model fails; the log has the rest.</summary>
    public static OpenAiException Failed() => OpenAiException.ServerError("The model failed while it wrote this reply. Send the request again.", "engine_failed");

    /// <summary>The whole reply as one JSON object.</summary>
    /// <exception cref="OperationCanceledException">The reply was given up.</exception>
    public static async Task<GenerationSummary> AnswerAsync(HttpContext http, ChannelReader<GenerationEvent> events, ChatReply reply)
    {
        var text = new StringBuilder();
        await foreach (GenerationEvent next in events.ReadAllAsync(http.RequestAborted))
        {
            text.Append(next.Text);
            if (next.Summary is not { } summary)
                continue;
            await http.Response.WriteAsJsonAsync(reply.Whole(text.ToString(), summary), OpenAiJson.Wire.ChatCompletion, contentType: null, http.RequestAborted);
            return summary;
        }

        throw new OperationCanceledException();
    }

    /// <summary>The reply as server-sent events. A failure after the first event is told as an event, then thrown on.</summary>
    /// <exception cref="OperationCanceledException">The reply was given up.</exception>
    public static async Task<GenerationSummary> StreamAsync(HttpContext http, ChannelReader<GenerationEvent> events, ChatReply reply)
    {
        if (!await events.WaitToReadAsync(http.RequestAborted)) // until the first event an error is still plain HTTP
            throw new OperationCanceledException();
        using var sse = new SseWriter(http.Response);
        sse.Write(reply.First(), OpenAiJson.Wire.ChatCompletionChunk);
        try
        {
            do
            {
                while (events.TryRead(out GenerationEvent next))
                {
                    if (next.Text.Length > 0)
                        sse.Write(reply.Piece(next.Text), OpenAiJson.Wire.ChatCompletionChunk);
                    if (next.Summary is not { } summary)
                        continue;
                    Finish(sse, reply, summary);
                    await sse.FlushAsync(http.RequestAborted);
                    return summary;
                }

                await sse.FlushAsync(http.RequestAborted);
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

    private static void Finish(SseWriter sse, ChatReply reply, GenerationSummary summary)
    {
        sse.Write(reply.Last(summary), OpenAiJson.Wire.ChatCompletionChunk);
        if (reply.IncludesUsage)
            sse.Write(reply.Usage(summary), OpenAiJson.Wire.ChatCompletionChunk);
        sse.WriteDone();
    }
}
