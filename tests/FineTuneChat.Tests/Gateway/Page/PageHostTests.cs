using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using FineTuneChat.Tests.Support;

namespace FineTuneChat.Tests.Gateway.Page;

/// <summary>How the page is sent. What that saves in a browser: LoadingTests in EndToEndTests.</summary>
public sealed partial class PageHostTests
{
    [Fact]
    public async Task Whatever_the_page_is_made_of_is_sent_compressed_to_be_kept_for_ever()
    {
        await using TestGateway gateway = await TestGateway.StartWithoutEngineAsync();
        string html = await gateway.Client.GetStringAsync("/");
        JsonObject map = JsonNode.Parse(ImportMap.Match(html).Groups["map"].Value)!["imports"]!.AsObject();
        string[] addresses = [.. Address.Matches(html).Select(found => found.Groups["address"].Value), .. map.Select(entry => (string)entry.Value!)];

        foreach (string module in (string[])["/app.js", "/chat/chat.js", "/lib/marked.esm.js", "/lib/temml.mjs"])
            Assert.Contains(module, map.Select(entry => entry.Key));
        Assert.Contains(addresses, address => address.StartsWith("/css/base.css?", StringComparison.Ordinal));
        foreach (string address in addresses.Distinct())
        {
            using HttpResponseMessage file = await GetAsync(gateway.Client, address);
            string caching = string.Join(", ", file.Headers.GetValues("Cache-Control")), encoding = string.Join(", ", file.Content.Headers.ContentEncoding);
            Assert.Equal((address, HttpStatusCode.OK, "public, max-age=31536000, immutable", "br"), (address, file.StatusCode, caching, encoding));
        }

        using HttpResponseMessage plain = await GetAsync(gateway.Client, "/app.js"); // whose address says nothing of its content
        Assert.True(plain.Headers.CacheControl!.NoCache);
    }

    [Fact]
    public async Task The_modules_that_the_page_starts_with_are_named_at_once()
    {
        await using var site = await PageSite.StartAsync(
            ("index.html", Document),
            ("app.js", "import { a } from './chat/a.js';\nconst later = () => import('./later.js');\n"),
            ("chat/a.js", "// from './never.js'\nimport {\n  b,\n  c,\n} from '../b.js';\nimport '/lib/d.mjs';\nexport * from './missing.js';\n"),
            ("b.js", "import { a } from './chat/a.js';"),
            ("lib/d.mjs", ""), ("later.js", ""), ("chat/never.js", ""));
        string html = await site.Client.GetStringAsync("/");
        string[] preloaded = [.. Preload.Matches(html).Select(found => found.Groups["path"].Value)];
        Assert.Equal(["/app.js", "/chat/a.js", "/b.js", "/lib/d.mjs"], preloaded);
        Assert.Contains("/later.js?v=", html); // in the map, so that it is kept, too
    }

    [Fact]
    public async Task A_file_that_is_edited_has_another_address_and_the_rest_keeps_its_own()
    {
        await using var site = await PageSite.StartAsync(("index.html", Document), ("app.js", "one"), ("other.js", "same"));
        using HttpResponseMessage before = await site.Client.GetAsync("/");
        string old = AddressOf("/app.js", await before.Content.ReadAsStringAsync()), other = AddressOf("/other.js", await before.Content.ReadAsStringAsync());
        site.Write("app.js", "another");
        using HttpResponseMessage after = await AskAgainAsync(site.Client, before);
        string html = await after.Content.ReadAsStringAsync();
        Assert.NotEqual(old, AddressOf("/app.js", html));
        Assert.Equal(other, AddressOf("/other.js", html));
        Assert.Equal("another", await site.Client.GetStringAsync(AddressOf("/app.js", html)));

        using HttpResponseMessage late = await site.Client.GetAsync(old); // a page that was opened before asks for the old address
        Assert.Equal("another", await late.Content.ReadAsStringAsync());
        Assert.True(late.Headers.CacheControl!.NoCache);
    }

    [Theory]
    [InlineData("app.js", "2")]
    [InlineData("base.css", "2")]
    [InlineData("index.html", Document + "<p>More</p>")]
    public async Task The_document_is_sent_again_only_when_something_has_been_edited(string file, string content)
    {
        await using var site = await PageSite.StartAsync(("index.html", Document), ("app.js", "one"), ("base.css", "one"));
        using HttpResponseMessage first = await site.Client.GetAsync("/");
        using (HttpResponseMessage again = await AskAgainAsync(site.Client, first))
            Assert.Equal(HttpStatusCode.NotModified, again.StatusCode);
        site.Write(file, content);
        using HttpResponseMessage edited = await AskAgainAsync(site.Client, first);
        Assert.Equal(HttpStatusCode.OK, edited.StatusCode);
    }

    [Fact]
    public async Task The_policy_allows_the_import_map_and_no_other_inline_script()
    {
        await using TestGateway gateway = await TestGateway.StartWithoutEngineAsync();
        using HttpResponseMessage document = await gateway.Client.GetAsync("/");
        string map = ImportMap.Match(await document.Content.ReadAsStringAsync()).Groups["map"].Value;
        string hash = Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(map)));
        Assert.Contains($"script-src 'self' 'sha256-{hash}';", document.Headers.GetValues("Content-Security-Policy").Single());
        using HttpResponseMessage elsewhere = await gateway.Client.GetAsync("/app.js");
        Assert.Contains("script-src 'self';", elsewhere.Headers.GetValues("Content-Security-Policy").Single());
    }

    [Fact]
    public async Task What_the_api_answers_is_not_compressed()
    {
        await using TestGateway gateway = await TestGateway.StartWithoutEngineAsync();
        using HttpResponseMessage answer = await GetAsync(gateway.Client, "/api/conversations");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Empty(answer.Content.Headers.ContentEncoding);
    }

    private const string Document = """
        <!doctype html>
        <link rel="stylesheet" href="base.css">
        <script type="importmap">{}</script>
        <script type="module" src="app.js"></script>
        <a href="#main">Skip</a> <a href="https://example.org/app.js">Elsewhere</a>
        """;

    private static string AddressOf(string module, string html) => (string)JsonNode.Parse(ImportMap.Match(html).Groups["map"].Value)!["imports"]![module]!;

    private static Task<HttpResponseMessage> AskAgainAsync(HttpClient client, HttpResponseMessage kept) =>
        client.SendAsync(new(HttpMethod.Get, "/") { Headers = { { "If-None-Match", kept.Headers.ETag!.ToString() } } });

    private static Task<HttpResponseMessage> GetAsync(HttpClient client, string address) =>
        client.SendAsync(new(HttpMethod.Get, address) { Headers = { { "Accept-Encoding", "gzip, br" } } });

    [GeneratedRegex("""<script type="importmap">(?<map>.*?)</script>""")]
    private static partial Regex ImportMap { get; }

    [GeneratedRegex("""(?:href|src)="(?<address>/[^"]+)""")]
    private static partial Regex Address { get; }

    [GeneratedRegex("""rel="modulepreload" href="(?<path>[^"?]+)\?v=""")]
    private static partial Regex Preload { get; }
}
