using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace FineTuneChat.EndToEndTests.Page;

/// <summary>Replies, tokens and time of a chat and of an assistant.</summary>
[Collection(PageTests.Name)]
public sealed class UsageTests(PageFixture fixture)
{
    [BrowserFact]
    public async Task A_chat_and_an_assistant_say_what_their_replies_took()
    {
        await fixture.ExchangeAsync("Count the pelicans", tokens: 3);
        await using ChatPage page = await fixture.OpenAsync();
        await page.Button("Options for “Count the pelicans”").ClickAsync();
        await page.Tab.GetByRole(AriaRole.Menuitem, new() { Name = "Usage" }).ClickAsync();
        ILocator figures = page.Tab.GetByRole(AriaRole.Dialog).Locator("tbody tr");
        await Expect(figures.Locator("th")).ToHaveTextAsync("Version 0");
        await Expect(figures.Locator("td").Nth(0)).ToHaveTextAsync("1");
        await Expect(figures.Locator("td").Nth(2)).ToHaveTextAsync("3");
        await Axe.CheckAsync(page);
        await page.Tab.Keyboard.PressAsync("Escape");

        await page.Tab.GotoAsync("/#/assistants");
        await page.Tab.Locator("[data-assistant=assistant]").GetByRole(AriaRole.Button, new() { Name = "Usage of “assistant”" }).ClickAsync();
        await Expect(figures.First.Locator("th")).ToHaveTextAsync("Version 0");
        await Axe.CheckAsync(page);
    }
}
