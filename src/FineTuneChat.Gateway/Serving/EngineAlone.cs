using FineTuneChat.Gateway.Models;
using FineTuneChat.Gateway.Processes;
using FineTuneChat.Protocol.Configuration;

namespace FineTuneChat.Gateway.Serving;

/// <summary>An engine for one model without a gateway, for as long as a verb needs it.</summary>
internal sealed class EngineAlone : IAsyncDisposable
{
    private readonly EngineProcess _process;
    private readonly SocketFolder _sockets;

    private EngineAlone(EngineProcess process, SocketFolder sockets) => (_process, _sockets) = (process, sockets);

    public HttpClient Client => _process.Client;

    /// <exception cref="EngineException">It does not start.</exception>
    public static async Task<EngineAlone> StartAsync(LocalModel model, EngineSettings settings, ILogger logger, CancellationToken cancellation)
    {
        var sockets = new SocketFolder();
        try
        {
            var engine = new EngineSpecification(model.Name, model.Path, AdapterPath: null, Version: null);
            return new(await EngineProcess.StartAsync(engine, settings, sockets.Path, logger, cancellation), sockets);
        }
        catch
        {
            sockets.Dispose();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        _sockets.Dispose();
    }
}
