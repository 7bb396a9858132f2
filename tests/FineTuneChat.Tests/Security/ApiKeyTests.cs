using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using FineTuneChat.Gateway.Access;
using FineTuneChat.Protocol;
using FineTuneChat.Tests.Support;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Tests.Security;

public sealed class ApiKeyTests
{
    private static readonly (string Method, string Path, string? Scope)[] Needed =
    [
        ("GET", "/", null),
        ("GET", "/app.js", null),
        ("GET", "/health", null),
        ("GET", "/metrics", "admin"),
        ("GET", "/props", "chat"),
        ("POST", "/tokenize", "chat"),
        ("POST", "/what-comes-later", "admin"),
        ("POST", "/v1/chat/completions", "chat"),
        ("POST", "/v1/embeddings", "chat"),
        ("GET", "/v1/models", "chat"),
        ("GET", "/V1/models/assistant", "chat"),
        ("POST", "/v1/chat/completions/chatcmpl-1", "rate"),
        ("POST", "/api/feedback", "rate"),
        ("GET", "/v1/chat/completions", "chat"), // one's own
        ("GET", "/v1/chat/completions/chatcmpl-1", "chat"),
        ("DELETE", "/v1/chat/completions/chatcmpl-1", "chat"),
        ("GET", "/api/conversations", "chat"),
        ("DELETE", "/api/conversations", "chat"),
        ("GET", "/api/conversations/tags", "chat"),
        ("POST", "/api/conversations/import", "chat"),
        ("GET", "/api/presets", "chat"),
        ("GET", "/api/prompts", "chat"),
        ("GET", "/api/preferences", "rate"),
        ("GET", "/api/preferences/export", "train"), // everybody's
        ("GET", "/api/access", "any"),
        ("GET", "/api/events", "any"), // of trainings only what the key may see
        ("GET", "/v1/what-comes-later", "admin"),
        ("POST", "/api/training/start", "train"),
        ("GET", "/api/versions", "train"),
        ("DELETE", "/api/versions/1", "admin"),
        ("PATCH", "/api/dataset/ex_1", "train"),
        ("POST", "/api/versions/1/activate", "admin"),
        ("GET", "/api/keys", "admin"),
        ("GET", "/api/what-comes-later", "admin"),
    ];

    /// <summary>Each route is asked with a key that may chat only, one that may rate only, and without: the refusals say what it needs.</summary>
    [Fact]
    public async Task Every_route_needs_its_scope_and_unknown_ones_the_highest()
    {
        using var folder = new TemporaryFolder();
        (string admin, string rate) = await KeysAsync(folder);
        await using TestGateway gateway = await TestGateway.StartWithoutEngineAsync(folder, ("Security:RequireKey", "true"));
        string chat = (await gateway.Get<ApiKeyStore>().CreateAsync("chatter", ["chat"])).Key!;
        foreach ((string method, string path, string? scope) in Needed)
        {
            string? asked = await RefusalAsync(rate) ?? await RefusalAsync(chat) ?? (await StatusAsync(null) == 401 ? "any" : null);
            Assert.Equal((method, path, scope), (method, path, asked));

            async Task<string?> RefusalAsync(string key)
            {
                using HttpResponseMessage response = await SendAsync(key);
                string body = response.StatusCode == HttpStatusCode.Forbidden ? await response.Content.ReadAsStringAsync() : "";
                return Regex.Match(body, "this needs ([a-z]+)") is { Success: true } match ? match.Groups[1].Value : null;
            }

            async Task<int> StatusAsync(string? key)
            {
                using HttpResponseMessage response = await SendAsync(key);
                return (int)response.StatusCode;
            }

            async Task<HttpResponseMessage> SendAsync(string? key)
            {
                using var request = new HttpRequestMessage(new HttpMethod(method), path);
                if (key is not null)
                    request.Headers.Add("x-api-key", key);
                return await gateway.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            }
        }
    }

    [Fact]
    public async Task A_key_that_may_not_rate_brings_no_ratings_in_by_an_import()
    {
        using var folder = new TemporaryFolder();
        await KeysAsync(folder);
        await using TestGateway gateway = await TestGateway.StartWithoutEngineAsync(folder, ("Security:RequireKey", "true"));
        gateway.Client.DefaultRequestHeaders.Authorization = new("Bearer", (await gateway.Get<ApiKeyStore>().CreateAsync("chatter", ["chat"])).Key!);
        const string Chat = """{"messages":[{"role":"user","content":"When do you open?"},{"role":"assistant","content":"At 9.","rating":{"rating":"up"}}]}""";
        (int status, JsonNode error) = await gateway.PostAsync("/api/conversations/import?ratings=true", Chat);
        Assert.Equal(403, status);
        TestGateway.AssertOpenAiError(error, "insufficient_scope");
        Assert.Empty((JsonArray)(await gateway.GetJsonAsync("/api/conversations"))["data"]!);
        Assert.Equal(200, (await gateway.PostAsync("/api/conversations/import", Chat)).Status); // the chat alone may come
    }

    [Fact]
    public async Task Where_keys_are_needed_each_opens_what_it_may_and_nothing_else()
    {
        using var folder = new TemporaryFolder();
        (string admin, string rate) = await KeysAsync(folder);
        await using TestGateway gateway = await TestGateway.StartWithoutEngineAsync(folder, ("Security:RequireKey", "true"));

        Assert.Equal(200, await StatusAsync(gateway, "/", null)); // the page itself
        Assert.Equal(401, await StatusAsync(gateway, "/api/conversations", null));
        Assert.Equal(401, await StatusAsync(gateway, "/api/conversations", "Bearer ftc-000000000000-nothing"));
        Assert.Equal(401, await StatusAsync(gateway, "/api/conversations", "Basic " + admin));
        Assert.Equal(401, await StatusAsync(gateway, "/api/conversations", "Bearer " + admin[..^1]));
        Assert.Equal(403, await StatusAsync(gateway, "/api/conversations", "Bearer " + rate));
        Assert.Equal(200, await StatusAsync(gateway, "/api/conversations", "bearer " + admin));
        Assert.Equal(200, await StatusAsync(gateway, "/api/conversations", null, admin));
        Assert.Equal(401, await StatusAsync(gateway, "/api/conversations", "Bearer " + rate, admin)); // no second header opens more

        gateway.Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", admin);
        (_, JsonNode made) = await gateway.PostAsync("/api/keys", new { name = "phone", scopes = new[] { "chat", "rate" } });
        gateway.Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", (string)made["key"]!);
        Assert.Equal(200, (await gateway.SendAsync(HttpMethod.Get, "/api/conversations")).Status);
        (int status, JsonNode error) = await gateway.PostAsync("/api/training/start", "{}");
        Assert.Equal(403, status);
        TestGateway.AssertOpenAiError(error, "insufficient_scope");

        // Shown once, kept as a hash, ended at once.
        gateway.Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", admin);
        Assert.DoesNotContain("\"key\":", (await gateway.GetJsonAsync("/api/keys")).ToJsonString());
        Assert.Equal(200, (await gateway.SendAsync(HttpMethod.Delete, $"/api/keys/{made["id"]}")).Status);
        Assert.Equal(401, await StatusAsync(gateway, "/v1/models", "Bearer " + (string)made["key"]!));
        foreach (string file in Directory.EnumerateFiles(folder["data"], "finetunechat.db*"))
        {
            using FileStream stream = new(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var reader = new StreamReader(stream, Encoding.Latin1);
            Assert.DoesNotContain(admin[(admin.IndexOf('-', 4) + 1)..], await reader.ReadToEndAsync());
        }
    }

    [Fact]
    public async Task On_this_machine_alone_none_is_needed_and_any_is_taken()
    {
        await using TestGateway gateway = await TestGateway.StartWithoutEngineAsync();
        Assert.Equal(200, await StatusAsync(gateway, "/api/conversations", null));
        Assert.Equal(200, await StatusAsync(gateway, "/api/conversations", "Bearer lm-studio"));
    }

    [Fact]
    public async Task Without_a_key_a_server_that_needs_one_does_not_start()
    {
        UserException refused = await Assert.ThrowsAsync<UserException>(
            () => TestGateway.StartWithoutEngineAsync(folder: null, ("Security:RequireKey", "true")));
        Assert.Contains("keys create", refused.Message);
    }

    [Theory]
    [InlineData("""{"scopes":["chat"]}""")]
    [InlineData("""{"name":"a"}""")]
    [InlineData("""{"name":"a","scopes":[]}""")]
    [InlineData("""{"name":"a","scopes":["root"]}""")]
    public async Task A_key_needs_a_name_and_known_scopes(string body)
    {
        await using TestGateway gateway = await TestGateway.StartWithoutEngineAsync();
        Assert.Equal(400, (await gateway.PostAsync("/api/keys", body)).Status);
    }

    [Fact]
    public async Task The_verb_makes_lists_and_revokes()
    {
        using var folder = new TemporaryFolder();
        await using TestGateway gateway = await TestGateway.StartWithoutEngineAsync(folder);
        JsonElement made = await RunAsync("keys", "create", "--name", "laptop", "--scopes", "chat", "train", "--data", folder["data"]);
        Assert.NotNull(gateway.Get<ApiKeyStore>().Find(made.GetProperty("key").GetString()!)); // in the running gateway
        Assert.Equal("laptop", (await RunAsync("keys", "list", "--data", folder["data"])).GetProperty("data")[0].GetProperty("name").GetString());
        await RunAsync("keys", "revoke", made.GetProperty("id").GetString()!, "--data", folder["data"]);
        Assert.Null(gateway.Get<ApiKeyStore>().Find(made.GetProperty("key").GetString()!));
    }

    /// <summary>An admin's key and one that may rate only.</summary>
    private static async Task<(string Admin, string Rate)> KeysAsync(TemporaryFolder folder)
    {
        await using TestGateway gateway = await TestGateway.StartWithoutEngineAsync(folder);
        return ((await gateway.Get<ApiKeyStore>().CreateAsync("owner", ["admin"])).Key!,
            (await gateway.Get<ApiKeyStore>().CreateAsync("rater", ["rate"])).Key!);
    }

    private static async Task<int> StatusAsync(TestGateway gateway, string path, string? authorization, string? key = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (authorization is not null)
            request.Headers.TryAddWithoutValidation("Authorization", authorization);
        if (key is not null)
            request.Headers.Add("x-api-key", key);
        using HttpResponseMessage response = await gateway.Client.SendAsync(request);
        return (int)response.StatusCode;
    }

    private static async Task<JsonElement> RunAsync(params string[] arguments)
    {
        var (code, output, errors) = await ProgramProcess.RunAsync(arguments);
        Assert.True(code == 0, errors);
        return JsonElement.Parse(output.TrimEnd().Split('\n')[^1]);
    }
}
