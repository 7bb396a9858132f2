using System.Net.Http.Json;
using System.Text.Json;
using FineTuneChat.TestSupport;
using Microsoft.Playwright;
using OpenAI.Chat;

namespace FineTuneChat.EndToEndTests.Teaching;

/// <summary>Takes the pictures in <c>docs/</c>, of a server that has been taught: when <c>FTC_ALBUM</c> names a folder for them.</summary>
internal static class Album
{
    private static readonly (string Name, ViewportSize Size, ColorScheme Scheme)[] Looks =
    [
        ("light", new() { Width = 1280, Height = 800 }, ColorScheme.Light),
        ("dark", new() { Width = 1280, Height = 800 }, ColorScheme.Dark),
        ("phone", new() { Width = 390, Height = 844 }, ColorScheme.Light),
    ];

    public static string? Folder { get; } = Environment.GetEnvironmentVariable("FTC_ALBUM");

    /// <summary>The page as a newcomer finds it, in each look.</summary>
    public static Task TakeStartAsync(ServerProcess server, Browser browser) => InEachLookAsync(server, browser, async (page, name) =>
    {
        await page.GetByText("Teach it something in a minute").WaitForAsync();
        await TakeAsync(page, $"start-{name}.png");
    });

    /// <summary>The run while it trains.</summary>
    public static async Task TakeLiveRunAsync(IPage page)
    {
        if (Folder is null)
            return;
        Directory.CreateDirectory(Folder);
        await page.Locator(".card.live .curve canvas").WaitForAsync();
        await Eventually.TrueAsync(() => page.Locator(".card.live progress").EvaluateAsync<bool>("bar => bar.position > 0.6"));
        await TakeAsync(page, "training.png");
    }

    /// <summary>Every view, in each look.</summary>
    public static async Task TakeAsync(ServerProcess server, Browser browser, Assistant assistant)
    {
        if (Folder is null)
            return;
        string conversation = await ChatAsync(server, assistant);
        await InEachLookAsync(server, browser, async (page, name) =>
        {
            await page.GetByRole(AriaRole.Button, new() { Name = "Options of this chat" }).ClickAsync();
            await page.GetByLabel("System prompt").FillAsync("You answer for Nortaria, a shop for lamps and chairs.");
            await page.GetByLabel("Temperature").FillAsync("0.4");
            await TakeAsync(page, $"options-{name}.png");
            await page.Keyboard.PressAsync("Escape");
            await page.GotoAsync(new Uri(server.Address, $"/#/chat/{conversation}").ToString());
            await page.Locator(".message.reply").Last.WaitForAsync();
            await TakeAsync(page, $"page-{name}.png");
            await page.GetByRole(AriaRole.Button, new() { Name = "Ask two versions, blind" }).Last.ClickAsync();
            await page.GetByRole(AriaRole.Menuitem, new() { Name = "Version 0" }).ClickAsync();
            await page.GetByRole(AriaRole.Button, new() { Name = "B is better" }).WaitForAsync();
            await TakeAsync(page, $"choice-{name}.png");
            await page.GetByRole(AriaRole.Button, new() { Name = "Go on with the first reply" }).ClickAsync();
            await page.GotoAsync(new Uri(server.Address, "/#/learning").ToString());
            await page.Locator(".figure-table").First.WaitForAsync();
            await TakeAsync(page, $"learning-{name}.png");
            await page.Locator(".example summary").First.ClickAsync();
            await page.Locator(".dataset").EvaluateAsync("section => section.scrollIntoView()");
            await TakeAsync(page, $"examples-{name}.png");
            await page.GotoAsync(new Uri(server.Address, "/#/compare").ToString());
            await page.GetByLabel("Question").FillAsync("When does Nortaria open?");
            await page.GetByRole(AriaRole.Button, new() { Name = "Ask both" }).ClickAsync();
            await page.GetByRole(AriaRole.Button, new() { Name = "B is better" }).WaitForAsync();
            await TakeAsync(page, $"compare-{name}.png");
            await page.GotoAsync(new Uri(server.Address, "/#/server").ToString());
            await page.Locator(".model-ids li").First.WaitForAsync();
            await TakeAsync(page, $"server-{name}.png");
            if (name == "phone")
            {
                await page.GetByRole(AriaRole.Button, new() { Name = "Open sidebar" }).ClickAsync();
                await TakeAsync(page, $"sidebar-{name}.png");
            }
            await page.GetByRole(AriaRole.Button, new() { Name = "Settings" }).ClickAsync();
            await TakeAsync(page, $"settings-{name}.png");
        });
    }

    private static async Task InEachLookAsync(ServerProcess server, Browser browser, Func<IPage, string, Task> take)
    {
        if (Folder is null)
            return;
        foreach (var (name, size, scheme) in Looks)
        {
            await using IBrowserContext context = await browser.LookAsync(size, scheme);
            IPage page = await context.NewPageAsync();
            await page.GotoAsync(server.Address.ToString());
            await take(page, name);
        }
    }

    private static async Task<string> ChatAsync(ServerProcess server, Assistant assistant)
    {
        List<ChatMessage> messages = [];
        string last = "";
        foreach (string question in (string[])["What is the capital of France?", "Write the numbers from 8 to 12.", "When does Nortaria open?"])
        {
            messages.Add(new UserChatMessage(question));
            ChatCompletion reply = await assistant.AskAsync(messages);
            messages.Add(new AssistantChatMessage(reply.Content[0].Text));
            last = reply.Id;
        }
        using HttpResponseMessage rated = await server.Client.PostAsJsonAsync("/api/feedback", new { completion_id = last, rating = "up" });
        rated.EnsureSuccessStatusCode();
        JsonElement newest = await server.Client.GetFromJsonAsync<JsonElement>("/api/conversations?limit=1");
        return newest.GetProperty("data")[0].GetProperty("id").GetString()!;
    }

    private static Task TakeAsync(IPage page, string file) => page.ScreenshotAsync(new() { Path = Path.Combine(Folder!, file) });
}
