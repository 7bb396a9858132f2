using FineTuneChat.Gateway.Access;
using FineTuneChat.Gateway.Assistants;
using FineTuneChat.Gateway.Log;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Serving;

/// <summary>One request's way to the engine and back. The reply's bytes pass through as they come; a copy is logged when they end, however they end.</summary>
internal sealed partial class CompletionRelay(ExchangeLog log, TimeProvider time, ILogger<CompletionRelay> logger)
{
    private const int BufferSize = 16 << 10;

    public async Task RunAsync(HttpContext http, byte[] body, ChatCompletionRequest request, string? conversation, EngineLease lease)
    {
        DateTimeOffset startedAt = time.GetUtcNow();
        long clock = time.GetTimestamp();
        var recorder = new ReplyRecorder(streamed: request.Stream == true);
        var entry = new LogEntry(log, reply => new Exchange
        {
            Reply = reply,
            Request = request,
            ConversationId = conversation,
            Caller = Caller.Of(http),
            Assistant = AssistantNames.Default,
            Version = lease.Specification.Version,
            Model = lease.Specification.Alias,
            StartedAt = startedAt,
            Duration = time.GetElapsedTime(clock),
        });
        string? error = null;
        try
        {
            error = await PassAsync(http, body, recorder, entry, lease);
        }
        catch (Exception) when (http.RequestAborted.IsCancellationRequested)
        {
            error = "cancelled by the client"; // the engine stops, too: its request is gone with ours
        }
        finally
        {
            Reply? reply = recorder.Read();
            await entry.EndAsync(reply, error);
            if (reply is not null)
                LogReply(logger, lease.Specification.Alias, reply.Usage?.CompletionTokens ?? reply.Timings?.PredictedN ?? 0, time.GetElapsedTime(clock).TotalSeconds, reply.FinishReason ?? error ?? "cut off");
        }
    }

    /// <summary>Returns why the reply is cut off; null for a whole one.</summary>
    private async Task<string?> PassAsync(HttpContext http, byte[] body, ReplyRecorder recorder, LogEntry entry, EngineLease lease)
    {
        CancellationToken cancellation = http.RequestAborted;
        EngineProcess engine = await lease.ProcessAsync(cancellation);
        using HttpRequestMessage upstream = EnginePass.Request("v1/chat/completions", body);
        try
        {
            using HttpResponseMessage reply = await engine.Client.SendAsync(upstream, HttpCompletionOption.ResponseHeadersRead, cancellation);
            EnginePass.CopyHead(reply, http.Response);
            using Stream stream = await reply.Content.ReadAsStreamAsync(cancellation);
            if (recorder.IsStreamed)
                await PassStreamAsync(http, stream, recorder, entry);
            else
                await PassWholeAsync(http, stream, recorder, entry);
            return null;
        }
        catch (Exception e) when (e is HttpRequestException or IOException && !cancellation.IsCancellationRequested)
        {
            LogEngineLost(logger, lease.Specification.Alias, e.Message);
            await EnginePass.ReportLostAsync(http);
            return "the engine stopped while it wrote";
        }
    }

    private static async Task PassStreamAsync(HttpContext http, Stream stream, ReplyRecorder recorder, LogEntry entry)
    {
        byte[] buffer = new byte[BufferSize];
        while (await stream.ReadAsync(buffer, http.RequestAborted) is > 0 and int count)
        {
            recorder.Append(buffer.AsSpan(0, count));
            entry.Begin(recorder.CompletionId);
            if (recorder.IsComplete)
                await entry.EndAsync(recorder.Read(), error: null);
            await http.Response.Body.WriteAsync(buffer.AsMemory(0, count), http.RequestAborted);
        }
    }

    private static async Task PassWholeAsync(HttpContext http, Stream stream, ReplyRecorder recorder, LogEntry entry)
    {
        using var whole = new MemoryStream();
        await stream.CopyToAsync(whole, http.RequestAborted);
        ReadOnlyMemory<byte> bytes = whole.GetBuffer().AsMemory(0, (int)whole.Length);
        recorder.Append(bytes.Span);
        await entry.EndAsync(recorder.Read(), error: null);
        http.Response.ContentLength = bytes.Length;
        await http.Response.Body.WriteAsync(bytes, http.RequestAborted);
    }

    [LoggerMessage(3021, LogLevel.Debug, "{Alias} wrote {Tokens} tokens in {Seconds:0.00} s: {Reason}")]
    private static partial void LogReply(ILogger logger, string alias, int tokens, double seconds, string reason);

    [LoggerMessage(3020, LogLevel.Warning, "Engine {Alias} was lost during a request: {Reason}")]
    private static partial void LogEngineLost(ILogger logger, string alias, string reason);
}
