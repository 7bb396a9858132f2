namespace FineTuneChat.Gateway.Models.Hub;

/// <summary>The beginning of a file whose rest is elsewhere. Reading beyond it is an <see cref="EndOfStreamException"/>, no end of the file.</summary>
internal sealed class BeginningStream(byte[] beginning, long length) : Stream
{
    private int _position;

    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;

    /// <summary>Of the whole file.</summary>
    public override long Length => length;

    public override long Position { get => _position; set => throw new NotSupportedException(); }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        if (buffer.Length > 0 && _position == beginning.Length && _position < length)
            throw new EndOfStreamException($"The header is longer than the {beginning.Length} bytes that were read.");
        int read = Math.Min(buffer.Length, beginning.Length - _position);
        beginning.AsSpan(_position, read).CopyTo(buffer);
        _position += read;
        return read;
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
