namespace FineTuneChat.Gateway.Tools.Servers;

/// <summary>What a server writes, in messages that may only be so long: one that never ends would fill the memory.</summary>
/// <param name="inner">The server's.</param>
/// <param name="most">Bytes of a message.</param>
/// <param name="byLine">Whether a message is a line, as programs write them; otherwise it is all that there is.</param>
/// <param name="tooLong">Is told of a message that is longer: who reads may keep that to itself.</param>
internal sealed class BoundedMessages(Stream inner, int most, bool byLine, Action<ToolServerException>? tooLong = null) : Stream
{
    private int _length;

    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => throw new NotSupportedException();
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int count = await inner.ReadAsync(buffer, cancellationToken);
        ReadOnlySpan<byte> rest = buffer.Span[..count];
        for (int end; byLine && (end = rest.IndexOf((byte)'\n')) >= 0; _length = 0)
        {
            Require(_length + end);
            rest = rest[(end + 1)..];
        }
        Require(_length += rest.Length);
        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    public override void Flush() => throw new NotSupportedException();
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private void Require(int length)
    {
        if (length <= most)
            return;
        var problem = new ToolServerException($"It sent a message of more than {most >> 20} MiB.");
        tooLong?.Invoke(problem);
        throw problem;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            inner.Dispose();
        base.Dispose(disposing);
    }
}
