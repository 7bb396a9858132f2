using System.Runtime;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.OpenAi;
using FineTuneChat.Protocol.Processes;
using Microsoft.Extensions.Logging.Console;

namespace FineTuneChat.Embedder;

/// <summary>The embedder process: one small model on a Unix socket that only its user can open.</summary>
internal static class EmbedderHost
{
    private const long MaxBody = 16 << 20; // bytes; the gateway's limit

    /// <param name="socket">Where it listens.</param>
    /// <param name="threads">Compute threads.</param>
    /// <param name="supervised">End when standard input closes: the parent is gone.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="UserException">The model cannot be loaded here, or the socket cannot be used.</exception>
    public static async Task<int> RunAsync(string socket, int threads, bool supervised, CancellationToken cancellation)
    {
        await UnixSocket.PrepareAsync(socket);
        using MiniLm model = MiniLm.Load(threads);
        GCSettings.LargeObjectHeapCompactionMode = GCLargeObjectHeapCompactionMode.CompactOnce;
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true); // the file's copy: the library has its own

        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new());
        builder.Services.AddRoutingCore().AddSingleton(model);
        builder.Logging.AddSimpleConsole(console => console.SingleLine = true).SetMinimumLevel(LogLevel.Warning);
        builder.Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.WebHost.UseKestrelCore().UseSockets(UnixSocket.RestrictToUser).ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = MaxBody;
            kestrel.AddServerHeader = false;
            kestrel.ListenUnixSocket(socket);
        });
        await using WebApplication app = builder.Build();
        app.UseOpenAiErrors();
        app.MapPost("/v1/embeddings", EmbeddingsEndpoint.HandleAsync);
        app.MapGet("/health", () => Results.Text("ok"));
        await app.StartAsync(cancellation);
        Console.WriteLine($"serving {MiniLmFacts.Name} at {socket}");
        await Task.WhenAny(app.WaitForShutdownAsync(cancellation), supervised ? ParentWatch.GoneAsync() : Task.Delay(Timeout.Infinite, CancellationToken.None));
        return 0;
    }
}
