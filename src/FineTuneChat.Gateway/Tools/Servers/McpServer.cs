using System.Text.Json;

namespace FineTuneChat.Gateway.Tools.Servers;

/// <summary>
/// An MCP server, asked when it is needed: started or connected first, and again after it has ended. One that cannot be had is left in peace for a while, so
/// that it does not hold up every chat; one that hangs is stopped.
/// </summary>
internal sealed class McpServer(ToolServerSettings settings, ToolSettings limits, TimeProvider time) : IToolServer
{
    private readonly SemaphoreSlim _gate = new(1);
    private McpConnection? _connection;
    private ToolList? _list;
    private volatile bool _isListOld;
    private (DateTimeOffset At, string Problem)? _failed;

    public async Task<ToolList> ListAsync(CancellationToken cancellation) => (await OpenAsync(cancellation)).List;

    public async Task<ToolOutput> CallAsync(string tool, JsonElement arguments, CancellationToken cancellation)
    {
        McpConnection connection = (await OpenAsync(cancellation)).Connection;
        try
        {
            return await InTimeAsync(token => connection.CallAsync(tool, arguments, token), cancellation);
        }
        catch (ToolServerTimeoutException)
        {
            if (!await connection.AnswersAsync())
                await DropAsync(connection);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _gate.WaitAsync();
        try
        {
            await CloseAsync();
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>The session, and what the server has.</summary>
    private async Task<(McpConnection Connection, ToolList List)> OpenAsync(CancellationToken cancellation)
    {
        await _gate.WaitAsync(cancellation);
        try
        {
            if (_connection is { IsOpen: true } open && _list is not null && !_isListOld)
                return (open, _list);
            if (_failed is { } failed && time.GetUtcNow() - failed.At < ToolLimits.Rest)
                throw new ToolServerException(failed.Problem);
            if (_connection is { IsOpen: false })
                await CloseAsync();
            return await InTimeAsync(ConnectAsync, cancellation);
        }
        catch (ToolServerException e)
        {
            _failed ??= (time.GetUtcNow(), e.Message);
            await CloseAsync();
            throw;
        }
        finally
        {
            _gate.Release();
        }
    }

    private async Task<(McpConnection, ToolList)> ConnectAsync(CancellationToken cancellation)
    {
        _failed = null;
        _connection ??= await McpConnection.OpenAsync(settings, () => _isListOld = true, cancellation);
        _isListOld = false;
        _list = await _connection.ListAsync(settings.Name, limits.MaxTools, cancellation);
        return (_connection, _list);
    }

    /// <exception cref="ToolServerTimeoutException">It has taken too long.</exception>
    private async Task<T> InTimeAsync<T>(Func<CancellationToken, Task<T>> work, CancellationToken cancellation)
    {
        using var clock = new CancellationTokenSource(limits.CallTime, time);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation, clock.Token);
        try
        {
            return await work(patience.Token).WaitAsync(patience.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new ToolServerTimeoutException($"It has not answered within {limits.CallSeconds} s (Tools:CallSeconds).");
        }
    }

    private async Task DropAsync(McpConnection connection)
    {
        await _gate.WaitAsync();
        try
        {
            if (_connection == connection)
                await CloseAsync();
        }
        finally
        {
            _gate.Release();
        }
    }

    private async ValueTask CloseAsync()
    {
        (McpConnection? connection, _connection, _list) = (_connection, null, null);
        if (connection is not null)
            await connection.DisposeAsync();
    }
}
