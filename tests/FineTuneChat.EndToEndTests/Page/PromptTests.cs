using System.Net.Http.Json;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace FineTuneChat.EndToEndTests.Page;

/// <summary>The library of prompts, by keys alone.</summary>
[Collection(PageTests.Name)]
public sealed class PromptTests(PageFixture fixture)
{
    [BrowserFact]
    public async Task A_prompt_is_written_called_by_its_name_and_filled_in()
    {
        await using ChatPage page = await fixture.OpenAsync();
        await page.Tab.Keyboard.PressAsync("Control+k");
        await page.Tab.GetByRole(AriaRole.Combobox, new() { Name = "Go to, or do" }).FillAsync("prompts");
        await page.Tab.Keyboard.PressAsync("Enter");
        await Expect(page.Button("New prompt")).ToBeFocusedAsync();
        await Axe.CheckAsync(page);
        await page.Tab.Keyboard.PressAsync("Enter");
        await Expect(page.Tab.GetByLabel("Name", new() { Exact = true })).ToBeFocusedAsync();
        await page.Tab.Keyboard.TypeAsync("Sum up");
        await page.Tab.GetByLabel("Text", new() { Exact = true }).FillAsync("Sum up in {{language:English}}: {{text}}");
        await Axe.CheckAsync(page);
        await page.Button("Save").PressAsync("Enter");
        await Expect(page.Button("Edit “Sum up”")).ToBeVisibleAsync();
        await Axe.CheckAsync(page);
        await page.Tab.Keyboard.PressAsync("Escape");

        await page.Composer.PressAsync("/");
        ILocator option = page.Tab.GetByRole(AriaRole.Option, new() { Name = "Sum up" });
        await Expect(option).ToHaveAttributeAsync("aria-selected", "true");
        await Axe.CheckAsync(page);
        await page.Tab.Keyboard.TypeAsync("x"); // no prompt is called so
        await Expect(option).ToBeHiddenAsync();
        await page.Tab.Keyboard.PressAsync("Backspace");
        await Expect(option).ToBeVisibleAsync();
        await page.Tab.Keyboard.PressAsync("Enter");
        await Expect(page.Tab.GetByLabel("language")).ToHaveValueAsync("English");
        await Axe.CheckAsync(page);
        await page.Tab.Keyboard.PressAsync("Enter"); // the text is wanting
        await Expect(page.Tab.GetByLabel("text", new() { Exact = true })).ToBeFocusedAsync();
        await page.Tab.Keyboard.TypeAsync("two lines");
        await page.Tab.Keyboard.PressAsync("Enter");
        await Expect(page.Composer).ToBeFocusedAsync();
        await Expect(page.Composer).ToHaveValueAsync("Sum up in English: two lines");
    }

    [BrowserFact]
    public async Task A_preset_keeps_its_variables_and_the_chat_has_their_values()
    {
        using HttpResponseMessage saved = await fixture.Server.Client.PostAsJsonAsync("/api/presets", new { name = "Role", system = "You are a {{role}}." });
        saved.EnsureSuccessStatusCode();
        await using ChatPage page = await fixture.OpenAsync();
        await page.Button("Options of this chat").ClickAsync();
        await page.Tab.GetByLabel("Preset", new() { Exact = true }).SelectOptionAsync("Role");
        await page.Button("Use these").ClickAsync();
        await page.Tab.GetByLabel("role", new() { Exact = true }).FillAsync("pirate");
        await page.Tab.Keyboard.PressAsync("Enter");
        await page.Button("Options of this chat").ClickAsync();
        await Expect(page.Tab.GetByLabel("System prompt")).ToHaveValueAsync("You are a pirate.");
        await page.Tab.GetByLabel("Preset", new() { Exact = true }).SelectOptionAsync("Role");
        await Expect(page.Tab.GetByLabel("System prompt")).ToHaveValueAsync("You are a {{role}}.");
        await page.Button("Remove this preset").ClickAsync();
    }
}
