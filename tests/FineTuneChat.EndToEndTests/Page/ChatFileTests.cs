using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using FineTuneChat.TestSupport;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace FineTuneChat.EndToEndTests.Page;

/// <summary>Chats as files.</summary>
[Collection(PageTests.Name)]
public sealed class ChatFileTests(PageFixture fixture)
{
    [BrowserFact]
    public async Task A_chat_is_exported_deleted_and_imported_again()
    {
        (string conversation, _) = await fixture.ExchangeAsync("Take me with you");
        await using ChatPage page = await fixture.OpenAsync($"#/chat/{conversation}");
        await page.Button("Options for “Take me with you”").FocusAsync();
        await page.Tab.Keyboard.PressAsync("Enter");
        IDownload download = await page.Tab.RunAndWaitForDownloadAsync(() => page.Tab.GetByRole(AriaRole.Menuitem, new() { Name = "Export" }).ClickAsync());
        Assert.Equal("Take me with you.json", download.SuggestedFilename);
        byte[] file = await File.ReadAllBytesAsync(await download.PathAsync());
        using (HttpResponseMessage deleted = await fixture.Server.Client.DeleteAsync($"/api/conversations/{conversation}"))
            deleted.EnsureSuccessStatusCode();

        await page.Tab.ReloadAsync();
        await ImportAsync(page, "chats.json", file);
        await Expect(page.Tab.GetByRole(AriaRole.Dialog)).ToContainTextAsync("One conversation was imported.");
        await Axe.CheckAsync(page);
        await page.Button("Close").ClickAsync();
        await page.Tab.GetByRole(AriaRole.Link, new() { Name = "Take me with you" }).ClickAsync();
        await Expect(page.Tab.Locator(".message.user .bubble")).ToHaveTextAsync("Take me with you");
    }

    [BrowserFact]
    public async Task What_is_wrong_with_a_file_is_said()
    {
        await using ChatPage page = await fixture.OpenAsync();
        await ImportAsync(page, "chats.json", Encoding.UTF8.GetBytes("no json"));
        await Expect(page.Tab.GetByRole(AriaRole.Alert)).ToContainTextAsync("The file holds no conversations of FineTuneChat, ChatGPT, Open WebUI");
        byte[] file = Encoding.UTF8.GetBytes("""[{"messages":[{"role":"root","content":"x"}]}]""");
        await page.Tab.GetByLabel("File").SetInputFilesAsync(new FilePayload { Name = "b.json", MimeType = "application/json", Buffer = file });
        await page.Tab.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Import" }).ClickAsync();
        await Expect(page.Tab.GetByRole(AriaRole.Dialog)).ToContainTextAsync("No. 1: it has a message with the role 'root'");
    }

    [BrowserFact]
    public async Task Nothing_in_an_imported_chat_becomes_script_or_markup()
    {
        string[] lines = await File.ReadAllLinesAsync(Path.Combine(Repository.Root, "tests/FineTuneChat.EndToEndTests/Page/script-injection.txt"));
        string[] corpus = [.. lines.Where((_, i) => i % 3 == 0)];
        var messages = new JsonArray();
        foreach ((int i, string text) in corpus.Index())
        {
            messages.Add(new JsonObject { ["role"] = "user", ["content"] = text });
            messages.Add(new JsonObject
            {
                ["role"] = "assistant",
                ["content"] = text,
                ["model"] = text,
                ["finish_reason"] = text,
                ["completion_id"] = $"chatcmpl-{text}{i}",
            });
        }
        string file = new JsonObject { ["title"] = corpus[0], ["id"] = corpus[1], ["messages"] = messages }.ToJsonString();
        await using ChatPage page = await fixture.OpenAsync();
        var alarms = new List<string>();
        page.Tab.Dialog += (_, dialog) => { alarms.Add(dialog.Message); _ = dialog.DismissAsync(); };
        page.Tab.Request += (_, request) =>
        {
            if (!request.Url.StartsWith(fixture.Server.Address.ToString(), StringComparison.Ordinal))
                alarms.Add(request.Url);
        };
        await ImportAsync(page, "chats.json", Encoding.UTF8.GetBytes(file));
        await Expect(page.Tab.GetByRole(AriaRole.Dialog)).ToContainTextAsync("One conversation was imported.");
        await page.Button("Close").ClickAsync();
        await page.Conversations.GetByText(corpus[0], new() { Exact = true }).First.ClickAsync();
        await Expect(page.Tab.Locator(".message.user .bubble").First).ToBeVisibleAsync();
        await page.Tab.EvaluateAsync("() => dispatchEvent(new Event('beforeprint'))"); // also those that are far from the screen are drawn then
        await Expect(page.Tab.Locator(".message.user .bubble")).ToHaveTextAsync(corpus);
        await Expect(page.Tab.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync(corpus[0]);
        await Expect(page.LastReply.Locator(".by")).ToHaveTextAsync(corpus[^1]);
        JsonElement? ran = await page.Tab.EvaluateAsync(
            "() => new Promise(done => requestAnimationFrame(() => setTimeout(() => done("
            + "Boolean(window.xss) "
            + "|| document.querySelectorAll('.message :is(script, img, svg:not(.icon), iframe, style, form, object)').length > 0))))");
        Assert.False(ran!.Value.GetBoolean());
        Assert.Empty(alarms);
    }

    private static async Task ImportAsync(ChatPage page, string name, byte[] content)
    {
        await page.Button("All conversations").ClickAsync();
        await page.Tab.GetByRole(AriaRole.Menuitem, new() { Name = "Import" }).ClickAsync();
        await page.Tab.GetByLabel("File").SetInputFilesAsync(new FilePayload { Name = name, MimeType = "application/json", Buffer = content });
        await page.Tab.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Import" }).ClickAsync();
    }
}
