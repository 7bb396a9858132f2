namespace FineTuneChat.Gateway.Log;

/// <summary>
/// One request's entry in the log. A client learns the reply's id before its end, and may rate it then: the rating waits for the entry.
/// It is written before the client sees the end: who has read a reply finds it in the history, even after a power cut.
/// </summary>
internal sealed class LogEntry(ExchangeLog log, Func<Reply, Exchange> exchange)
{
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private string? _id;

    /// <summary>Announces the reply, once its id is known and before the client can know it.</summary>
    public void Begin(string? completionId)
    {
        if (_id is not null || completionId is null)
            return;
        _id = completionId;
        log.Begin(completionId, _ended.Task);
    }

    /// <summary>Writes the entry; the first call counts.</summary>
    /// <param name="reply">Null when nothing that can be named came.</param>
    /// <param name="error">Why the reply is cut off, if it is.</param>
    public async Task EndAsync(Reply? reply, string? error)
    {
        if (_ended.Task.IsCompleted)
            return;
        if (reply is not null && exchange(reply) is { Request.Store: not false } whole)
            await log.WriteAsync(whole with { Error = error });
        _ended.SetResult();
        if (_id is not null)
            log.End(_id);
    }
}
