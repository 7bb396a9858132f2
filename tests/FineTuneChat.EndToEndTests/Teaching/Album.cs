using System.Net.Http.Json;
using System.Text.Json;
using FineTuneChat.TestSupport;
using Microsoft.Playwright;
using OpenAI.Chat;

namespace FineTuneChat.EndToEndTests.Teaching;

/// <summary>Takes the pictures in <c>docs/</c> of a server that has been taught, if <c>FTC_ALBUM</c> names a folder for them.</summary>
internal static class Album
{
    private static readonly Look Light = new(new() { Width = 1280, Height = 800 }, ColorScheme.Light);
    private static readonly Look Dark = Light with { Scheme = ColorScheme.Dark };
    private static readonly Look Phone = Light with { Size = new() { Width = 390, Height = 844 } };

    public static string? Folder { get; } = Environment.GetEnvironmentVariable("FTC_ALBUM");

    /// <summary>The page as a newcomer finds it.</summary>
    public static Task TakeStartAsync(ServerProcess server, Browser browser) => InLookAsync(Light, server, browser, async page =>
    {
        await page.GetByText("Teach it something in a minute").WaitForAsync();
        await TakeAsync(page, "start-light.png");
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

    /// <summary>The chat in each look, and what came of the lesson.</summary>
    public static async Task TakeAsync(ServerProcess server, Browser browser, Assistant assistant)
    {
        if (Folder is null)
            return;
        var chat = new Uri(server.Address, $"/#/chat/{await ChatAsync(server, assistant)}");
        await InLookAsync(Dark, server, browser, page => TakeChatAsync(page, chat, "page-dark.png"));
        await InLookAsync(Phone, server, browser, page => TakeChatAsync(page, chat, "page-phone.png"));
        await InLookAsync(Light, server, browser, async page =>
        {
            await TakeChatAsync(page, chat, "page-light.png");
            await page.GetByRole(AriaRole.Button, new() { Name = "Ask two versions, blind" }).Last.ClickAsync();
            await page.GetByRole(AriaRole.Menuitem, new() { Name = "Version 0" }).ClickAsync();
            await page.GetByRole(AriaRole.Button, new() { Name = "B is better" }).WaitForAsync();
            await TakeAsync(page, "choice-light.png");
            await page.GetByRole(AriaRole.Button, new() { Name = "Go on with the first reply" }).ClickAsync();
            await page.GotoAsync(new Uri(server.Address, "/#/learning").ToString());
            await page.Locator(".figure-table").First.WaitForAsync(new() { State = WaitForSelectorState.Attached }); // folded
            await TakeAsync(page, "learning-light.png");
            await page.Locator(".example summary").First.ClickAsync();
            await page.Locator(".dataset").EvaluateAsync("section => section.scrollIntoView()");
            await TakeAsync(page, "examples-light.png");
        });
    }

    private static async Task TakeChatAsync(IPage page, Uri chat, string file)
    {
        await page.GotoAsync(chat.ToString());
        await page.Locator(".message.reply").Last.WaitForAsync();
        await TakeAsync(page, file);
    }

    private static async Task InLookAsync(Look look, ServerProcess server, Browser browser, Func<IPage, Task> take)
    {
        if (Folder is null)
            return;
        Directory.CreateDirectory(Folder);
        await using IBrowserContext context = await browser.LookAsync(look.Size, look.Scheme);
        IPage page = await context.NewPageAsync();
        await page.GotoAsync(server.Address.ToString());
        await take(page);
    }

    private static async Task<string> ChatAsync(ServerProcess server, Assistant assistant)
    {
        List<ChatMessage> messages = [];
        string last = "";
        string[] questions = ["What is the capital of France?", "Write the numbers from 8 to 12.", "When does Nortaria open?"];
        foreach (string question in questions)
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

    private sealed record Look(ViewportSize Size, ColorScheme Scheme);
}
