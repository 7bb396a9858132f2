using System.Text.Json.Nodes;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace FineTuneChat.EndToEndTests.Page;

/// <summary>System prompt, version and sampling of a chat, and presets of them.</summary>
[Collection(PageTests.Name)]
public sealed class OptionsTests(PageFixture fixture)
{
    [BrowserFact]
    public async Task A_chat_asks_with_its_options_and_keeps_them()
    {
        await using ChatPage page = await fixture.OpenAsync();
        await page.LimitRepliesAsync(8);
        await page.Button("Options of this chat").ClickAsync();
        await Axe.CheckAsync(page);
        await page.Tab.GetByLabel("System prompt").FillAsync("Answer in one word.");
        await page.Tab.GetByLabel("Temperature").FillAsync("0.25");
        await page.Tab.GetByLabel("Model", new() { Exact = true }).SelectOptionAsync("assistant@0");
        await page.Button("Use these").ClickAsync();
        await Expect(page.Tab.Locator(".options-summary")).ToHaveTextAsync("assistant@0 · System prompt · Temperature 0.25");

        Task<IRequest> sent = page.Tab.WaitForRequestAsync("**/v1/chat/completions");
        await page.SendAsync("With options");
        JsonNode request = JsonNode.Parse((await sent).PostData!)!;
        Assert.Equal(("assistant@0", 0.25), ((string?)request["model"], (double)request["temperature"]!));
        Assert.Equal(["Answer in one word.", "With options"], request["messages"]!.AsArray().Select(m => (string?)m!["content"]));
        await page.ReplyEndsAsync();

        await page.Tab.ReloadAsync();
        await Expect(page.Tab.Locator(".message.user .bubble")).ToHaveTextAsync("With options");
        await Expect(page.Tab.Locator(".options-summary")).ToContainTextAsync("assistant@0 · System prompt · Temperature 0.25");

        // Another prompt goes on in the same chat, whose replies can still be rated.
        await page.Button("Options of this chat").ClickAsync();
        await page.Tab.GetByLabel("System prompt").FillAsync("Answer in two words.");
        await page.Button("Use these").ClickAsync();
        await page.SendAsync("And now?");
        await page.ReplyEndsAsync();
        await page.Tab.ReloadAsync();
        await Expect(page.Tab.Locator(".message.user .bubble")).ToHaveTextAsync(["With options", "And now?"]);
        await Expect(page.Button("Good reply")).ToHaveCountAsync(2);
        await Expect(page.Tab.Locator(".place")).ToHaveCountAsync(0);
    }

    [BrowserFact]
    public async Task A_preset_is_saved_and_chosen_in_another_chat()
    {
        await using ChatPage page = await fixture.OpenAsync();
        await page.Button("Options of this chat").ClickAsync();
        await page.Tab.GetByLabel("System prompt").FillAsync("You are a pirate.");
        await page.Tab.GetByLabel("Temperature").FillAsync("5");
        await page.Tab.GetByLabel("Name of the preset").FillAsync("Pirate");
        await page.Button("Save as preset").ClickAsync();
        await Expect(page.Tab.GetByLabel("Preset", new() { Exact = true }).Locator("option")).ToHaveTextAsync(["None"]); // a temperature that no model takes
        await page.Tab.GetByLabel("Temperature").FillAsync("1.5");
        await page.Tab.GetByLabel("Name of the preset").PressAsync("Enter");
        await Expect(page.Tab.GetByLabel("Preset", new() { Exact = true }).Locator("option:checked")).ToHaveTextAsync("Pirate");
        await page.Button("Cancel").ClickAsync();
        await Expect(page.Tab.Locator(".options-summary")).ToBeEmptyAsync();

        await page.Tab.ReloadAsync();
        await page.Button("Options of this chat").ClickAsync();
        await page.Tab.GetByLabel("Preset", new() { Exact = true }).SelectOptionAsync("Pirate");
        await Expect(page.Tab.GetByLabel("System prompt")).ToHaveValueAsync("You are a pirate.");
        await page.Button("Use these").ClickAsync();
        await Expect(page.Tab.Locator(".options-summary")).ToHaveTextAsync("System prompt · Temperature 1.5");

        await page.Button("Options of this chat").ClickAsync();
        await page.Tab.GetByLabel("Preset", new() { Exact = true }).SelectOptionAsync("Pirate");
        await page.Button("Remove this preset").ClickAsync();
        await Expect(page.Tab.GetByLabel("Preset", new() { Exact = true }).Locator("option")).ToHaveTextAsync(["None"]);
    }
}
