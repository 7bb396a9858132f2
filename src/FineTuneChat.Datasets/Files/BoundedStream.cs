namespace FineTuneChat.Datasets.Files;

/// <summary>What is unpacked from a file, up to a limit: a few kilobytes can stand for terabytes.</summary>
internal sealed class BoundedStream(Stream unpacked, long limit) : Stream
{
    private long _read;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => _read;
        set => throw new NotSupportedException();
    }

    public override int Read(Span<byte> buffer)
    {
        int count = unpacked.Read(buffer);
        if ((_read += count) > limit)
            throw new InvalidDataException($"it has more than {limit:N0} bytes when unpacked, which is all that is allowed; split the file.");
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            unpacked.Dispose();
        base.Dispose(disposing);
    }
}
