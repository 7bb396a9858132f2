using System.Diagnostics;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace FineTuneChat.Benchmarks.Scale;

/// <summary>
/// An OpenAI server that computes nothing, in a process of its own: what is measured in front of it is the way there. Streams begin and never end.
/// </summary>
internal sealed class UpstreamStub : IAsyncDisposable
{
    /// <summary>The word with which the benchmarks are this server.</summary>
    public const string Verb = "scale-stub";

    private const string Listening = "stub at ";

    private static readonly byte[] Whole = Encoding.UTF8.GetBytes(
        """
        {"id":"far-1","object":"chat.completion","created":1,"model":"stub","choices":[{"index":0,"message":{"role":"assistant","content":"Yes."},"finish_reason":"stop"}],
        "usage":{"prompt_tokens":5,"completion_tokens":2,"total_tokens":7}}
        """);

    private static readonly byte[] First = Encoding.UTF8.GetBytes(
        "data: {\"id\":\"far-1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"stub\",\"choices\":[{\"index\":0,"
        + "\"delta\":{\"role\":\"assistant\",\"content\":\"Yes\"},\"finish_reason\":null}]}\n\n");

    private readonly Process _process;

    private UpstreamStub(Process process, string address) => (_process, Address) = (process, address);

    public string Address { get; }

    /// <summary>Starts one and returns it when it listens.</summary>
    public static async Task<UpstreamStub> StartAsync()
    {
        var start = new ProcessStartInfo("dotnet", ["exec", typeof(UpstreamStub).Assembly.Location, Verb]) { RedirectStandardOutput = true };
        Process process = Process.Start(start)!;
        while (await process.StandardOutput.ReadLineAsync() is { } line)
            if (line.StartsWith(Listening, StringComparison.Ordinal))
                return new UpstreamStub(process, line[Listening.Length..]);
        throw new InvalidOperationException("The stub ended before it listened.");
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    /// <summary>Serves until the process is ended.</summary>
    public static async Task<int> ServeAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        await using WebApplication app = builder.Build();
        app.MapGet("/v1/models", (HttpContext http) => WriteAsync(http, """{"object":"list","data":[{"id":"stub","object":"model"}]}"""u8.ToArray()));
        app.MapPost("/v1/chat/completions", AnswerAsync);
        await app.StartAsync();
        Console.WriteLine(Listening + app.Urls.First());
        await app.WaitForShutdownAsync();
        return 0;
    }

    private static async Task AnswerAsync(HttpContext http)
    {
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body, http.RequestAborted);
        if (body.GetBuffer().AsSpan(0, (int)body.Length).IndexOf("\"stream\":true"u8) < 0)
        {
            await WriteAsync(http, Whole);
            return;
        }
        http.Response.ContentType = "text/event-stream";
        await http.Response.Body.WriteAsync(First, http.RequestAborted);
        await http.Response.Body.FlushAsync(http.RequestAborted);
        var left = new TaskCompletionSource();
        await using CancellationTokenRegistration registration = http.RequestAborted.Register(left.SetResult);
        await left.Task;
    }

    private static ValueTask WriteAsync(HttpContext http, byte[] json)
    {
        http.Response.ContentType = "application/json";
        http.Response.ContentLength = json.Length;
        return http.Response.Body.WriteAsync(json, http.RequestAborted);
    }
}
