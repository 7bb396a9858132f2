using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace FineTuneChat.Tests.Upstream;

/// <summary>A server elsewhere on which things go wrong that our own engine does not do: each test says what it answers to a chat request.</summary>
internal sealed class FakeUpstream : IAsyncDisposable
{
    public const string Whole =
        """{"id":"far-1","object":"chat.completion","created":1,"model":"far","choices":[{"message":{"content":"Ok."},"finish_reason":"eos"}]}""";

    /// <summary>A stream as many servers write it: with fields left out and others added.</summary>
    public const string Stream =
        """
        data: {"id":"far-1","created":1,"model":"far","choices":[{"index":0,"delta":{"role":"assistant","content":""}}]}

        data: {"id":"far-1","created":1,"model":"far","choices":[{"index":0,"delta":{"content":"O"},"finish_reason":null}],"x":1}

        data: {"id":"far-1","created":1,"model":"far","choices":[{"index":0,"delta":{"content":"k."},"finish_reason":"stop"}]}

        data: [DONE]


        """;

    private readonly WebApplication _app;

    private FakeUpstream(WebApplication app) => _app = app;

    public Uri Address => new(_app.Urls.First());

    /// <summary>Bodies of the chat requests, and the key that came with them.</summary>
    public ConcurrentQueue<(JsonNode Body, string Key)> Asked { get; } = [];

    /// <summary>What is answered to a chat request.</summary>
    public Func<HttpContext, Task> Answer { get; set; } = http => JsonAsync(http, 200, Whole);

    public static async Task<FakeUpstream> StartAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        WebApplication app = builder.Build();
        var fake = new FakeUpstream(app);
        app.MapGet("/v1/models", (HttpContext http) => JsonAsync(http, 200, """{"object":"list","data":[{"id":"far","object":"model"}]}"""));
        app.MapPost("/v1/chat/completions", async (HttpContext http) =>
        {
            fake.Asked.Enqueue(((await JsonNode.ParseAsync(http.Request.Body))!, http.Request.Headers.Authorization.ToString()));
            await fake.Answer(http);
        });
        await app.StartAsync();
        return fake;
    }

    public static Task JsonAsync(HttpContext http, int status, string body) => TextAsync(http, status, "application/json", body);

    public static Task TextAsync(HttpContext http, int status, string type, string body)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = type;
        return http.Response.WriteAsync(body);
    }

    /// <summary>So many bytes of a stream, then the connection is lost.</summary>
    public static async Task CutAsync(HttpContext http, int bytes)
    {
        http.Response.ContentType = "text/event-stream";
        await http.Response.WriteAsync(Stream[..bytes]);
        await http.Response.Body.FlushAsync();
        if (bytes < Stream.Length)
            http.Abort();
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
