using System.Text.RegularExpressions;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace FineTuneChat.EndToEndTests.Page;

/// <summary>A second assistant: made, asked, shown what it learns, deleted.</summary>
[Collection(PageTests.Name)]
public sealed partial class AssistantsTests(PageFixture fixture)
{
    [BrowserFact]
    public async Task An_assistant_is_made_asked_and_deleted_on_the_page()
    {
        await using ChatPage page = await fixture.OpenAsync("#/assistants");
        await page.LimitRepliesAsync(8);
        await page.Button("New assistant").ClickAsync();
        await page.Tab.GetByLabel("Name", new() { Exact = true }).FillAsync("Panadería Niño");
        await Expect(page.Tab.GetByLabel("Model id")).ToHaveValueAsync("panaderia-nino");
        await page.Button("Save").ClickAsync();
        await page.Tab.GetByRole(AriaRole.Link, new() { Name = "Chat with Panadería Niño" }).ClickAsync();
        await Expect(page.Button("Assistant: Panadería Niño")).ToBeVisibleAsync();

        await page.SendAsync("Do you have bread?");
        await page.ReplyEndsAsync();
        await Expect(page.Tab).ToHaveURLAsync(InChat());
        await page.Tab.ReloadAsync(); // the chat is still with it
        await Expect(page.Button("Assistant: Panadería Niño")).ToBeVisibleAsync();

        await page.Tab.GotoAsync("/#/assistants");
        await page.Button("Options for Panadería Niño").ClickAsync();
        await page.Tab.GetByRole(AriaRole.Menuitem, new() { Name = "Delete" }).ClickAsync();
        await page.Button("Delete for good").ClickAsync();
        await Expect(page.Tab.Locator(".assistant-card").Filter(new() { HasText = "Panadería Niño" })).ToHaveCountAsync(0);
        await Expect(page.Button("Assistant: Panadería Niño")).ToHaveCountAsync(0);
    }

    [GeneratedRegex("#/chat/")]
    private static partial Regex InChat();
}
