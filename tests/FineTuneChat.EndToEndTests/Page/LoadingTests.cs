using System.Collections.Concurrent;
using System.Text.Json;
using FineTuneChat.TestSupport;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace FineTuneChat.EndToEndTests.Page;

/// <summary>What a browser that has seen the page before asks the server for.</summary>
[Collection(PageTests.Name)]
public sealed class LoadingTests(PageFixture fixture)
{
    private const int MostRequests = 15;

    [BrowserFact]
    public async Task A_reload_asks_for_the_document_and_for_data_alone()
    {
        await using ChatPage page = await fixture.OpenAsync();
        ICDPSession protocol = await page.Tab.Context.NewCDPSessionAsync(page.Tab);
        var sent = new ConcurrentDictionary<string, string>();
        var kept = new ConcurrentDictionary<string, bool>();
        var answers = new ConcurrentDictionary<string, JsonElement>();
        protocol.Event("Network.requestWillBeSent").OnEvent += (_, e) =>
        {
            if (e!.Value.GetProperty("type").GetString() == "Document")
                sent.Clear(); // what the page before the reload had asked for may never be reported as answered
            sent[Id(e)] = new Uri(e.Value.GetProperty("request").GetProperty("url").GetString()!).AbsolutePath;
        };
        protocol.Event("Network.requestServedFromCache").OnEvent += (_, e) => kept[Id(e)] = true;
        protocol.Event("Network.responseReceived").OnEvent += (_, e) =>
        {
            JsonElement response = e!.Value.GetProperty("response");
            answers[Id(e)] = response.GetProperty("headers");
            if (response.GetProperty("fromDiskCache").GetBoolean())
                kept[Id(e)] = true;
        };
        protocol.Event("Network.loadingFailed").OnEvent += (_, e) => sent.TryRemove(Id(e), out string? _);
        await protocol.SendAsync("Network.enable");

        await page.Tab.RunAndWaitForResponseAsync(
            () => page.Tab.ReloadAsync(),
            response => response.Url.EndsWith("/api/versions", StringComparison.Ordinal)); // the last thing it asks for
        await Expect(page.Composer).ToBeVisibleAsync();
        await Eventually.TrueAsync(() => sent.Keys.All(id => answers.ContainsKey(id) || kept.ContainsKey(id))); // whence each came is known

        string[] asked = [.. sent.Where(request => !kept.ContainsKey(request.Key)).Select(request => request.Value)];
        Assert.True(asked.Length <= MostRequests, string.Join(' ', asked));
        Assert.Equal(["/"], asked.Where(path => path != "/health" && !path.StartsWith("/api/", StringComparison.Ordinal)));

        string[] files = [.. kept.Keys.Where(answers.ContainsKey)];
        Assert.Contains("/app.js", files.Select(id => sent[id]));
        Assert.All(files, id =>
        {
            Assert.Contains("immutable", Header(answers[id], "cache-control"));
            Assert.Equal("br", Header(answers[id], "content-encoding"));
        });
    }

    private static string Id(JsonElement? e) => e!.Value.GetProperty("requestId").GetString()!;

    private static string? Header(JsonElement headers, string name) =>
        headers.EnumerateObject()
            .Where(header => header.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
            .Select(header => header.Value.GetString()).FirstOrDefault();
}
