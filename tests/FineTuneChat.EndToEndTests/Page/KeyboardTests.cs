using System.Text.RegularExpressions;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace FineTuneChat.EndToEndTests.Page;

[Collection(PageTests.Name)]
public sealed class KeyboardTests(PageFixture fixture)
{
    [BrowserFact]
    public async Task The_cursor_is_in_the_composer_of_a_new_chat()
    {
        await using ChatPage page = await fixture.OpenAsync();
        await Expect(page.Composer).ToBeFocusedAsync();
    }

    [BrowserFact]
    public async Task Shortcuts_lead_to_learning_and_to_a_new_chat()
    {
        await using ChatPage page = await fixture.OpenAsync();
        await page.Tab.Keyboard.PressAsync("Alt+Shift+L");
        await Expect(page.Tab.GetByRole(AriaRole.Heading, new() { Name = "Learning", Exact = true })).ToBeFocusedAsync();
        await page.Tab.Keyboard.PressAsync("Alt+Shift+N");
        await Expect(page.Composer).ToBeFocusedAsync();
    }

    [BrowserFact]
    public async Task Chats_views_and_actions_are_reached_by_their_names()
    {
        (string conversation, _) = await fixture.ExchangeAsync("Where is the walrus?");
        await using ChatPage page = await fixture.OpenAsync();
        ILocator palette = page.Tab.GetByRole(AriaRole.Combobox, new() { Name = "Go to, or do" });
        await page.Tab.Keyboard.PressAsync("Control+k");
        await palette.FillAsync("walrus");
        await Expect(page.Tab.GetByRole(AriaRole.Option, new() { Name = "Where is the walrus?" })).ToHaveAttributeAsync("aria-selected", "true");
        await Axe.CheckAsync(page);
        await page.Tab.Keyboard.PressAsync("Enter");
        await Expect(page.Tab).ToHaveURLAsync(new Regex($"#/chat/{conversation}$"));
        await Expect(page.LastReply).ToBeVisibleAsync();

        await page.Tab.Keyboard.PressAsync("Control+k");
        await palette.FillAsync("markdown");
        IDownload file = await page.Tab.RunAndWaitForDownloadAsync(() => page.Tab.Keyboard.PressAsync("Enter"));
        Assert.StartsWith("# Where is the walrus?\n\n## You\n\nWhere is the walrus?\n\n## Reply\n", await File.ReadAllTextAsync(await file.PathAsync()));

        await page.Tab.Keyboard.PressAsync("Control+k");
        await Expect(palette).ToBeFocusedAsync();
        await page.Tab.Keyboard.PressAsync("ArrowDown");
        await page.Tab.Keyboard.PressAsync("ArrowDown"); // new chat, temporary chat, learning
        await page.Tab.Keyboard.PressAsync("Enter");
        await Expect(page.Tab.GetByRole(AriaRole.Heading, new() { Name = "Learning", Exact = true })).ToBeFocusedAsync();
    }

    [BrowserFact]
    public async Task The_skip_link_comes_first_and_leads_to_the_content()
    {
        await using ChatPage page = await fixture.OpenAsync("#/learning");
        Assert.Equal("Skip to content", await page.Tab.EvaluateAsync<string>("document.querySelector('a, button, input, textarea, [tabindex]').textContent"));
        await page.Tab.GetByText("Skip to content").FocusAsync();
        await Expect(page.Tab.GetByText("Skip to content")).ToBeInViewportAsync();
        await page.Tab.Keyboard.PressAsync("Enter");
        await Expect(page.Tab.Locator("#main")).ToBeFocusedAsync();
    }

    [BrowserFact]
    public async Task Escape_closes_a_dialog_and_not_the_reply_behind_it()
    {
        await using ChatPage page = await fixture.OpenAsync();
        await page.LimitRepliesAsync(300);
        await page.SendAsync("Go on behind the dialog");
        await page.ReplyBeginsAsync();
        await page.Button("Settings").ClickAsync();
        await page.Tab.Keyboard.PressAsync("Escape");
        await Expect(page.Tab.GetByRole(AriaRole.Dialog)).ToHaveCountAsync(0);
        await Expect(page.Button("Settings")).ToBeFocusedAsync();
        await page.ReplyEndsAsync();
        await Expect(page.LastReply).Not.ToContainTextAsync("Stopped.");
    }
}
