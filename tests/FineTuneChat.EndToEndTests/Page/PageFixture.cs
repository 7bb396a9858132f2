using System.Net.Http.Json;
using System.Text.Json;
using FineTuneChat.TestSupport;
using Microsoft.Playwright;

namespace FineTuneChat.EndToEndTests.Page;

/// <summary>One server with a random model and one browser for all tests of the page; each test has its own tab, storage and conversations.</summary>
public class PageFixture : IAsyncLifetime
{
    /// <summary>Tokens. A random model never ends its reply, so this is also how long its replies are.</summary>
    public const int Context = 8192;

    private const string Visible = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"; // other characters may be markup, markers never show
    private static int _replies;

    private readonly TemporaryFolder _folder = new();
    private IPlaywright? _playwright;
    private IBrowser? _browser;
    private ServerProcess? _server;
    private StubTeacher? _teacher;

    public ServerProcess Server => _server ?? throw new InvalidOperationException("There is no browser, so no server was started.");

    /// <summary>The server's teacher: the test says what it replies.</summary>
    internal StubTeacher Teacher => _teacher ?? throw new InvalidOperationException("There is no browser, so no teacher was started.");

    /// <summary>
    /// Biases under which a reply is of two letters or digits. A random model writes one token again and again: of the next thirty replies each has two
    /// others, so no two of them are alike.
    /// </summary>
    internal static Dictionary<string, int> NextLetters() =>
        Visible.Chunk(2).ElementAt(Interlocked.Increment(ref _replies) % (Visible.Length / 2)).ToDictionary(letter => $"{(int)letter}", _ => 100);

    public virtual async Task InitializeAsync()
    {
        if (BrowserProgram.Path is not null)
            await StartAsync(_folder);
    }

    /// <summary>Starts server and browser.</summary>
    /// <param name="folder">For the model and the data.</param>
    /// <param name="settings">Beside the usual ones.</param>
    protected async Task StartAsync(TemporaryFolder folder, params (string Key, string Value)[] settings)
    {
        string model = RandomModel.Write(folder["random.gguf"], new RandomModelShape(Context: Context));
        _teacher = await StubTeacher.StartAsync();
        _server = await ServerProcess.StartAsync(
            model, folder["data"],
            [
                ("Engine:Threads", "1"), ("Retraining:Threads", "1"), ("Retraining:Rewordings", "0"), ("Embedding:Enabled", "false"),
                .. _teacher.Settings, .. settings,
            ]);
        Assertions.SetDefaultExpectTimeout(Patience.LimitMs);
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new() { ExecutablePath = BrowserProgram.Path, Args = BrowserProgram.Arguments });
    }

    public virtual async Task DisposeAsync()
    {
        if (_browser is not null)
            await _browser.DisposeAsync();
        _playwright?.Dispose();
        if (_server is not null)
            await _server.DisposeAsync();
        if (_teacher is not null)
            await _teacher.DisposeAsync();
        _folder.Dispose();
    }

    /// <summary>Opens the page in a browser that has never seen it.</summary>
    /// <param name="view">The part of the address behind the host, such as <c>#/learning</c>.</param>
    /// <param name="configure">Changes the browser's settings.</param>
    internal async Task<ChatPage> OpenAsync(string view = "", Action<BrowserNewContextOptions>? configure = null)
    {
        var options = new BrowserNewContextOptions
        {
            BaseURL = Server.Address.ToString(),
            Locale = "en-US",
            ColorScheme = ColorScheme.Light,
            ReducedMotion = ReducedMotion.Reduce, // colours are measured while nothing fades
            ServiceWorkers = ServiceWorkerPolicy.Block, // what a worker answers, no test can delay or refuse
            ViewportSize = new() { Width = 1280, Height = 800 },
        };
        configure?.Invoke(options);
        IBrowserContext context = await _browser!.NewContextAsync(options);
        context.SetDefaultTimeout(Patience.LimitMs);
        var page = new ChatPage(context);
        await page.OpenAsync(view);
        return page;
    }

    /// <summary>A short exchange, through the API: what a test needs that is about something else.</summary>
    internal async Task<(string Conversation, string Completion)> ExchangeAsync(string question, int tokens = 8)
    {
        string conversation = Guid.NewGuid().ToString();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions")
        {
            Content = JsonContent.Create(
                new { model = "assistant", max_tokens = tokens, logit_bias = NextLetters(), messages = new[] { new { role = "user", content = question } } }),
            Headers = { { "X-Conversation-Id", conversation } },
        };
        using HttpResponseMessage response = await Server.Client.SendAsync(request);
        response.EnsureSuccessStatusCode();
        var reply = await response.Content.ReadFromJsonAsync<CompletionId>();
        return (conversation, reply!.Id);
    }

    /// <summary>What the base is said to have replied to a general question: a random model says nothing that could be measured on.</summary>
    internal void PretendReference(string prompt, string reply) =>
        GeneralReplies.Pretend(_folder["data"], _folder["random.gguf"], JsonSerializer.Serialize(new { prompt, reply, use = "regression" }));

    /// <summary>Conversations from a file, through the API.</summary>
    internal async Task ImportAsync(object conversations)
    {
        using HttpResponseMessage response = await Server.Client.PostAsJsonAsync("/api/conversations/import", conversations);
        response.EnsureSuccessStatusCode();
    }

    internal async Task RateAsync(string completion, string rating, string? correction = null)
    {
        using HttpResponseMessage response = await Server.Client.PostAsJsonAsync("/api/feedback", new { completion_id = completion, rating, correction });
        response.EnsureSuccessStatusCode();
    }

    private sealed record CompletionId(string Id);
}

[CollectionDefinition(Name)]
public sealed class PageTests : ICollectionFixture<PageFixture>
{
    public const string Name = "Page";
}
