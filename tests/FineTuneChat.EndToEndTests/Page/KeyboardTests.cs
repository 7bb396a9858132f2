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
