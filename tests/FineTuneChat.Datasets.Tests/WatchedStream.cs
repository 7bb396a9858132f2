namespace FineTuneChat.Datasets.Tests;

/// <summary>Counts how often and how much is read of it, and tells after each time.</summary>
internal sealed class WatchedStream(byte[] bytes, Action<int>? afterRead = null) : MemoryStream(bytes)
{
    public int Reads { get; private set; }

    public override int Read(Span<byte> buffer)
    {
        int read = base.Read(buffer);
        afterRead?.Invoke(++Reads);
        return read;
    }
}

internal static class Cancelling
{
    public static void CancelWhen(this CancellationTokenSource source, bool condition)
    {
        if (condition)
            source.Cancel();
    }
}
