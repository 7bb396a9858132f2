using FineTuneChat.Engine.Loading;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.Configuration;
using FineTuneChat.Protocol.OpenAi;
using FineTuneChat.Protocol.Processes;
using FineTuneChat.Protocol.Telemetry;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging.Console;

namespace FineTuneChat.Engine;

/// <summary>The engine process: one model's OpenAI server, on a Unix socket or a loopback address.</summary>
internal static partial class EngineHost
{
    private const long MaxBody = 16 << 20; // bytes; the gateway's limit
    private static readonly TimeSpan Drain = TimeSpan.FromSeconds(30); // what running replies get when the process is asked to end

    /// <exception cref="UserException">The model or the address cannot be used.</exception>
    public static async Task<int> RunAsync(EngineStart start, CancellationToken cancellation)
    {
        RequireLoopback(start);
        if (start.Socket is { } path)
            await UnixSocket.PrepareAsync(path);

        using ILoggerFactory logs = CreateLogs();
        var loader = new ModelLoader(start, TimeProvider.System, logs);
        await using ServedModel model = loader.Load();

        // no files of settings: watching their folder costs more than loading a small model
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new());
        builder.Services.AddRoutingCore().AddSingleton(logs).AddSingleton(TimeProvider.System).AddSingleton(model).AddSingleton(model.Adapters);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = Drain);
        builder.AddTelemetry("engine");
        Listen(builder, start);

        await using WebApplication app = builder.Build();
        app.UseOpenAiErrors();
        if (start.Socket is null)
            app.UseHostFiltering(); // a web page must not reach it by a name of its own
        app.MapEngine();
        await StartAsync(app, start, cancellation);
        foreach (string line in loader.Description)
            Console.WriteLine(line);
        Console.WriteLine($"serving {model.Alias} at {start.Socket ?? start.Url}");
        return await RunUntilTheEndAsync(app, model, start, cancellation);
    }

    /// <summary>To standard error; standard output has what is served, and nothing else. A host that cannot start says so by an exception.</summary>
    private static ILoggerFactory CreateLogs() => LoggerFactory.Create(logging =>
    {
        logging.AddSimpleConsole(console => console.SingleLine = true);
        logging.Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        logging.AddFilter("Microsoft", LogLevel.Warning).AddFilter("Microsoft.Extensions.Hosting", LogLevel.None);
        logging.AddFilter("llama.cpp", LogLevel.Error); // it warns of a cache longer than the trained context, which no single request can use
    });

    private static void Listen(WebApplicationBuilder builder, EngineStart start)
    {
        builder.WebHost.UseKestrelCore().UseSockets(UnixSocket.RestrictToUser);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = MaxBody;
            kestrel.AddServerHeader = false;
            if (start.Socket is { } path)
                kestrel.ListenUnixSocket(path);
        });
        if (start.Socket is not null)
            return;
        builder.WebHost.UseUrls(start.Url);
        builder.Services.AddHostFiltering(hosts => hosts.AllowedHosts = ["localhost", "127.0.0.1", "[::1]"]);
    }

    private static async Task StartAsync(WebApplication app, EngineStart start, CancellationToken cancellation)
    {
        try
        {
            await app.StartAsync(cancellation);
        }
        catch (IOException e) when (e.InnerException is AddressInUseException)
        {
            throw new UserException(
                $"{start.Socket ?? start.Url} is in use by another program. Stop it, or choose another address with --urls or --socket.", e);
        }
        catch (IOException e)
        {
            throw new UserException($"Cannot listen on {start.Socket ?? start.Url}: {e.Message}", e);
        }
    }

    /// <summary>Ends when asked to, when the parent is gone, or (with exit code 1) when the model fails.</summary>
    private static async Task<int> RunUntilTheEndAsync(WebApplication app, ServedModel model, EngineStart start, CancellationToken cancellation)
    {
        Task asked = app.WaitForShutdownAsync(cancellation);
        Task parentGone = start.Supervised ? ParentWatch.GoneAsync() : Task.Delay(Timeout.Infinite, CancellationToken.None);
        Task first = await Task.WhenAny(asked, parentGone, model.Engine.Completion);
        if (first == asked)
            return 0;
        if (first == model.Engine.Completion && model.Engine.Completion.Exception is { } failure)
            LogFailed(app.Services.GetRequiredService<ILogger<ServedModel>>(), failure.GetBaseException());
        using var now = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        await app.StopAsync(now.Token);
        return first == parentGone ? 0 : 1;
    }

    /// <summary>The engine asks nobody for a key: only this machine may reach it.</summary>
    private static void RequireLoopback(EngineStart start)
    {
        if (start.Socket is not null)
            return;
        if (!ListenAddress.Parse(start.Url).All(address => address is { IsLoopback: true, Scheme: "http" }))
            throw new UserException(
                $"The engine listens on this machine only, e.g. --urls {EngineStart.DefaultUrl}; '{start.Url}' is no such address. "
                + "For other machines use 'serve', which asks for keys.");
    }

    [LoggerMessage(2003, LogLevel.Critical, "the engine failed and ends")]
    private static partial void LogFailed(ILogger log, Exception error);
}
