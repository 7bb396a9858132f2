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

    private const string OtherViews =
        """
        () => Promise.all(['assistants/assistants', 'compare/compare', 'documents/documents', 'learning/learning', 'model-manager/models', 'server/server']
          .map((name) => import(`/${name}-view.js`))).then(() => null)
        """;

    [BrowserFact]
    public async Task A_reload_asks_for_the_document_and_for_data_alone()
    {
        await using ChatPage page = await fixture.OpenAsync();
        await page.Tab.EvaluateAsync(OtherViews); // they come after the chat
        ICDPSession protocol = await page.Tab.Context.NewCDPSessionAsync(page.Tab);
        string? document = null; // the newest; what the page before the reload had asked for may never be told as answered
        var sent = new ConcurrentDictionary<string, (string Document, string Path)>();
        var kept = new ConcurrentDictionary<string, bool>();
        var answers = new ConcurrentDictionary<string, JsonElement>();
        protocol.Event("Network.requestWillBeSent").OnEvent += (_, e) =>
        {
            if (e!.Value.GetProperty("type").GetString() == "Document")
                document = Id(e);
            string path = new Uri(e.Value.GetProperty("request").GetProperty("url").GetString()!).AbsolutePath;
            sent[Id(e)] = (e.Value.GetProperty("loaderId").GetString()!, path);
        };
        protocol.Event("Network.requestServedFromCache").OnEvent += (_, e) => kept[Id(e)] = true;
        protocol.Event("Network.responseReceived").OnEvent += (_, e) =>
        {
            JsonElement response = e!.Value.GetProperty("response");
            if (response.GetProperty("fromDiskCache").GetBoolean())
                kept[Id(e)] = true;
            answers[Id(e)] = response.GetProperty("headers");
        };
        protocol.Event("Network.loadingFailed").OnEvent += (_, e) => sent.TryRemove(Id(e), out (string, string) _);
        await protocol.SendAsync("Network.enable");

        await page.Tab.RunAndWaitForResponseAsync(
            () => page.Tab.ReloadAsync(),
            response => response.Url.EndsWith("/api/versions", StringComparison.Ordinal)); // the last thing it asks for
        await Expect(page.Composer).ToBeVisibleAsync();
        await Eventually.TrueAsync(() => OfReload().All(id => answers.ContainsKey(id) || kept.ContainsKey(id)));
        Assert.Equal(["/"], AskedFiles());
        Assert.True(Asked().Count() <= MostRequests, string.Join(' ', Asked()));

        string[] files = [.. OfReload().Where(id => kept.ContainsKey(id) && answers.ContainsKey(id))];
        Assert.Contains("/app.js", files.Select(id => sent[id].Path));
        Assert.All(files, id =>
        {
            Assert.Contains("immutable", Header(answers[id], "cache-control"));
            Assert.Equal("br", Header(answers[id], "content-encoding"));
        });

        IEnumerable<string> OfReload() => sent.Where(request => request.Value.Document == document).Select(request => request.Key);

        IEnumerable<string> Asked() => OfReload().Where(id => !kept.ContainsKey(id)).Select(id => sent[id].Path);

        IEnumerable<string> AskedFiles() => Asked().Where(path => path != "/health" && !path.StartsWith("/api/", StringComparison.Ordinal));
    }

    private static string Id(JsonElement? e) => e!.Value.GetProperty("requestId").GetString()!;

    private static string? Header(JsonElement headers, string name) =>
        headers.EnumerateObject()
            .Where(header => header.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
            .Select(header => header.Value.GetString()).FirstOrDefault();
}
