using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using FineTuneChat.Tests.Support;
using FineTuneChat.TestSupport;
using ProgramProcess = FineTuneChat.TestSupport.ProgramProcess;

namespace FineTuneChat.Tests.Security;

/// <summary>What has been done to servers like this one, tried byte by byte on its real socket.</summary>
public sealed class AttackTests(AttackTests.Victim victim) : IClassFixture<AttackTests.Victim>
{
    private const string Chat = """{"model":"assistant","messages":[{"role":"user","content":"Hi"}],"max_tokens":4}""";
    private const string Json = "Content-Type: application/json";

    // Names that DNS can point at 127.0.0.1 any moment (CVE-2024-28224).
    [Theory]
    [InlineData("evil.example")]
    [InlineData("evil.example:80")]
    [InlineData("localhost.evil.example")]
    [InlineData("127.0.0.1.evil.example")]
    [InlineData("127.0.0.1@evil.example")]
    [InlineData("[::1].evil.example")]
    [InlineData("2130706433.evil.example")]
    [InlineData("localhost\tevil.example")]
    public async Task A_rebound_name_reads_and_changes_nothing(string host)
    {
        Assert.Contains(await StatusOfAsync($"GET /api/conversations HTTP/1.1\r\nHost: {host}"), Refused);
        Assert.Contains(await StatusOfAsync($"POST /api/training/start HTTP/1.1\r\nHost: {host}\r\n{Json}", "{}"), Refused);
        Assert.Contains(await StatusOfAsync($"GET / HTTP/1.1\r\nHost: {host}"), Refused); // not even the page, which could then be asked for a key
    }

    [Fact]
    public async Task Two_hosts_or_none_are_refused()
    {
        Assert.Contains(await StatusOfAsync($"GET /api/conversations HTTP/1.1\r\nHost: {victim.Authority}\r\nHost: evil.example"), Refused);
        Assert.Contains(await StatusOfAsync("GET /api/conversations HTTP/1.1"), Refused);
        Assert.Contains(await StatusOfAsync("GET /api/conversations HTTP/1.0"), Refused);
        Assert.Contains(await StatusOfAsync($"GET http://evil.example/api/conversations HTTP/1.1\r\nHost: {victim.Authority}"), Refused);
    }

    // A page of another site, open in the user's browser.
    [Theory]
    [InlineData("Origin: https://evil.example")]
    [InlineData("Origin: null")]
    [InlineData("Origin: http://localhost:1")]
    [InlineData("Origin: http://localhost.evil.example")]
    [InlineData("Origin: file://")]
    [InlineData("Origin: chrome-extension://abcdef")]
    [InlineData("Sec-Fetch-Site: cross-site")]
    [InlineData("Sec-Fetch-Site: same-site")]
    public async Task Another_sites_page_reads_and_changes_nothing(string header)
    {
        string[] calls = ["GET /api/conversations", "GET /v1/models", "GET /api/events", "DELETE /api/conversations/kept", "OPTIONS /api/training/start"];
        foreach (string call in calls)
        {
            string answer = await SendAsync($"{call} HTTP/1.1\r\nHost: {victim.Authority}\r\n{header}");
            Assert.StartsWith("HTTP/1.1 403", answer, StringComparison.Ordinal);
            Assert.DoesNotContain("Access-Control-Allow", answer, StringComparison.OrdinalIgnoreCase);
        }
        Assert.Equal(403, await StatusOfAsync($"POST /v1/chat/completions HTTP/1.1\r\nHost: {victim.Authority}\r\n{header}\r\n{Json}", Chat));
        Assert.Equal(403, await StatusOfAsync($"POST /api/feedback HTTP/1.1\r\nHost: {victim.Authority}\r\n{header}\r\n{Json}", "{}"));
    }

    // What a form or a fetch without preflight can send, from a browser that tells nothing about its page.
    [Theory]
    [InlineData("text/plain")]
    [InlineData("text/plain;charset=application/json")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("multipart/form-data; boundary=x")]
    [InlineData("")]
    public async Task A_post_that_needs_no_preflight_starts_nothing(string type)
    {
        string header = type.Length > 0 ? $"\r\nContent-Type: {type}" : "";
        string[] paths = ["/v1/chat/completions", "/api/training/start", "/api/versions/0/activate", "/api/feedback", "/api/dataset/import", "/api/keys"];
        foreach (string path in paths)
            Assert.Equal(415, await StatusOfAsync($"POST {path} HTTP/1.1\r\nHost: {victim.Authority}{header}", Chat));
    }

    [Theory]
    [InlineData("http://0.0.0.0:0")]
    [InlineData("http://[::]:0")]
    [InlineData("http://*:0")]
    public async Task Without_a_key_it_does_not_listen_to_other_machines(string urls)
    {
        using var folder = new TemporaryFolder();
        string model = RandomModel.Write(folder["random.gguf"]);
        var (code, output, errors) = await ProgramProcess.RunAsync(["serve", "--urls", urls, "--data", folder["data"], "--model", model]);
        Assert.NotEqual(0, code);
        Assert.Contains("keys create", output + errors);
    }

    // Names that would be paths (CVE-2024-37032).
    [Theory]
    [InlineData("../../../etc/passwd")]
    [InlineData("..\\\\..\\\\secret")]
    [InlineData("/etc/passwd")]
    [InlineData("file:///etc/passwd")]
    [InlineData("assistant@../../0")]
    [InlineData("assistant@-1")]
    [InlineData("assistant@99999999999999999999")]
    [InlineData("random\\u0000.gguf")]
    [InlineData("CON")]
    public async Task A_models_name_is_never_a_path(string name)
    {
        string answer = await SendAsync(
            $"POST /v1/chat/completions HTTP/1.1\r\nHost: {victim.Authority}\r\n{Json}", Chat.Replace("assistant", name, StringComparison.Ordinal));
        Assert.StartsWith("HTTP/1.1 404", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("root:", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/../appsettings.json")]
    [InlineData("/..%2fappsettings.json")]
    [InlineData("/%2e%2e/appsettings.json")]
    [InlineData("/..%5cappsettings.json")]
    [InlineData("/chat/..%2f..%2f..%2fetc/passwd")]
    [InlineData("//etc/passwd")]
    [InlineData("/%00")]
    [InlineData("/data/finetunechat.db")]
    [InlineData("/v1/models/..%2f..%2f..%2fetc%2fpasswd")]
    [InlineData("/v1/models/../../api/conversations")]
    [InlineData("/api/versions/..%2f..%2f0")]
    [InlineData("/api/training/runs/..%2f..%2f..%2fetc%2fpasswd")]
    [InlineData("/api/conversations/..%2f..%2fkept")]
    public async Task A_path_leads_nowhere_but_to_its_route(string path)
    {
        string answer = await SendAsync($"GET {path} HTTP/1.1\r\nHost: {victim.Authority}");
        Assert.DoesNotContain("root:", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("MaxBodyMegabytes", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("SQLite format", answer, StringComparison.Ordinal);
        if (!path.EndsWith("/api/conversations", StringComparison.Ordinal)) // which resolves to the list itself, behind the same guards
            Assert.Contains(int.Parse(answer.AsSpan(9, 3)), new[] { 400, 404, 405 });
    }

    // What is deleted is a folder: its name is a number and nothing else.
    [Theory]
    [InlineData("..")]
    [InlineData("../../../random.gguf")]
    [InlineData("..%2f..%2frandom.gguf")]
    [InlineData("%2e%2e%2fruns")]
    [InlineData("..%5c..%5crandom.gguf")]
    [InlineData("1%2f..%2f..")]
    [InlineData("1.partial")]
    [InlineData("-1")]
    [InlineData("0x1")]
    [InlineData("1%00")]
    [InlineData("99999999999999999999")]
    public async Task A_versions_name_is_a_number_and_never_a_path(string name)
    {
        Assert.Contains(await StatusOfAsync($"DELETE /api/versions/{name} HTTP/1.1\r\nHost: {victim.Authority}"), new[] { 400, 404, 405 });
        Assert.StartsWith("HTTP/1.1 404", await SendAsync($"DELETE /api/versions/7 HTTP/1.1\r\nHost: {victim.Authority}"), StringComparison.Ordinal);
        victim.AssertWhole();
    }

    // Fields that would reach a file, another server, or the library unread.
    [Theory]
    [InlineData("\"grammar\":\"root ::= ((((\"")]
    [InlineData("\"n_discard\":-1")]
    [InlineData("\"max_tokens\":-2")]
    [InlineData("\"max_tokens\":1e99")]
    [InlineData("\"lora\":[{\"id\":0}]")]
    [InlineData("\"chat_template\":\"{{ ''.__class__ }}\"")]
    [InlineData("\"top_k\":-2147483649")]
    [InlineData("\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"image_url\",\"image_url\":{\"url\":\"http://169.254.169.254/\"}}]}]")]
    [InlineData("\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"image_url\",\"image_url\":{\"url\":\"file:///etc/passwd\"}}]}]")]
    public async Task A_field_that_could_do_harm_is_refused_by_its_name(string field)
    {
        string answer = await SendAsync(
            $"POST /v1/chat/completions HTTP/1.1\r\nHost: {victim.Authority}\r\n{Json}",
            $$"""{"model":"assistant","messages":[{"role":"user","content":"Hi"}],{{field}}}""");
        Assert.StartsWith("HTTP/1.1 400", answer, StringComparison.Ordinal);
        JsonNode error = JsonNode.Parse(answer[answer.IndexOf('{')..(answer.LastIndexOf('}') + 1)])!["error"]!;
        Assert.NotNull((string?)error["param"]);
    }

    [Fact]
    public async Task A_body_that_is_too_large_is_refused_before_it_is_read()
    {
        Assert.Equal(413, await StatusOfAsync($"POST /v1/chat/completions HTTP/1.1\r\nHost: {victim.Authority}\r\n{Json}\r\nContent-Length: 99999999999"));
        // nothing is unpacked
        Assert.Equal(400, await StatusOfAsync(
            $"POST /v1/chat/completions HTTP/1.1\r\nHost: {victim.Authority}\r\n{Json}\r\nContent-Encoding: gzip", "\u001f\u008b\u0008"));
    }

    [Fact]
    public async Task A_listed_origin_may_call_and_no_other_one_more()
    {
        await using TestGateway gateway = await TestGateway.StartWithoutEngineAsync(folder: null, ("Security:AllowedOrigins:0", "https://trusted.example"));
        using HttpResponseMessage allowed = await PreflightAsync(gateway, "https://trusted.example");
        Assert.Equal("https://trusted.example", allowed.Headers.GetValues("Access-Control-Allow-Origin").Single());
        Assert.False(allowed.Headers.Contains("Access-Control-Allow-Credentials"));
        using HttpResponseMessage refused = await PreflightAsync(gateway, "https://evil.example");
        Assert.Equal(403, (int)refused.StatusCode);
        Assert.False(refused.Headers.Contains("Access-Control-Allow-Origin"));
    }

    [Fact]
    public async Task One_client_that_asks_too_often_is_told_to_wait()
    {
        await using TestGateway gateway = await TestGateway.StartWithoutEngineAsync(folder: null, ("Security:RequestsPerMinute", "5"));
        for (int i = 0; i < 5; i++)
            Assert.Equal(200, (await gateway.SendAsync(HttpMethod.Get, "/api/conversations")).Status);
        using HttpResponseMessage response = await gateway.Client.GetAsync("/api/conversations");
        Assert.Equal(429, (int)response.StatusCode);
        Assert.InRange(response.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 60);
        TestGateway.AssertOpenAiError(JsonNode.Parse(await response.Content.ReadAsStringAsync())!, "rate_limit_exceeded");
        Assert.Equal(200, (int)(await gateway.Client.GetAsync("/")).StatusCode);
    }

    [Fact]
    public async Task One_client_has_no_more_requests_under_way_than_it_may()
    {
        await using TestGateway gateway = await TestGateway.StartWithoutEngineAsync(folder: null, ("Security:ConcurrentRequests", "2"));
        using HttpResponseMessage first = await gateway.Client.GetAsync("/api/events", HttpCompletionOption.ResponseHeadersRead);
        using HttpResponseMessage second = await gateway.Client.GetAsync("/api/events", HttpCompletionOption.ResponseHeadersRead);
        using HttpResponseMessage third = await gateway.Client.GetAsync("/api/conversations");
        Assert.Equal(429, (int)third.StatusCode);
        Assert.NotNull(third.Headers.RetryAfter);
        TestGateway.AssertOpenAiError(JsonNode.Parse(await third.Content.ReadAsStringAsync())!, "too_many_concurrent_requests");
        Assert.Equal(200, (int)(await gateway.Client.GetAsync("/")).StatusCode);
        first.Dispose(); // and its place is free again
        await Eventually.TrueAsync(async () => (await gateway.SendAsync(HttpMethod.Get, "/api/conversations")).Status == 200);
    }

    private static readonly int[] Refused = [400, 403];

    private static Task<HttpResponseMessage> PreflightAsync(TestGateway gateway, string origin)
    {
        var request = new HttpRequestMessage(HttpMethod.Options, "/v1/chat/completions")
        {
            Headers = { { "Origin", origin }, { "Access-Control-Request-Method", "POST" }, { "Access-Control-Request-Headers", "content-type,authorization" } },
        };
        return gateway.Client.SendAsync(request);
    }

    private async Task<int> StatusOfAsync(string head, string? body = null) => int.Parse((await SendAsync(head, body)).AsSpan(9, 3));

    /// <summary>Sends just these bytes; no client tidies them up on the way.</summary>
    private async Task<string> SendAsync(string head, string? body = null)
    {
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", victim.Port);
        NetworkStream stream = client.GetStream();
        string length = body is null ? "" : $"\r\nContent-Length: {Encoding.Latin1.GetByteCount(body)}";
        await stream.WriteAsync(Encoding.Latin1.GetBytes($"{head}{length}\r\nConnection: close\r\n\r\n{body}"));
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return await reader.ReadToEndAsync();
    }

    /// <summary>A gateway with something to steal.</summary>
    public sealed class Victim : IAsyncLifetime
    {
        private readonly TemporaryFolder _folder = new();
        private TestGateway _gateway = null!;
        private string[] _entries = [];

        public int Port => _gateway.Client.BaseAddress!.Port;
        public string Authority => _gateway.Client.BaseAddress!.Authority;

        public async Task InitializeAsync()
        {
            _gateway = await TestGateway.StartReadyAsync(_folder);
            Directory.CreateDirectory(_folder["data/versions/1.partial"]);
            _entries = Entries();
            await _gateway.LogAsync("My secret", "Kept.", "kept");
        }

        public async Task DisposeAsync()
        {
            Assert.Equal(200, (await _gateway.SendAsync(HttpMethod.Get, "/api/conversations/kept")).Status); // after all of it
            await _gateway.DisposeAsync();
            _folder.Dispose();
        }

        /// <summary>No file or folder of it is gone.</summary>
        public void AssertWhole() => Assert.Empty(_entries.Except(Entries()));

        private string[] Entries() => Directory.GetFileSystemEntries(_folder.Path, "*", SearchOption.AllDirectories);
    }
}
