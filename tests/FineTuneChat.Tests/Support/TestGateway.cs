using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using FineTuneChat.Gateway;
using FineTuneChat.Gateway.Learning.Versions;
using FineTuneChat.Gateway.Log;
using FineTuneChat.Gateway.Serving;
using FineTuneChat.Gateway.Storage;
using FineTuneChat.TestSupport;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace FineTuneChat.Tests.Support;

/// <summary>A real gateway in this process: Kestrel on a free port, its own data folder, a random model as its base.</summary>
internal sealed class TestGateway : IAsyncDisposable
{
    /// <summary>A model, and a number of tokens, for replies that are still being written when something happens to them.</summary>
    public static readonly RandomModelShape LongContext = new(Context: 8192);
    public const int Endless = 8000;

    private readonly TemporaryFolder _folder;
    private readonly bool _ownsFolder;

    private TestGateway(WebApplication app, TemporaryFolder folder, bool ownsFolder)
    {
        App = app;
        _folder = folder;
        _ownsFolder = ownsFolder;
        Client = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
    }

    public WebApplication App { get; }
    public HttpClient Client { get; }
    /// <summary>Of the first assistant.</summary>
    public VersionStore Versions => Get<AssistantRegistry>().First.Versions;

    public T Get<T>() where T : notnull => App.Services.GetRequiredService<T>();

    public static Task<TestGateway> StartAsync(TemporaryFolder? folder = null, params (string Key, string Value)[] settings) =>
        StartAsync(folder, _ => { }, settings);

    /// <summary>For what needs no model: starts no engine and no runs.</summary>
    public static Task<TestGateway> StartWithoutEngineAsync(TemporaryFolder? folder = null, params (string Key, string Value)[] settings) =>
        StartAsync(folder, services => services.RemoveAll<IHostedService>(), settings);

    /// <summary>The same, on a clock of the test's own.</summary>
    public static Task<TestGateway> StartWithoutEngineAsync(TimeProvider time, params (string Key, string Value)[] settings) =>
        StartAsync(folder: null, services => services.RemoveAll<IHostedService>().AddSingleton(time), settings);

    /// <summary>The same, with services of the test's own.</summary>
    public static Task<TestGateway> StartWithoutEngineAsync(Action<IServiceCollection> customise, params (string Key, string Value)[] settings) =>
        StartAsync(folder: null, services => customise(services.RemoveAll<IHostedService>()), settings);

    /// <summary>Settings of a gateway whose database is in PostgreSQL: the folder's own, also when it starts again.</summary>
    public static (string Key, string Value)[] OnPostgres(TemporaryFolder folder) =>
        [("Storage:Provider", StorageProvider.Postgres), ("Storage:ConnectionString", PostgresCluster.DatabaseOf(folder.Path))];

    private static async Task<TestGateway> StartAsync(
        TemporaryFolder? folder, Action<IServiceCollection> customise, params (string Key, string Value)[] settings)
    {
        TemporaryFolder own = folder ?? new TemporaryFolder();
        string model = own["random.gguf"];
        if (!File.Exists(model))
            RandomModel.Write(model);
        var overrides = new Dictionary<string, string?>
        {
            ["Server:Urls"] = "http://127.0.0.1:0",
            ["Storage:Folder"] = own["data"],
            ["Models:Folder"] = own.Path,
            ["Models:Base"] = "random",
            ["Retraining:Threads"] = "1",
            ["Engine:Threads"] = "1", // waiting threads spin; tests share few cores
            ["Retraining:Automatic"] = "false", // tests say when
            ["Embedding:Enabled"] = "false", // a process more, which few tests need
            ["Retraining:Rewordings"] = "0", // a random model has no words for it
        };
        if (Environment.GetEnvironmentVariable("FTC_STORAGE") == StorageProvider.Postgres) // all of them: CONTRIBUTING.md
            foreach ((string key, string value) in OnPostgres(own))
                overrides[key] = value;
        foreach ((string key, string value) in settings)
            overrides[key] = value;
        WebApplication app = await GatewayHost.BuildAsync(overrides, customise);
        await app.StartAsync();
        GeneralReplies.Pretend(own["data"], model);
        return new TestGateway(app, own, ownsFolder: folder is null);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await App.StopAsync();
        await App.DisposeAsync();
        if (_ownsFolder)
            _folder.Dispose();
    }

    /// <summary>Logs an exchange as if an engine had answered.</summary>
    public async Task<string> LogAsync(
        string question, string answer, string? conversation = null, string? finish = "stop", params (string Role, string Content)[] history)
    {
        string id = $"chatcmpl-{Guid.NewGuid():N}";
        await Get<ExchangeLog>().WriteAsync(Exchanges.Of(id, [.. history, ("user", question)], answer, conversation, finish));
        return id;
    }

    /// <summary>Waits for the engine, then gives the gateway.</summary>
    public async Task<TestGateway> ReadyAsync()
    {
        await Eventually.TrueAsync(async () => (await Client.GetAsync("/health")).IsSuccessStatusCode);
        return this;
    }

    public static async Task<TestGateway> StartReadyAsync(TemporaryFolder? folder = null, params (string Key, string Value)[] settings) =>
        await (await StartAsync(folder, settings)).ReadyAsync();

    /// <summary>A chat request without streaming.</summary>
    public Task<(int Status, JsonNode Body)> ChatAsync(string text, string model = "assistant", int maxTokens = 8) =>
        PostAsync("/v1/chat/completions", new { model, messages = new[] { new { role = "user", content = text } }, max_tokens = maxTokens, temperature = 0 });

    /// <summary>Opens a streamed chat; the answer's headers are there when it returns.</summary>
    public async Task<HttpResponseMessage> StreamAsync(string text, int maxTokens, CancellationToken cancellation = default, string? conversation = null)
    {
        var body = new
        {
            model = "assistant",
            messages = new[] { new { role = "user", content = text } },
            max_tokens = maxTokens,
            stream = true,
            ignore_eos = true,
        };
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions")
        {
            Content = new StringContent(JsonSerializer.Serialize(body), Encoding.UTF8, "application/json"),
        };
        if (conversation is not null)
            request.Headers.Add("X-Conversation-Id", conversation);
        return await Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
    }

    public async Task<JsonNode> GetJsonAsync(string path) => JsonNode.Parse(await Client.GetStringAsync(path))!;

    public Task<(int Status, JsonNode Body)> PostAsync(string path, object body) => SendAsync(HttpMethod.Post, path, body);

    public async Task<(int Status, JsonNode Body)> SendAsync(HttpMethod method, string path, object? body = null)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
            request.Content = new StringContent(body as string ?? JsonSerializer.Serialize(body), Encoding.UTF8, "application/json");
        using HttpResponseMessage response = await Client.SendAsync(request);
        return ((int)response.StatusCode, JsonNode.Parse(await response.Content.ReadAsStringAsync())!);
    }

    /// <summary>Whether the answer is an error in OpenAI's shape, whole.</summary>
    public static void AssertOpenAiError(JsonNode body, string code)
    {
        JsonObject error = body["error"]!.AsObject();
        Assert.Equal(code, (string?)error["code"]);
        Assert.False(string.IsNullOrWhiteSpace((string?)error["message"]));
        Assert.NotNull((string?)error["type"]);
        Assert.True(error.ContainsKey("param"));
    }
}
