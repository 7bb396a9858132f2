using System.Globalization;
using System.Net.Sockets;
using System.Text;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Tests.Gateway.Fuzz;

/// <summary>HTTP/1.1 over a socket, with nothing between the test and the bytes: also what no client would send.</summary>
internal sealed class RawConnection(Uri server) : IDisposable
{

    private readonly byte[] _buffer = new byte[1 << 16];
    private Socket? _socket;
    private int _start, _end;

    /// <param name="request">The bytes of one request.</param>
    /// <param name="endsThere">Whether no more will be sent: also less than the request promises is then all.</param>
    /// <returns>The answer; null when the server closed the connection without one.</returns>
    /// <exception cref="TimeoutException">There is none.</exception>
    public async Task<RawAnswer?> SendAsync(ReadOnlyMemory<byte> request, bool endsThere)
    {
        bool isReused = _socket is not null;
        try
        {
            return await ExchangeAsync(request, endsThere);
        }
        catch (Exception e) when (e is SocketException or EndOfStreamException)
        {
            Close();
            if (!isReused)
                return null;
        }
        return await SendAsync(request, endsThere); // the server had closed it after the answer before
    }

    private async Task<RawAnswer?> ExchangeAsync(ReadOnlyMemory<byte> request, bool endsThere)
    {
        if (_socket is null)
        {
            _socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await _socket.ConnectAsync(server.Host, server.Port);
        }
        using var patience = new CancellationTokenSource(Patience.Limit);
        try
        {
            await WriteAsync(request, patience.Token);
            if (endsThere)
                _socket.Shutdown(SocketShutdown.Send);
            RawAnswer answer = await ReadAsync(hasBody: !request.Span.StartsWith("HEAD "u8), patience.Token);
            if (endsThere || answer.Closes)
                Close();
            return answer;
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"No answer in {Patience.Limit.TotalSeconds} s.");
        }
    }

    /// <summary>The server may answer before it has everything, and close.</summary>
    private async Task WriteAsync(ReadOnlyMemory<byte> request, CancellationToken cancellation)
    {
        try
        {
            for (int sent = 0; sent < request.Length;)
                sent += await _socket!.SendAsync(request[sent..], SocketFlags.None, cancellation);
        }
        catch (SocketException)
        {
        }
    }

    private async Task<RawAnswer> ReadAsync(bool hasBody, CancellationToken cancellation)
    {
        string status = await LineAsync(cancellation);
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        while (await LineAsync(cancellation) is { Length: > 0 } header)
            headers[header[..header.IndexOf(':', StringComparison.Ordinal)]] = header[(header.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim();
        int code = int.Parse(status.Split(' ')[1], CultureInfo.InvariantCulture);
        if (code == 100)
            return await ReadAsync(hasBody, cancellation);

        using var body = new MemoryStream();
        if (!hasBody || code is 204 or 304)
        {
        }
        else if (headers.TryGetValue("Content-Length", out string? length))
        {
            await CopyAsync(body, int.Parse(length, CultureInfo.InvariantCulture), cancellation);
        }
        else if (headers.GetValueOrDefault("Transfer-Encoding") == "chunked")
        {
            while (int.Parse(await LineAsync(cancellation), NumberStyles.HexNumber, CultureInfo.InvariantCulture) is > 0 and int chunk)
            {
                await CopyAsync(body, chunk, cancellation);
                await LineAsync(cancellation);
            }
            await LineAsync(cancellation);
        }
        return new RawAnswer(
            code, headers.GetValueOrDefault("Content-Type", ""), hasBody ? body.ToArray() : null, headers.GetValueOrDefault("Connection") == "close");
    }

    private async Task<string> LineAsync(CancellationToken cancellation)
    {
        var line = new StringBuilder();
        while (true)
        {
            await FillAsync(cancellation);
            byte next = _buffer[_start++];
            if (next == '\n')
                return line.ToString().TrimEnd('\r');
            line.Append((char)next);
        }
    }

    private async Task CopyAsync(MemoryStream target, int count, CancellationToken cancellation)
    {
        while (count > 0)
        {
            await FillAsync(cancellation);
            int part = Math.Min(count, _end - _start);
            target.Write(_buffer, _start, part);
            _start += part;
            count -= part;
        }
    }

    private async Task FillAsync(CancellationToken cancellation)
    {
        if (_start < _end)
            return;
        _start = 0;
        _end = await _socket!.ReceiveAsync(_buffer, SocketFlags.None, cancellation);
        if (_end == 0)
            throw new EndOfStreamException();
    }

    private void Close()
    {
        _socket?.Dispose();
        _socket = null;
        (_start, _end) = (0, 0);
    }

    public void Dispose() => Close();
}

/// <param name="Status">HTTP's.</param>
/// <param name="ContentType">As it was sent.</param>
/// <param name="Body">Whole; null where HTTP allows none.</param>
/// <param name="Closes">Whether the server closes the connection.</param>
internal sealed record RawAnswer(int Status, string ContentType, byte[]? Body, bool Closes)
{
    public string Text => Encoding.UTF8.GetString(Body ?? []);
}
