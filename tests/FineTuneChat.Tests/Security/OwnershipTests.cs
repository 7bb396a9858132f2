using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using FineTuneChat.Gateway.Access;
using FineTuneChat.Gateway.Log;
using FineTuneChat.Tests.Support;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Tests.Security;

/// <summary>Other users' objects (CVE-2026-45349, CVE-2026-45671): with keys, each sees and changes what it has begun, and an admin's all of it.</summary>
public sealed class OwnershipTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private TestGateway _gateway = null!;
    private ApiKey _admin = null!, _ana = null!, _ben = null!;
    private string _completion = null!;

    public async Task InitializeAsync()
    {
        await using (TestGateway first = await TestGateway.StartWithoutEngineAsync(_folder))
        {
            await first.LogAsync("Before there were keys", "Yes.", "local");
            _admin = await first.Get<ApiKeyStore>().CreateAsync("owner", ["admin"]);
            _ana = await first.Get<ApiKeyStore>().CreateAsync("ana", ["chat", "rate"]);
            _ben = await first.Get<ApiKeyStore>().CreateAsync("ben", ["chat", "rate"]);
        }
        _gateway = await TestGateway.StartWithoutEngineAsync(_folder, ("Security:RequireKey", "true"));
        _completion = await LogAsync(_ana, "My secret", "Kept.", "anas");
        await LogAsync(_ben, "Hello", "Hi.", "bens");
    }

    public async Task DisposeAsync()
    {
        await _gateway.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Nobody_finds_what_another_has_said()
    {
        As(_ben);
        string[] lists =
        [
            "/api/conversations", "/api/conversations?q=secret", "/api/conversations?q=my",
            "/v1/chat/completions", "/v1/chat/completions?order=desc",
            "/api/presets", "/api/prompts", "/api/preferences", "/api/conversations/export",
        ];
        foreach (string list in lists)
            Assert.DoesNotContain("secret", (await _gateway.GetJsonAsync(list)).ToJsonString(), StringComparison.OrdinalIgnoreCase);
        string[] objects =
        [
            "/api/conversations/anas", "/api/conversations/local", "/api/conversations/export?id=anas", "/api/conversations/anas/usage",
            $"/v1/chat/completions/{_completion}", $"/v1/chat/completions/{_completion}/messages",
        ];
        foreach (string path in objects)
        {
            (int status, JsonNode body) = await _gateway.SendAsync(HttpMethod.Get, path);
            Assert.Equal((404, true), (status, body["error"] is not null));
        }
        Assert.Equal(1, (int)(await _gateway.GetJsonAsync("/api/assistants/assistant/usage"))["replies"]!);
        Assert.Equal("bens", (string?)(await _gateway.GetJsonAsync("/api/conversations"))["data"]!.AsArray().Single()!["id"]);
        Assert.Single((await _gateway.GetJsonAsync("/v1/chat/completions"))["data"]!.AsArray());
        string[] others =
            ["/api/dataset", "/api/dataset/export", "/api/preferences/export", "/api/training", "/api/versions", "/api/keys", "/api/log", "/metrics"];
        foreach (string path in others)
            Assert.Equal(403, (await _gateway.SendAsync(HttpMethod.Get, path)).Status);
    }

    [Fact]
    public async Task Nobody_rates_changes_continues_or_deletes_it()
    {
        As(_ben);
        Assert.Equal(404, (await _gateway.PostAsync("/api/feedback", new { completion_id = _completion, rating = "up" })).Status);
        Assert.Equal(404, (await _gateway.PostAsync($"/v1/chat/completions/{_completion}", new { metadata = new { rating = "up" } })).Status);
        Assert.Equal(404, (await _gateway.SendAsync(HttpMethod.Patch, "/api/conversations/anas", new { title = "Mine" })).Status);
        Assert.Equal(404, (await _gateway.SendAsync(HttpMethod.Patch, "/api/conversations/bens", new { shown = _completion })).Status);
        Assert.Equal(404, (await _gateway.SendAsync(HttpMethod.Delete, "/api/conversations/anas")).Status);
        Assert.Equal(404, (await _gateway.SendAsync(HttpMethod.Delete, $"/v1/chat/completions/{_completion}")).Status);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions")
        {
            Content = new StringContent("""{"messages":[{"role":"user","content":"Go on"}]}""", new MediaTypeHeaderValue("application/json")),
        };
        request.Headers.Add("X-Conversation-Id", "anas");
        using HttpResponseMessage taken = await _gateway.Client.SendAsync(request);
        Assert.Equal(409, (int)taken.StatusCode);
        TestGateway.AssertOpenAiError(JsonNode.Parse(await taken.Content.ReadAsStringAsync())!, "conversation_taken");

        As(_ana);
        JsonNode kept = await _gateway.GetJsonAsync("/api/conversations/anas");
        Assert.Equal(("My secret", 2), ((string?)kept["title"], kept["messages"]!.AsArray().Count));
        Assert.Null(kept["messages"]![1]!["rating"]);
    }

    [Fact]
    public async Task Neither_the_same_id_nor_the_same_words_lead_into_anothers_conversation()
    {
        await LogAsync(_ben, "And I?", "You too.", "anas"); // both chose it at the same moment
        await LogAsync(_ben, "What did I say?", "That.", null, ("user", "My secret"), ("assistant", "Kept."));
        As(_ana);
        Assert.Equal(2, (await _gateway.GetJsonAsync("/api/conversations/anas"))["messages"]!.AsArray().Count);
        As(_ben);
        Assert.Equal(3, (await _gateway.GetJsonAsync("/api/conversations"))["data"]!.AsArray().Count);
        Assert.Equal(404, (await _gateway.SendAsync(HttpMethod.Get, "/api/conversations/anas")).Status);
    }

    [Fact]
    public async Task Each_keeps_presets_and_imports_of_their_own()
    {
        As(_ana);
        (_, JsonNode preset) = await _gateway.PostAsync("/api/presets", new { name = "Brief", system = "Ana's way." });
        string file = await _gateway.Client.GetStringAsync("/api/conversations/export");
        As(_ben);
        await _gateway.PostAsync("/api/presets", new { name = "brief", system = "Ben's way." });
        Assert.Equal("Ben's way.", (string?)(await _gateway.GetJsonAsync("/api/presets"))["data"]!.AsArray().Single()!["system"]);
        Assert.Equal(404, (await _gateway.SendAsync(HttpMethod.Delete, $"/api/presets/{preset["id"]}")).Status);
        (_, JsonNode report) = await _gateway.PostAsync("/api/conversations/import?ratings=true", file); // a file that Ana gave him
        Assert.Equal(1, (int)report["imported"]!);
        Assert.Equal(2, (await _gateway.GetJsonAsync("/api/conversations"))["data"]!.AsArray().Count);
        As(_ana);
        Assert.Single((await _gateway.GetJsonAsync("/api/conversations"))["data"]!.AsArray());
        Assert.Equal("Ana's way.", (string?)(await _gateway.GetJsonAsync("/api/presets"))["data"]!.AsArray().Single()!["system"]);
    }

    [Fact]
    public async Task Each_does_all_of_it_with_their_own_and_an_admin_with_everybodys()
    {
        As(_ana);
        Assert.Equal(200, (await _gateway.PostAsync("/api/feedback", new { completion_id = _completion, rating = "up" })).Status);
        Assert.Equal(200, (await _gateway.SendAsync(HttpMethod.Patch, "/api/conversations/anas", new { title = "Renamed" })).Status);
        Assert.Equal("anas", (string?)(await _gateway.GetJsonAsync("/api/conversations?q=secret"))["data"]!.AsArray().Single()!["id"]);
        JsonNode access = await _gateway.GetJsonAsync("/api/access");
        Assert.Equal(("ana", """["chat","rate"]"""), ((string?)access["key"], access["scopes"]!.ToJsonString()));

        As(_admin);
        Assert.Equal(["anas", "bens", "local"], (await _gateway.GetJsonAsync("/api/conversations"))["data"]!.AsArray().Select(c => (string)c!["id"]!).Order());
        Assert.Equal("up", (string?)(await _gateway.GetJsonAsync("/api/conversations/anas"))["messages"]![1]!["rating"]!["rating"]);
        Assert.Equal(4, (await _gateway.GetJsonAsync("/api/access"))["scopes"]!.AsArray().Count);
        Assert.Equal(200, (await _gateway.SendAsync(HttpMethod.Delete, "/api/conversations/bens")).Status);

        As(_ana);
        Assert.Equal(200, (await _gateway.SendAsync(HttpMethod.Delete, $"/v1/chat/completions/{_completion}")).Status);
        Assert.Empty((await _gateway.GetJsonAsync("/api/conversations"))["data"]!.AsArray());
    }

    [Fact]
    public async Task What_becomes_of_a_conversation_is_told_to_whoever_sees_it()
    {
        As(_ana);
        using StreamReader anas = await ListenAsync();
        As(_ben);
        using StreamReader bens = await ListenAsync();
        string reply = await LogAsync(_ana, "My second secret", "Kept.", "anas");
        await LogAsync(_ben, "Hello again", "Hi.", "bens");
        JsonNode told = await NextAsync(anas);
        Assert.Equal(("anas", "answered", reply), ((string?)told["id"], (string?)told["change"], (string?)told["completion_id"]));
        Assert.Equal("bens", (string?)(await NextAsync(bens))["id"]); // the first that is told here

        As(_admin);
        await _gateway.SendAsync(HttpMethod.Patch, "/api/conversations/anas", new { title = "Named" });
        await _gateway.SendAsync(HttpMethod.Delete, "/api/conversations/anas");
        Assert.Equal("changed", (string?)(await NextAsync(anas))["change"]);
        Assert.Equal("deleted", (string?)(await NextAsync(anas))["change"]);

        async Task<StreamReader> ListenAsync()
        {
            HttpResponseMessage response = await _gateway.Client.GetAsync("/api/events", HttpCompletionOption.ResponseHeadersRead);
            var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
            Assert.Equal(": connected", await reader.ReadLineAsync());
            return reader;
        }

        static async Task<JsonNode> NextAsync(StreamReader events)
        {
            while (true)
                if (await events.ReadLineAsync().WaitAsync(Patience.Limit) == "event: conversation.changed")
                    return JsonNode.Parse((await events.ReadLineAsync())!["data: ".Length..])!;
        }
    }

    [Fact]
    public async Task Whoever_deletes_all_deletes_what_is_their_own()
    {
        As(_ben);
        (int status, JsonNode answer) = await _gateway.SendAsync(HttpMethod.Delete, "/api/conversations?id=anas&id=bens");
        Assert.Equal((200, 1), (status, (int)answer["conversations"]!));
        Assert.Equal(0, (int)(await _gateway.SendAsync(HttpMethod.Delete, "/api/conversations?all=true")).Body["conversations"]!);
        As(_ana);
        Assert.Equal(200, (await _gateway.SendAsync(HttpMethod.Get, "/api/conversations/anas")).Status);
    }

    private void As(ApiKey key) => _gateway.Client.DefaultRequestHeaders.Authorization = new("Bearer", key.Key);

    private async Task<string> LogAsync(ApiKey key, string question, string answer, string? conversation, params (string Role, string Content)[] history)
    {
        string id = $"chatcmpl-{Guid.NewGuid():N}";
        await _gateway.Get<ExchangeLog>().WriteAsync(
            Exchanges.Of(id, [.. history, ("user", question)], answer, conversation) with { Caller = new Caller(key) });
        return id;
    }
}
