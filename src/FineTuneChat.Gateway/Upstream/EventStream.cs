namespace FineTuneChat.Gateway.Upstream;

/// <summary>Parts that come one after the other, as a stream to read from. The enumerator stands at the first one.</summary>
/// <param name="parts">None is empty.</param>
/// <param name="reading">Told who waits for the next one.</param>
/// <param name="held">What is given back at the end.</param>
internal sealed class EventStream(IAsyncEnumerator<byte[]> parts, Reading reading, IReadOnlyList<IDisposable> held) : Stream
{
    private ReadOnlyMemory<byte> _rest = parts.Current;
    private bool _isOver;

    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => throw new NotSupportedException();
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <exception cref="Protocol.OpenAi.OpenAiException">The upstream was lost: no other can go on with this reply.</exception>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            if (_rest.IsEmpty && !_isOver)
            {
                reading.Cancellation = cancellationToken;
                _isOver = !await parts.MoveNextAsync();
                _rest = _isOver ? default : parts.Current;
            }
        }
        catch (ReplicaException e)
        {
            throw e.Error;
        }
        int count = Math.Min(buffer.Length, _rest.Length);
        _rest[..count].CopyTo(buffer);
        _rest = _rest[count..];
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("It is read asynchronously.");

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
        // nothing is written
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            foreach (IDisposable each in held)
                each.Dispose();
        base.Dispose(disposing);
    }
}

/// <summary>Who waits for the next part: the request's own token ends with its head.</summary>
internal sealed class Reading
{
    public CancellationToken Cancellation { get; set; }
}
