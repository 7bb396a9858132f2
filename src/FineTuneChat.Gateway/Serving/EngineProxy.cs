using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text.Json;
using FineTuneChat.Gateway.Access;
using FineTuneChat.Gateway.Log;
using FineTuneChat.Protocol.OpenAi;
using FineTuneChat.Protocol.Processes;

namespace FineTuneChat.Gateway.Serving;

/// <summary>Passes a request to an engine and the answer back, byte for byte, as it comes. The only way from a client to an engine.</summary>
internal static class EngineProxy
{
    private const int BufferSize = 16 << 10;
    private static readonly string[] PassedHeaders = ["Content-Type", "Cache-Control", "Retry-After", "X-Accel-Buffering"];

    /// <param name="http">The client.</param>
    /// <param name="lease">The engine.</param>
    /// <param name="body">JSON; null for a GET.</param>
    /// <param name="entry">Sees each part of the answer before the client does; null: nothing is logged.</param>
    /// <exception cref="OpenAiException">503: the engine cannot be started, or it was lost before it answered. 507: the reply could not be logged.</exception>
    public static async Task RunAsync(HttpContext http, EngineLease lease, byte[]? body, LogEntry? entry = null)
    {
        CancellationToken cancellation = http.RequestAborted;
        try
        {
            EngineProcess engine = await lease.ProcessAsync(cancellation);
            using HttpRequestMessage upstream = Request(http, body);
            using HttpResponseMessage reply = await engine.Client.SendAsync(upstream, HttpCompletionOption.ResponseHeadersRead, cancellation);
            CopyHead(reply, http.Response);
            await using Stream stream = await reply.Content.ReadAsStreamAsync(cancellation);
            await foreach (ReadOnlyMemory<byte> part in entry is { IsStreamed: false } ? WholeAsync(stream, http) : PartsAsync(stream, cancellation))
                await PassAsync(http, part, entry);
        }
        catch (Exception) when (cancellation.IsCancellationRequested) // the engine stops, too: its request is gone with ours
        {
            entry?.CutOff("cancelled by the client");
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            entry?.CutOff("the engine stopped while it wrote");
            await ReportAsync(http, OpenAiException.Unavailable(
                "The engine stopped while it wrote this reply; it is being started again. Send the request once more.", TimeSpan.FromSeconds(1)));
        }
    }

    private static async Task PassAsync(HttpContext http, ReadOnlyMemory<byte> part, LogEntry? entry)
    {
        try
        {
            if (entry is not null)
                await entry.SeeAsync(part);
            await http.Response.Body.WriteAsync(part, http.RequestAborted);
        }
        catch (OpenAiException notLogged)
        {
            if (http.Response.HasStarted) // all but the mark of a good end
                await http.Response.Body.WriteAsync(part[..Math.Max(0, part.Span.LastIndexOf(ReplyRecorder.End))], http.RequestAborted);
            await ReportAsync(http, notLogged);
        }
    }

    private static async IAsyncEnumerable<ReadOnlyMemory<byte>> PartsAsync(Stream stream, [EnumeratorCancellation] CancellationToken cancellation)
    {
        byte[] buffer = new byte[BufferSize];
        while (await stream.ReadAsync(buffer, cancellation) is > 0 and int count)
            yield return buffer.AsMemory(0, count);
    }

    /// <summary>The answer as one part: it is logged before any of it is sent.</summary>
    private static async IAsyncEnumerable<ReadOnlyMemory<byte>> WholeAsync(Stream stream, HttpContext http)
    {
        using var whole = new MemoryStream();
        await stream.CopyToAsync(whole, http.RequestAborted);
        http.Response.ContentLength = whole.Length;
        yield return whole.GetBuffer().AsMemory(0, (int)whole.Length);
    }

    private static HttpRequestMessage Request(HttpContext http, byte[]? body)
    {
        var request = new HttpRequestMessage(body is null ? HttpMethod.Get : HttpMethod.Post, http.Request.Path.Value!.TrimStart('/'));
        string? key = Caller.Of(http).Key?.Id;
        if (key is not null)
            request.Headers.Add(EngineHeaders.CacheScope, key);
        if ((key ?? http.Connection.RemoteIpAddress?.ToString()) is { } client)
            request.Headers.Add(EngineHeaders.Client, client);
        if (body is not null)
            request.Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        return request;
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
