using System.Net.Http.Headers;
using System.Text.Json;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Serving;

/// <summary>Passes a request to an engine and the answer back, byte for byte, as it comes.</summary>
internal static class EnginePass
{
    private static readonly string[] PassedHeaders = ["Content-Type", "Cache-Control", "Retry-After", "X-Accel-Buffering"];

    /// <param name="http">The client.</param>
    /// <param name="lease">The engine.</param>
    /// <param name="body">JSON; null for a GET.</param>
    /// <exception cref="OpenAiException">503: the engine cannot be started, or it was lost before it answered.</exception>
    public static async Task RunAsync(HttpContext http, EngineLease lease, byte[]? body)
    {
        CancellationToken cancellation = http.RequestAborted;
        EngineProcess engine = await lease.ProcessAsync(cancellation);
        using HttpRequestMessage upstream = Request(http.Request.Path.Value!.TrimStart('/'), body);
        try
        {
            using HttpResponseMessage reply = await engine.Client.SendAsync(upstream, HttpCompletionOption.ResponseHeadersRead, cancellation);
            CopyHead(reply, http.Response);
            await reply.Content.CopyToAsync(http.Response.Body, cancellation);
        }
        catch (Exception) when (cancellation.IsCancellationRequested) // the engine stops, too: its request is gone with ours
        {
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            await ReportLostAsync(http);
        }
    }

    /// <summary>A request as the engine wants it.</summary>
    public static HttpRequestMessage Request(string path, byte[]? body)
    {
        var request = new HttpRequestMessage(body is null ? HttpMethod.Get : HttpMethod.Post, path);
        if (body is not null)
            request.Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        return request;
    }

    /// <summary>Status and headers of the engine's answer.</summary>
    public static void CopyHead(HttpResponseMessage reply, HttpResponse response)
    {
        response.StatusCode = (int)reply.StatusCode;
        foreach (string name in PassedHeaders)
            if (reply.Headers.TryGetValues(name, out IEnumerable<string>? values) || reply.Content.Headers.TryGetValues(name, out values))
                response.Headers[name] = values.ToArray();
    }

    /// <summary>The engine died: an OpenAI error, inside the stream where it has begun.</summary>
    public static async Task ReportLostAsync(HttpContext http)
    {
        OpenAiException lost = OpenAiException.Unavailable("The engine stopped while it wrote this reply; it is being started again. Send the request once more.", TimeSpan.FromSeconds(1));
        if (!http.Response.HasStarted)
            throw lost;
        string json = JsonSerializer.Serialize(new OpenAiErrorBody(lost.Error), OpenAiJson.Wire.OpenAiErrorBody);
        await http.Response.WriteAsync($"\n\ndata: {json}\n\n", http.RequestAborted); // the blank line ends what may be half an event
    }
}
