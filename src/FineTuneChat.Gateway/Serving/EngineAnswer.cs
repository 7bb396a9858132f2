using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text.Json;
using FineTuneChat.Gateway.Access;
using FineTuneChat.Protocol.OpenAi;
using FineTuneChat.Protocol.Processes;
using FineTuneChat.Protocol.Telemetry;

namespace FineTuneChat.Gateway.Serving;

/// <summary>What an engine answers to one request, while it comes. The only way from a client to an engine.</summary>
internal sealed class EngineAnswer : IDisposable
{
    private const int BufferSize = 16 << 10;
    private readonly HttpRequestMessage _request;

    private EngineAnswer(HttpRequestMessage request, HttpResponseMessage head) => (_request, Head) = (request, head);

    public HttpResponseMessage Head { get; }

    /// <param name="http">The client, for whom the engine is asked: its key bounds what it shares with others, and its leaving ends the work.</param>
    /// <param name="lease">The engine.</param>
    /// <param name="path">The engine's route.</param>
    /// <param name="body">JSON; null for a GET.</param>
    /// <exception cref="OpenAiException">503: the engine cannot be started, or it was lost before it answered.</exception>
    /// <exception cref="OperationCanceledException">The client has left.</exception>
    public static async Task<EngineAnswer> OpenAsync(HttpContext http, EngineLease lease, string path, byte[]? body)
    {
        ModelCall.Continue(http);
        HttpRequestMessage request = Request(http, path, body).InTrace();
        try
        {
            IRunningEngine engine = await lease.ProcessAsync(http.RequestAborted);
            return new(request, await OrLostAsync(
                engine.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, http.RequestAborted), http.RequestAborted));
        }
        catch
        {
            request.Dispose();
            throw;
        }
    }

    /// <summary>The body in parts, as they come.</summary>
    /// <exception cref="OpenAiException">503: the engine was lost.</exception>
    public async IAsyncEnumerable<ReadOnlyMemory<byte>> PartsAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        byte[] buffer = new byte[BufferSize];
        await using Stream stream = await OrLostAsync(Head.Content.ReadAsStreamAsync(cancellation), cancellation);
        while (await OrLostAsync(stream.ReadAsync(buffer, cancellation).AsTask(), cancellation) is > 0 and int count)
            yield return buffer.AsMemory(0, count);
    }

    /// <summary>The whole body.</summary>
    /// <exception cref="OpenAiException">503: the engine was lost.</exception>
    public async Task<ReadOnlyMemory<byte>> WholeAsync(CancellationToken cancellation) =>
        await OrLostAsync(Head.Content.ReadAsByteArrayAsync(cancellation), cancellation);

    /// <summary>What was answered instead, with its status.</summary>
    public static OpenAiException Refusal(HttpResponseMessage head, ReadOnlySpan<byte> body) => new(
        (int)head.StatusCode, JsonSerializer.Deserialize(body, OpenAiJson.Default.OpenAiErrorBody)!.Error, head.Headers.RetryAfter?.Delta);

    public void Dispose()
    {
        Head.Dispose();
        _request.Dispose();
    }

    private static HttpRequestMessage Request(HttpContext http, string path, byte[]? body)
    {
        var request = new HttpRequestMessage(body is null ? HttpMethod.Get : HttpMethod.Post, path.TrimStart('/'));
        string? key = Caller.Of(http).Key?.Id;
        if (key is not null)
            request.Headers.Add(EngineHeaders.CacheScope, key);
        if ((key ?? http.Connection.RemoteIpAddress?.ToString()) is { } client)
            request.Headers.Add(EngineHeaders.Client, client);
        if (body is not null)
            request.Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        return request;
    }

    private static async Task<T> OrLostAsync<T>(Task<T> step, CancellationToken cancellation)
    {
        try
        {
            return await step;
        }
        catch (Exception e) when (e is HttpRequestException or IOException && !cancellation.IsCancellationRequested)
        {
            throw OpenAiException.Unavailable(
                "The engine stopped while it wrote this reply; it is being started again. Send the request once more.", TimeSpan.FromSeconds(1));
        }
    }
}
