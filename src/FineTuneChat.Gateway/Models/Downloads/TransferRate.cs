namespace FineTuneChat.Gateway.Models.Downloads;

/// <summary>Bytes of the last seconds: how fast it goes now.</summary>
internal sealed class TransferRate(TimeProvider time)
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(5);
    private readonly Queue<(long At, long Bytes)> _seen = [];

    /// <param name="bytes">All so far.</param>
    /// <returns>Bytes in a second; 0 while it is not known.</returns>
    public double Add(long bytes)
    {
        _seen.Enqueue((time.GetTimestamp(), bytes));
        while (_seen.Count > 2 && time.GetElapsedTime(_seen.Peek().At) > Window)
            _seen.Dequeue();
        double seconds = time.GetElapsedTime(_seen.Peek().At).TotalSeconds;
        return seconds > 0 ? (bytes - _seen.Peek().Bytes) / seconds : 0;
    }
}
