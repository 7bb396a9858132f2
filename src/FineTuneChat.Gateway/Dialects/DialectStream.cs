using System.IO.Pipelines;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Dialects;

/// <summary>How a dialect writes a streamed reply into the response's pipe.</summary>
internal interface IStreamShape
{
    /// <summary>Sets the headers: from here on the status is 200.</summary>
    void Begin(HttpResponse response);

    void Write(ChatCompletionChunk chunk);

    /// <summary>The model is at work, and there is nothing to tell yet.</summary>
    void WriteIdle();

    void End();

    /// <summary>The reply cannot be ended.</summary>
    void Fail(OpenAiException error);
}

internal static class DialectStream
{
    /// <summary>Writes a reply as it comes. Until its first chunk an error is plain HTTP; from then on it is told in the stream.</summary>
    public static async Task WriteAsync(HttpContext http, IAsyncEnumerable<ChatCompletionChunk?> chunks, IStreamShape shape)
    {
        PipeWriter pipe = http.Response.BodyWriter;
        await using IAsyncEnumerator<ChatCompletionChunk?> reply = chunks.GetAsyncEnumerator(http.RequestAborted);
        bool isMore = await reply.MoveNextAsync();
        shape.Begin(http.Response);
        try
        {
            for (; isMore; isMore = await reply.MoveNextAsync())
            {
                if (reply.Current is { } chunk)
                    shape.Write(chunk);
                else
                    shape.WriteIdle();
                await pipe.FlushAsync(http.RequestAborted);
            }
            shape.End();
        }
        catch (OpenAiException e)
        {
            shape.Fail(e);
        }
        await pipe.FlushAsync(http.RequestAborted);
    }
}
