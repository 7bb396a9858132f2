using System.Text.Json;
using FineTuneChat.Gateway.Log;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Serving;

/// <summary>Passes a request to an engine and the answer back, byte for byte, as it comes.</summary>
internal static class EngineProxy
{
    private static readonly string[] PassedHeaders = ["Content-Type", "Cache-Control", "Retry-After", "X-Accel-Buffering"];

    /// <param name="http">The client.</param>
    /// <param name="lease">The engine.</param>
    /// <param name="path">The engine's route.</param>
    /// <param name="body">JSON; null for a GET.</param>
    /// <param name="entry">Sees each part of the answer before the client does; null: nothing is logged.</param>
    /// <param name="turn">Adds to the answer what the engine does not know; null: nothing.</param>
    /// <exception cref="OpenAiException">503: the engine cannot be started, or it was lost before it answered. 507: the reply could not be logged.</exception>
    public static async Task RunAsync(HttpContext http, EngineLease lease, string path, byte[]? body, LogEntry? entry = null,
        ChatTurn? turn = null)
    {
        CancellationToken cancellation = http.RequestAborted;
        try
        {
            using EngineAnswer answer = await EngineAnswer.OpenAsync(http, lease, path, body);
            CopyHead(answer.Head, http.Response);
            if (entry is { IsStreamed: false }) // it is logged before any of it is sent
            {
                ReadOnlyMemory<byte> whole = await answer.WholeAsync(cancellation);
                await entry.SeeAsync(whole);
                if (turn is not null && answer.Head.IsSuccessStatusCode)
                    whole = turn.Mark(whole);
                http.Response.ContentLength = whole.Length;
                await http.Response.Body.WriteAsync(whole, cancellation);
                return;
            }
            var sources = new SourceEvent(answer.Head.IsSuccessStatusCode && turn is not null ? turn.Retrieved : Retrieved.Nothing);
            await foreach (ReadOnlyMemory<byte> part in answer.PartsAsync(cancellation))
                await PassAsync(http, part, entry, sources);
            await http.Response.Body.WriteAsync(sources.Rest(), cancellation);
        }
        catch (Exception) when (cancellation.IsCancellationRequested) // the engine stops, too: its request is gone with ours
        {
        }
        catch (OpenAiException lost)
        {
            await ReportAsync(http, lost);
        }
    }

    private static async Task PassAsync(HttpContext http, ReadOnlyMemory<byte> part, LogEntry? entry, SourceEvent sources)
    {
        try
        {
            if (entry is not null)
                await entry.SeeAsync(part);
            await http.Response.Body.WriteAsync(sources.Pass(part), http.RequestAborted);
        }
        catch (OpenAiException) when (http.Response.HasStarted) // not logged: all but the mark of a good end
        {
            await http.Response.Body.WriteAsync(part[..Math.Max(0, part.Span.LastIndexOf(ReplyRecorder.End))], http.RequestAborted);
            throw;
        }
    }

    private static void CopyHead(HttpResponseMessage reply, HttpResponse response)
    {
        response.StatusCode = (int)reply.StatusCode;
        foreach (string name in PassedHeaders)
            if (reply.Headers.TryGetValues(name, out IEnumerable<string>? values) || reply.Content.Headers.TryGetValues(name, out values))
                response.Headers[name] = values.ToArray();
    }

    /// <summary>An OpenAI error: the whole answer where nothing was sent, else an event of the stream.</summary>
    private static async Task ReportAsync(HttpContext http, OpenAiException error)
    {
        if (!http.Response.HasStarted)
            throw error;
        string json = JsonSerializer.Serialize(new OpenAiErrorBody(error.Error), OpenAiJson.Wire.OpenAiErrorBody);
        await http.Response.WriteAsync($"\n\ndata: {json}\n\n", http.RequestAborted); // the blank line ends what may be half an event
    }
}
