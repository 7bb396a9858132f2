using FineTuneChat.Gateway.Processes;
using FineTuneChat.Protocol.Configuration;
using FineTuneChat.Protocol.Processes;

namespace FineTuneChat.Gateway.Serving;

/// <summary>Starts an engine's process with one model file loaded.</summary>
internal static partial class ModelProcess
{
    /// <summary>Starts one and returns it when it listens: its model is loaded.</summary>
    /// <exception cref="EngineException">It ended, or was not ready in time.</exception>
    public static async Task<SocketProcess> StartAsync(
        EngineSpecification engine, EngineSettings settings, string socketFolder, ILogger logger, Action<double> progress, CancellationToken cancellation)
    {
        try
        {
            return await SocketProcess.StartAsync(
                Arguments(engine, settings), socketFolder, TimeSpan.FromSeconds(settings.StartTimeoutSeconds),
                line =>
                {
                    if (EngineLines.LoadingOf(line) is { } share)
                        progress(share);
                    else
                        LogChoice(logger, engine.Alias, line);
                },
                line => LogOutput(logger, engine.Alias, line), cancellation);
        }
        catch (SocketProcessException e)
        {
            throw new EngineException(e.IsForTheUser ? e.Message : $"The engine for {engine.Alias} did not start: {e.Message}");
        }
        catch (TimeoutException)
        {
            throw EngineException.NotReady(engine, settings);
        }
    }

    /// <summary>The base alone: adapters come and go while it runs, and are named by those who ask for them.</summary>
    private static IEnumerable<string> Arguments(EngineSpecification engine, EngineSettings settings) =>
    [
        "engine", "--model", engine.ModelPath, .. engine.AdapterPath is null ? (string[])["--alias", engine.Alias] : [],
        .. OptionTable.Arguments(engine.Options?.Over(settings) ?? settings),
    ];

    /// <summary>Standard output has a few lines: what was loaded, and how.</summary>
    [LoggerMessage(3009, LogLevel.Information, "{Alias}: {Line}")]
    private static partial void LogChoice(ILogger logger, string alias, string line);

    [LoggerMessage(3001, LogLevel.Debug, "{Alias}: {Line}")]
    private static partial void LogOutput(ILogger logger, string alias, string line);
}
