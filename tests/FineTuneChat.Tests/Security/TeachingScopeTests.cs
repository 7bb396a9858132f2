using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Dapper;
using FineTuneChat.Gateway.Access;
using FineTuneChat.Gateway.Storage;
using FineTuneChat.Tests.Support;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Tests.Security;

/// <summary>What teaches the model is asked for its scope on every way: routes by the table in docs/api.md, and bodies that carry a rating along.</summary>
public sealed partial class TeachingScopeTests : IAsyncLifetime
{
    private const string Rated = """{"messages":[{"role":"user","content":"Hi"},{"role":"assistant","content":"Hello!","rating":{"rating":"up"}}]}""";
    private const string Plain = """{"messages":[{"role":"user","content":"Hi"},{"role":"assistant","content":"Hello!"}]}""";

    private readonly TemporaryFolder _folder = new();
    private readonly Dictionary<string, ApiKey> _keys = [];
    private TestGateway _gateway = null!;

    public async Task InitializeAsync()
    {
        await using (TestGateway first = await TestGateway.StartWithoutEngineAsync(_folder))
            foreach (string scope in Scopes.All)
                _keys[scope] = await first.Get<ApiKeyStore>().CreateAsync(scope, [scope]);
        _gateway = await TestGateway.StartWithoutEngineAsync(_folder, ("Security:RequireKey", "true"));
    }

    public async Task DisposeAsync()
    {
        await _gateway.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Each_key_opens_the_routes_that_the_document_gives_its_scope_and_no_other()
    {
        (string Method, string Path, string Scope)[] routes = [.. Described()];
        Assert.True(routes.Length > 40);
        foreach ((string method, string path, string scope) in routes)
            foreach (string has in Scopes.All)
            {
                int status = await StatusAsync(method, path, has, body: null);
                bool isOpen = scope is "–" or Scopes.Any || has == scope || has == Scopes.Admin;
                Assert.True(isOpen == (status is not (401 or 403)), $"{method} {path} with a key for {has}: {status}, and it needs {scope}");
            }
        Assert.Equal(0, Taught());
    }

    [Fact]
    public async Task No_body_brings_a_rating_or_an_example_past_its_scope()
    {
        string completion = await LogAsChatterAsync();
        (string Method, string Path, string Body, int Status)[] ways =
        [
            ("POST", "/api/feedback", $$"""{"completion_id":"{{completion}}","rating":"up"}""", 403),
            ("POST", $"/v1/chat/completions/{completion}", """{"metadata":{"rating":"up"}}""", 403),
            ("POST", "/api/conversations/import?ratings=true", Rated, 403),
            ("POST", "/api/conversations/import?ratings=true", $"[{Plain},{Rated}]", 403),
            ("POST", "/api/conversations/import?ratings=True", Rated, 403),
            ("POST", "/api/conversations/import?ratings=false", Rated, 200),
            ("POST", "/api/conversations/import", Rated, 200),
            ("PATCH", "/api/conversations/chat-1", """{"title":"Mine"}""", 200),
            ("POST", "/api/dataset/import", """{"file":"a.jsonl","text":"{\"prompt\":\"x\",\"completion\":\"y\"}"}""", 403),
            ("PATCH", "/api/dataset/ex_1", """{"status":"accepted"}""", 403),
            ("PATCH", "/api/dataset/imports/imp_1", """{"status":"accepted"}""", 403),
        ];
        foreach ((string method, string path, string body, int status) in ways)
        {
            int before = Conversations();
            Assert.Equal((path, body, status), (path, body, await StatusAsync(method, path, Scopes.Chat, body)));
            if (status == 403)
                Assert.Equal(before, Conversations()); // refused as a whole, not by half
        }
        Assert.Equal(0, Taught());

        // The same with the scope for it.
        _gateway.Client.DefaultRequestHeaders.Add("x-api-key", (await _gateway.Get<ApiKeyStore>().CreateAsync("both", ["chat", "rate"])).Key);
        (int allowed, JsonNode report) = await _gateway.PostAsync("/api/conversations/import?ratings=true", Rated);
        Assert.Equal((200, 1), (allowed, (int)report["imported"]!));
        Assert.NotEqual(0, Taught());
    }

    private async Task<string> LogAsChatterAsync()
    {
        string file = Plain.Replace("""{"messages":""", """{"id":"chat-1","messages":""", StringComparison.Ordinal);
        Assert.Equal(200, await StatusAsync("POST", "/api/conversations/import", Scopes.Chat, file));
        return _gateway.Get<Database>().Read(c => c.QuerySingle<string>("SELECT completion_id FROM exchanges"));
    }

    private int Taught() => _gateway.Get<Database>().Read(c => c.ExecuteScalar<int>("SELECT (SELECT COUNT(*) FROM ratings) + (SELECT COUNT(*) FROM examples)"));

    private int Conversations() => _gateway.Get<Database>().Read(c => c.ExecuteScalar<int>("SELECT COUNT(*) FROM conversations"));

    private async Task<int> StatusAsync(string method, string path, string scope, string? body)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        request.Headers.Add("x-api-key", _keys[scope].Key);
        if (body is not null)
            request.Content = new StringContent(body, new MediaTypeHeaderValue("application/json"));
        using HttpResponseMessage response = await _gateway.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        return (int)response.StatusCode;
    }

    private static IEnumerable<(string, string, string)> Described() =>
        from line in File.ReadLines(Path.Combine(Repository.Root, "docs", "api.md"))
        let cells = line.Split(" | ")
        where cells.Length >= 3
        from Match route in Route().Matches(cells[0])
        select (route.Groups[1].Value,
            NumberInPath().Replace(route.Groups[2].Value, "99").Replace("{id}", "nothing", StringComparison.Ordinal), cells[1]);

    [GeneratedRegex("{(number|row)}")]
    private static partial Regex NumberInPath();

    [GeneratedRegex("`([A-Z]+) (/[^`]*)`")]
    private static partial Regex Route();
}
