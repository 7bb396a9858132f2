using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using FineTuneChat.Tests.Support;

namespace FineTuneChat.Tests.Gateway;

/// <summary>What clients expect of any HTTP server, and of OpenAI's in particular.</summary>
public sealed class HttpMannersTests(HttpMannersTests.SharedGateway shared) : IClassFixture<HttpMannersTests.SharedGateway>
{
    private const string Origin = "vscode-webview://1a2b3c";

    public sealed class SharedGateway : IAsyncLifetime
    {
        internal TestGateway Gateway { get; private set; } = null!;

        public async Task InitializeAsync() => Gateway = await TestGateway.StartReadyAsync(folder: null, ("Security:RequestsPerMinute", "1000"),
            ("Security:AllowedHosts:0", "host.docker.internal"), ("Security:AllowedOrigins:0", "app://obsidian.md"),
            ("Security:AllowedOrigins:1", "vscode-webview://*"));

        public async Task DisposeAsync() => await Gateway.DisposeAsync();
    }

    private HttpClient Client => shared.Gateway.Client;

    private static byte[] Chat(string more = "") => Encoding.UTF8.GetBytes(
        $$"""{"model":"assistant","messages":[{"role":"user","content":"Hi"}],"max_tokens":1{{more}}}""");

    private async Task<(HttpResponseMessage Response, JsonNode Body)> PostAsync(byte[] body, string? encoding = null)
    {
        var content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        if (encoding is not null)
            content.Headers.ContentEncoding.Add(encoding);
        HttpResponseMessage response = await Client.PostAsync("/v1/chat/completions", content);
        return (response, JsonNode.Parse(await response.Content.ReadAsStringAsync())!);
    }

    private static byte[] Packed(byte[] body, Func<Stream, Stream> pack)
    {
        var packed = new MemoryStream();
        using (Stream stream = pack(packed))
            stream.Write(body);
        return packed.ToArray();
    }

    [Theory]
    [InlineData("/health")]
    [InlineData("/v1/models")]
    [InlineData("/v1/models/assistant")]
    [InlineData("/api/conversations")]
    [InlineData("/")]
    public async Task What_can_be_got_can_be_asked_for_by_its_head(string path)
    {
        using HttpResponseMessage response = await Client.SendAsync(new(HttpMethod.Head, path));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Empty(await response.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task A_head_of_nothing_is_a_404_and_of_endless_events_a_405()
    {
        Assert.Equal(HttpStatusCode.NotFound, (await Client.SendAsync(new(HttpMethod.Head, "/v1/nothing"))).StatusCode);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, (await Client.SendAsync(new(HttpMethod.Head, "/api/events"))).StatusCode);
    }

    [Fact]
    public async Task Every_answer_names_its_request()
    {
        using var own = new HttpRequestMessage(HttpMethod.Get, "/v1/nothing") { Headers = { { "X-Request-Id", "mine-1" } } };
        using var wrong = new HttpRequestMessage(HttpMethod.Get, "/health") { Headers = { { "X-Request-Id", "a b" } } };

        Assert.Equal("mine-1", Assert.Single((await Client.SendAsync(own)).Headers.GetValues("X-Request-Id")));
        Assert.StartsWith("req_", Assert.Single((await Client.SendAsync(wrong)).Headers.GetValues("X-Request-Id")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_left_of_a_limit_is_told()
    {
        using HttpResponseMessage response = await Client.GetAsync("/v1/models");

        Assert.Equal("1000", Assert.Single(response.Headers.GetValues("x-ratelimit-limit-requests")));
        Assert.InRange(int.Parse(Assert.Single(response.Headers.GetValues("x-ratelimit-remaining-requests"))), 1, 999);
        Assert.Equal("10s", Assert.Single(response.Headers.GetValues("x-ratelimit-reset-requests")));
    }

    [Fact]
    public async Task A_packed_body_is_read()
    {
        Assert.Equal(HttpStatusCode.OK, (await PostAsync(Packed(Chat(), s => new GZipStream(s, CompressionLevel.Fastest)), "gzip")).Response.StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await PostAsync(Packed(Chat(), s => new BrotliStream(s, CompressionLevel.Fastest)), "br")).Response.StatusCode);
    }

    [Fact]
    public async Task A_body_that_cannot_be_unpacked_is_refused()
    {
        byte[] huge = Packed(new byte[20 << 20], s => new GZipStream(s, CompressionLevel.Fastest));

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, (await PostAsync(Chat(), "zstd")).Response.StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await PostAsync(Chat(), "gzip")).Response.StatusCode);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await PostAsync(huge, "gzip")).Response.StatusCode);
    }

    [Fact]
    public async Task A_byte_order_mark_is_no_part_of_the_body() =>
        Assert.Equal(HttpStatusCode.OK, (await PostAsync([0xEF, 0xBB, 0xBF, .. Chat()])).Response.StatusCode);

    [Fact]
    public async Task Metadata_come_back() =>
        Assert.Equal("b", (string?)(await PostAsync(Chat(",\"metadata\":{\"a\":\"b\"}"))).Body["metadata"]!["a"]);

    [Fact]
    public async Task Functions_of_the_older_api_are_called()
    {
        (HttpResponseMessage response, JsonNode body) = await PostAsync(Encoding.UTF8.GetBytes(
            """{"messages":[{"role":"user","content":"Hi"}],"functions":[{"name":"now","parameters":{"type":"object","properties":{}}}],"function_call":"""
            + """{"name":"now"},"max_tokens":60,"temperature":0}"""));
        JsonNode choice = body["choices"]![0]!;

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        JsonNode call = choice["message"]!["function_call"]!;
        Assert.Equal(("function_call", "now", "{}"), ((string?)choice["finish_reason"], (string?)call["name"], (string?)call["arguments"]));
        Assert.Null(choice["message"]!["tool_calls"]);
    }

    [Fact]
    public async Task A_begun_reply_goes_on_and_is_kept_as_one()
    {
        (_, JsonNode body) = await PostAsync(Encoding.UTF8.GetBytes(
            """{"messages":[{"role":"user","content":"Hi"},{"role":"assistant","content":"Once","prefix":true}],"max_tokens":3,"temperature":0}"""));
        JsonNode stored = await shared.Gateway.GetJsonAsync($"/v1/chat/completions/{body["id"]}");

        Assert.Equal("Once" + (string?)body["choices"]![0]!["message"]!["content"], (string?)stored["choices"]![0]!["message"]!["content"]);
    }

    [Fact]
    public async Task Models_say_what_they_are_and_how_much_they_read()
    {
        JsonNode models = await shared.Gateway.GetJsonAsync("/v1/models");

        Assert.All(models["data"]!.AsArray(), model => Assert.Equal(("llm", true), ((string?)model!["type"], (int)model["context_length"]! > 0)));
    }

    [Theory]
    [InlineData("/api/conversations?limit=abc", "limit")]
    public async Task No_message_names_a_type_of_the_program(string path, string param)
    {
        using HttpResponseMessage response = await Client.GetAsync(path);
        JsonNode error = JsonNode.Parse(await response.Content.ReadAsStringAsync())!["error"]!;

        Assert.Equal((HttpStatusCode.BadRequest, param), (response.StatusCode, (string?)error["param"]));
        Assert.DoesNotContain("<", (string?)error["message"], StringComparison.Ordinal);
        Assert.DoesNotContain("FineTuneChat.", (string?)(await PostAsync(Chat(",\"max_tokens\":2"))).Body["error"]!["message"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("app://obsidian.md", true)]
    [InlineData(Origin, true)]
    [InlineData("tauri://localhost", false)]
    public async Task Programs_whose_origin_is_listed_may_call(string origin, bool allowed)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/models") { Headers = { { "Origin", origin } } };
        using HttpResponseMessage response = await Client.SendAsync(request);

        Assert.Equal(allowed ? HttpStatusCode.OK : HttpStatusCode.Forbidden, response.StatusCode);
        if (allowed)
            Assert.Equal(origin, Assert.Single(response.Headers.GetValues("Access-Control-Allow-Origin")));
        else
            Assert.Contains($"Security__AllowedOrigins__0={origin}", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Containers_may_use_the_name_that_is_listed()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/models") { Headers = { Host = "host.docker.internal:1234" } };

        Assert.Equal(HttpStatusCode.OK, (await Client.SendAsync(request)).StatusCode);
    }
}
