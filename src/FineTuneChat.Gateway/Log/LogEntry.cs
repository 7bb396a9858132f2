using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Log;

/// <summary>
/// One request's entry in the log. It is written before the client sees the reply's end: a reply that was read to its end is in the history, even after a
/// power cut. A client learns the reply's id earlier, and may rate it at once: the rating then waits for the entry.
/// </summary>
/// <param name="log">Where it is written.</param>
/// <param name="isStreamed">Whether the reply comes in events.</param>
/// <param name="exchange">What is written for a reply.</param>
internal sealed class LogEntry(ExchangeLog log, bool isStreamed, Func<Reply, Exchange> exchange)
{
    private readonly ReplyRecorder _recorder = new(isStreamed);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private string? _id;

    public bool IsStreamed => isStreamed;

    /// <summary>What came of the reply; null until it ended, and where nothing came that can be named.</summary>
    public Reply? Reply { get; private set; }

    /// <summary>Why the reply is cut off, if it is.</summary>
    public string? Error { get; private set; }

    /// <summary>Takes a part of the reply, before the client gets it. With the last one the entry is written.</summary>
    /// <exception cref="OpenAiException">507: it could not be written. The client must not take the reply for one that is kept.</exception>
    public async ValueTask SeeAsync(ReadOnlyMemory<byte> part)
    {
        _recorder.Append(part.Span);
        Announce();
        if (_recorder.IsComplete)
            await EndAsync();
    }

    /// <summary>The reply will not come to its end.</summary>
    public void CutOff(string reason) => Error = reason;

    /// <summary>Writes what came, unless it is written. Call it whatever happened.</summary>
    /// <exception cref="OpenAiException">507: it could not be written.</exception>
    public async Task EndAsync()
    {
        if (_ended.Task.IsCompleted)
            return;
        Reply = _recorder.Read();
        try
        {
            if (Reply is not null && exchange(Reply) is { Request.Store: not false } whole)
                await log.WriteAsync(whole with { Error = Error });
        }
        finally
        {
            _ended.SetResult();
            if (_id is not null)
                log.End(_id);
        }
    }

    /// <summary>Once the reply's id is known, and before the client can know it.</summary>
    private void Announce()
    {
        if (_id is null && _recorder.CompletionId is { } id)
            log.Begin(_id = id, _ended.Task);
    }
}
