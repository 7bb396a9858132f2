namespace FineTuneChat.Datasets.Files;

/// <summary>
/// Ends the reading of a file when nobody waits for it any more, or when it takes too long. Asked at every row and at every read of the file.
/// </summary>
internal sealed class ReadingTime(TimeSpan limit, TimeProvider clock, CancellationToken cancellation)
{
    private readonly long _start = clock.GetTimestamp();

    /// <exception cref="OperationCanceledException">Whoever asked for the file has left.</exception>
    /// <exception cref="InvalidDataException">The time is over.</exception>
    public void Check()
    {
        cancellation.ThrowIfCancellationRequested();
        if (clock.GetElapsedTime(_start) > limit)
            throw new InvalidDataException($"it has been read for more than {limit.TotalSeconds:0} seconds, which is all that is allowed; split the file.");
    }
}
