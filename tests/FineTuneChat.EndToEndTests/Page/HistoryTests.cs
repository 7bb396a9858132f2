using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace FineTuneChat.EndToEndTests.Page;

[Collection(PageTests.Name)]
public sealed class HistoryTests(PageFixture fixture)
{
    [BrowserFact]
    public async Task Conversations_are_listed_and_opened_by_their_link()
    {
        await fixture.ExchangeAsync("Open me from the list");
        await using ChatPage page = await fixture.OpenAsync();
        await page.Tab.GetByRole(AriaRole.Link, new() { Name = "Open me from the list" }).ClickAsync();
        await Expect(page.Tab.Locator(".message.user")).ToHaveTextAsync("Open me from the list");
        await Expect(page.Tab.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("Open me from the list");
        await Expect(page.Tab.GetByRole(AriaRole.Link, new() { Name = "Open me from the list" })).ToHaveAttributeAsync("aria-current", "page");
    }

    [BrowserFact]
    public async Task The_search_finds_words_of_messages()
    {
        await fixture.ExchangeAsync("The zebra crosses the street");
        await using ChatPage page = await fixture.OpenAsync();
        await page.Tab.Keyboard.PressAsync("Control+k");
        await page.Tab.Keyboard.TypeAsync("zebra");
        await Expect(page.Conversations).ToHaveTextAsync(["The zebra crosses the street"]);
        await Expect(page.Tab.GetByText("1 conversation found")).ToBeAttachedAsync();
        await page.Tab.Keyboard.TypeAsync(" qqq");
        await Expect(page.Tab.GetByText("No conversation contains this.")).ToBeVisibleAsync();
    }

    [BrowserFact]
    public async Task A_conversation_is_renamed_in_place_by_the_keyboard()
    {
        (string conversation, _) = await fixture.ExchangeAsync("Name before");
        await using ChatPage page = await fixture.OpenAsync($"#/chat/{conversation}");
        await page.Button("Options for “Name before”").FocusAsync();
        await page.Tab.Keyboard.PressAsync("Enter");
        await Expect(page.Tab.GetByRole(AriaRole.Menuitem, new() { Name = "Rename" })).ToBeFocusedAsync();
        await page.Tab.Keyboard.PressAsync("ArrowDown");
        await Expect(page.Tab.GetByRole(AriaRole.Menuitem, new() { Name = "Export" })).ToBeFocusedAsync();
        await page.Tab.Keyboard.PressAsync("End");
        await Expect(page.Tab.GetByRole(AriaRole.Menuitem, new() { Name = "Delete" })).ToBeFocusedAsync();
        await page.Tab.Keyboard.PressAsync("Home");
        await page.Tab.Keyboard.PressAsync("Enter");
        await Expect(page.Tab.GetByLabel("New name")).ToBeFocusedAsync();
        await page.Tab.Keyboard.TypeAsync("Name after");
        await page.Tab.Keyboard.PressAsync("Enter");
        await Expect(page.Tab.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("Name after");
        await Expect(page.Tab.GetByRole(AriaRole.Link, new() { Name = "Name after" })).ToBeFocusedAsync();

        await page.Tab.ReloadAsync();
        await Expect(page.Tab.GetByRole(AriaRole.Link, new() { Name = "Name after" })).ToBeVisibleAsync();
    }

    [BrowserFact]
    public async Task A_conversation_is_deleted_after_a_question()
    {
        (string conversation, _) = await fixture.ExchangeAsync("Delete me");
        await using ChatPage page = await fixture.OpenAsync($"#/chat/{conversation}");
        ILocator link = page.Tab.GetByRole(AriaRole.Link, new() { Name = "Delete me" });
        await ChooseDeleteAsync(page);
        await page.Button("Cancel").ClickAsync();
        await Expect(link).ToBeVisibleAsync();

        await ChooseDeleteAsync(page);
        await page.Tab.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Delete" }).ClickAsync();
        await Expect(link).ToHaveCountAsync(0);
        await Expect(page.Tab.GetByText("What would you like to ask?")).ToBeVisibleAsync();
        using HttpResponseMessage response = await fixture.Server.Client.GetAsync($"/api/conversations/{conversation}");
        Assert.Equal(System.Net.HttpStatusCode.NotFound, response.StatusCode);
    }

    private static async Task ChooseDeleteAsync(ChatPage page)
    {
        await page.Tab.Locator("li", new() { HasText = "Delete me" }).HoverAsync();
        await page.Button("Options for “Delete me”").ClickAsync();
        await page.Tab.GetByRole(AriaRole.Menuitem, new() { Name = "Delete" }).ClickAsync();
    }
}
