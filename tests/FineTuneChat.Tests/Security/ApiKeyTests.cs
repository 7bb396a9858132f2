using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using FineTuneChat.Gateway.Access;
using FineTuneChat.Protocol;
using FineTuneChat.TestSupport;
using FineTuneChat.Tests.Support;
using Microsoft.AspNetCore.Http;

namespace FineTuneChat.Tests.Security;

public sealed class ApiKeyTests
{
    [Theory]
    [InlineData("GET", "/", null)]
    [InlineData("GET", "/app.js", null)]
    [InlineData("GET", "/health", null)]
    [InlineData("GET", "/metrics", "admin")]
    [InlineData("GET", "/props", "chat")]
    [InlineData("POST", "/tokenize", "chat")]
    [InlineData("POST", "/what-comes-later", "admin")]
    [InlineData("POST", "/v1/chat/completions", "chat")]
    [InlineData("POST", "/v1/embeddings", "chat")]
    [InlineData("GET", "/v1/models", "chat")]
    [InlineData("GET", "/V1/models/assistant", "chat")]
    [InlineData("POST", "/v1/chat/completions/chatcmpl-1", "rate")]
    [InlineData("POST", "/api/feedback", "rate")]
    [InlineData("GET", "/v1/chat/completions", "chat")] // one's own
    [InlineData("GET", "/v1/chat/completions/chatcmpl-1", "chat")]
    [InlineData("DELETE", "/v1/chat/completions/chatcmpl-1", "chat")]
    [InlineData("GET", "/api/conversations", "chat")]
    [InlineData("POST", "/api/conversations/import", "chat")]
    [InlineData("GET", "/api/presets", "chat")]
    [InlineData("GET", "/api/preferences", "rate")]
    [InlineData("GET", "/api/preferences/export", "train")] // everybody's
    [InlineData("GET", "/api/access", "any")]
    [InlineData("GET", "/api/events", "any")] // of trainings only what the key may see
    [InlineData("GET", "/v1/what-comes-later", "admin")]
    [InlineData("POST", "/api/training/start", "train")]
    [InlineData("GET", "/api/versions", "train")]
    [InlineData("DELETE", "/api/versions/1", "admin")]
    [InlineData("PATCH", "/api/dataset/ex_1", "train")]
    [InlineData("POST", "/api/versions/1/activate", "admin")]
    [InlineData("GET", "/api/keys", "admin")]
    [InlineData("GET", "/api/what-comes-later", "admin")]
    public void Every_route_needs_its_scope_and_unknown_ones_the_highest(string method, string path, string? scope) =>
        Assert.Equal(scope, Scopes.Needed(method, new PathString(path)));

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
        UserException refused = await Assert.ThrowsAsync<UserException>(() => TestGateway.StartWithoutEngineAsync(folder: null, ("Security:RequireKey", "true")));
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
        return ((await gateway.Get<ApiKeyStore>().CreateAsync("owner", ["admin"])).Key!, (await gateway.Get<ApiKeyStore>().CreateAsync("rater", ["rate"])).Key!);
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
