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
        await page.Tab.GetByRole(AriaRole.Searchbox, new() { Name = "Search conversations" }).FillAsync("zebra");
        await Expect(page.Conversations).ToHaveTextAsync(["The zebra crosses the street"]);
        await Expect(page.Tab.GetByText("1 conversation found")).ToBeAttachedAsync();
        await page.Tab.Keyboard.TypeAsync(" qqq");
        await Expect(page.Tab.GetByText("No conversation contains this.")).ToBeVisibleAsync();
    }

    [BrowserFact]
    public async Task A_long_list_is_unfolded_and_stays_so_and_all_of_it_is_exported()
    {
        await fixture.ImportAsync(Enumerable.Range(0, 45).Select(i => new
        {
            title = $"Hedgehog {i:D2}",
            messages = new[] { new { role = "user", content = $"Hedgehog {i}?" }, new { role = "assistant", content = "Yes." } },
        }));
        await using ChatPage page = await fixture.OpenAsync();
        await page.Tab.GetByRole(AriaRole.Searchbox, new() { Name = "Search conversations" }).FillAsync("hedgehog");
        await Expect(page.Tab.GetByText("40 conversations found")).ToBeAttachedAsync(); // the list of all may have as many
        await page.Button("Show more").ClickAsync();
        await Expect(page.Conversations).ToHaveCountAsync(45);
        await Expect(page.Button("Show more")).ToHaveCountAsync(0);
        await page.Tab.EvaluateAsync("document.dispatchEvent(new Event('visibilitychange'))"); // the user comes back from another tab
        await Expect(page.Conversations).ToHaveCountAsync(45);

        await ExportAllAsync(page);
    }

    [BrowserFact]
    public async Task A_list_that_is_read_again_while_it_is_unfolded_shows_all_that_was_asked_for()
    {
        await fixture.ImportAsync(Enumerable.Range(0, 45).Select(i => new
        {
            title = $"Badger {i:D2}",
            messages = new[] { new { role = "user", content = $"Badger {i}?" }, new { role = "assistant", content = "Yes." } },
        }));
        await using ChatPage page = await fixture.OpenAsync();
        await page.Tab.RouteAsync("**/api/conversations?*after=*", _ => Task.CompletedTask); // the next part never comes
        await page.Tab.GetByRole(AriaRole.Searchbox, new() { Name = "Search conversations" }).FillAsync("badger");
        await Expect(page.Tab.GetByText("40 conversations found")).ToBeAttachedAsync(); // the list of all may have as many
        await page.Button("Show more").ClickAsync();
        await page.Tab.EvaluateAsync("document.dispatchEvent(new Event('visibilitychange'))");
        await Expect(page.Conversations).ToHaveCountAsync(45);
    }

    private static async Task ExportAllAsync(ChatPage page)
    {
        await page.Button("All conversations").ClickAsync();
        IDownload download = await page.Tab.RunAndWaitForDownloadAsync(() => page.Tab.GetByRole(AriaRole.Menuitem, new() { Name = "Export all" }).ClickAsync());
        Assert.Equal("conversations.json", download.SuggestedFilename);
        Assert.Contains("Hedgehog 44", await File.ReadAllTextAsync(await download.PathAsync()));
    }

    [BrowserFact]
    public async Task A_menu_stays_open_and_the_focus_where_it_is_while_the_list_changes()
    {
        await fixture.ExchangeAsync("Use my menu");
        await using ChatPage page = await fixture.OpenAsync();
        await page.Button("Options for “Use my menu”").FocusAsync();
        await page.Tab.Keyboard.PressAsync("Enter");
        await Expect(page.Tab.GetByRole(AriaRole.Menuitem, new() { Name = "Rename" })).ToBeFocusedAsync();
        await fixture.ExchangeAsync("Said elsewhere");
        await page.Tab.EvaluateAsync("document.dispatchEvent(new Event('visibilitychange'))");
        await Expect(page.Tab.GetByRole(AriaRole.Menuitem, new() { Name = "Rename" })).ToBeFocusedAsync();
        await page.Tab.Keyboard.PressAsync("Escape");
        await Expect(page.Button("Options for “Use my menu”")).ToBeFocusedAsync();
        await Expect(page.Tab.GetByRole(AriaRole.Link, new() { Name = "Said elsewhere" })).ToBeVisibleAsync();
    }

    [BrowserFact]
    public async Task A_conversation_that_went_on_elsewhere_is_shown_as_it_is_now()
    {
        (string conversation, string completion) = await fixture.ExchangeAsync("Rated elsewhere");
        await using ChatPage page = await fixture.OpenAsync($"#/chat/{conversation}");
        await Expect(page.Replies).ToHaveCountAsync(1);
        await page.Tab.GetByRole(AriaRole.Link, new() { Name = "New chat" }).ClickAsync();
        await fixture.RateAsync(completion, "down", "Better said.");
        await page.Tab.GoBackAsync();
        await Expect(page.LastReply.Locator(".correction")).ToContainTextAsync("Better said.");
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
