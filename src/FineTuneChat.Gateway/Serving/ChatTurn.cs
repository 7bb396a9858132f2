using FineTuneChat.Gateway.Log;
using FineTuneChat.Protocol.OpenAi;
using FineTuneChat.Protocol.Telemetry;

namespace FineTuneChat.Gateway.Serving;

/// <summary>A chat request on its way: the engine that answers it, and its entry in the log. <see cref="ChatTurns"/> begins it.</summary>
internal sealed partial class ChatTurn(
    HttpContext http, ChatCompletionRequest request, EngineLease lease, ITalkFolding folding, TimeProvider time, ILogger<ChatTurn> logger) : IAsyncDisposable
{
    private readonly long _clock = time.GetTimestamp();
    private readonly ModelCall _call = ModelCall.OfClient(http, request.Model ?? lease.Specification.Alias, lease.Specification.Alias);

    /// <summary>It writes the whole reply, even when a swap comes in between.</summary>
    public EngineLease Lease => lease;

    public required LogEntry Entry { get; init; }

    /// <summary>Corrections that are put before the question.</summary>
    public required Recalled Recalled { get; init; }

    /// <summary>Passages of documents that are put before it.</summary>
    public required Retrieved Retrieved { get; init; }

    /// <summary>What the assistant that answers adds to a request; null: another local model answers.</summary>
    public required AssistantSettings? Assistant { get; init; }

    /// <summary>What the model does not see, because the talk has outgrown the context.</summary>
    public Fold Fold { get; private set; } = Fold.None;

    /// <summary>The client's request as the engine is to see it.</summary>
    /// <exception cref="OpenAiException">400: its last message alone is too long.</exception>
    public async Task<byte[]> CompleteAsync(byte[] body)
    {
        byte[] completed = Assistant?.PutInto(body) ?? body;
        Fold = await folding.FoldAsync(http, this, request, completed);
        if (Fold.Messages > 0)
            http.Response.Headers[Fold.Header] = Fold.HeaderValue;
        return Retrieved.PutInto(Recalled.PutInto(Fold.PutInto(completed)));
    }

    /// <summary>A whole reply as the client is to see it.</summary>
    public ReadOnlyMemory<byte> Mark(ReadOnlyMemory<byte> reply) => Recalled.Mark(Retrieved.Mark(reply));

    public TimeSpan Elapsed => time.GetElapsedTime(_clock);

    /// <summary>Logs what came of a reply that was cut off. When that fails no client is left to be told; it is in the server's log.</summary>
    public async ValueTask DisposeAsync()
    {
        Entry.CutOff(http.RequestAborted.IsCancellationRequested ? "cancelled by the client" : "the engine stopped while it wrote");
        try
        {
            await Entry.EndAsync();
        }
        catch (OpenAiException)
        {
        }
        lease.Dispose();
        EndCall(Entry.Reply);
        if (Entry.Reply is { } reply)
            LogReply(logger, lease.Specification.Alias, reply.Tokens, Elapsed.TotalSeconds, reply.FinishReason ?? Entry.Error ?? "cut off");
    }

    private void EndCall(Reply? reply)
    {
        if (reply?.FinishReason is null)
            _call.Fail(http.RequestAborted.IsCancellationRequested ? "cancelled" : reply is null ? "no_reply" : "cut_off");
        _call.EndOfClient(Elapsed, reply?.Usage, reply?.FinishReason);
        _call.Dispose();
    }

    [LoggerMessage(3021, LogLevel.Debug, "{Alias} wrote {Tokens} tokens in {Seconds:0.00} s: {Reason}")]
    private static partial void LogReply(ILogger logger, string alias, int tokens, double seconds, string reason);
}
