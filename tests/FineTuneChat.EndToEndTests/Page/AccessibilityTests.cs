using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace FineTuneChat.EndToEndTests.Page;

/// <summary>axe finds nothing, in any view, theme and width.</summary>
[Collection(PageTests.Name)]
public sealed class AccessibilityTests(PageFixture fixture)
{
    public static TheoryData<ColorScheme, bool> Looks =>
        new() { { ColorScheme.Light, false }, { ColorScheme.Dark, false }, { ColorScheme.Light, true }, { ColorScheme.Dark, true } };

    [BrowserTheory]
    [MemberData(nameof(Looks))]
    public async Task Empty_chat_and_settings(ColorScheme scheme, bool isPhone)
    {
        await using ChatPage page = await OpenAsync("", scheme, isPhone);
        await Axe.CheckAsync(page);
        if (isPhone)
            await page.Button("Open sidebar").ClickAsync();
        await Axe.CheckAsync(page);
        await page.Button("Settings").ClickAsync();
        await Axe.CheckAsync(page);
    }

    [BrowserTheory]
    [MemberData(nameof(Looks))]
    public async Task Conversation_with_ratings_editor_and_code(ColorScheme scheme, bool isPhone)
    {
        (string conversation, string completion) = await fixture.ExchangeAsync("Look at me");
        await fixture.RateAsync(
            completion, "down",
            "# Title\n\n| a | b |\n|---|--:|\n| 1 | 2 |\n\n```js\nconst a = 'b'; // c\n```\n\n- [x] `done`\n\n> [link](https://example.org)");
        await using ChatPage page = await OpenAsync($"#/chat/{conversation}", scheme, isPhone);
        await Expect(page.LastReply.Locator(".hljs-keyword")).ToBeVisibleAsync();
        await Axe.CheckAsync(page);
        await page.Button("Edit").ClickAsync();
        await Axe.CheckAsync(page);
        await page.SendAsync(new string('x', 3 * PageFixture.Context));
        if (isPhone)
            await page.Button("Send").ClickAsync();
        await Expect(page.LastReply.GetByRole(AriaRole.Alert)).ToBeVisibleAsync();
        await Axe.CheckAsync(page);
    }

    [BrowserTheory]
    [MemberData(nameof(Looks))]
    public async Task Learning(ColorScheme scheme, bool isPhone)
    {
        await using ChatPage page = await OpenAsync("#/learning", scheme, isPhone);
        await Expect(page.Tab.GetByRole(AriaRole.Heading, new() { Name = "Versions" })).ToBeVisibleAsync();
        await Axe.CheckAsync(page);
    }

    [BrowserTheory]
    [MemberData(nameof(Looks))]
    public async Task Server(ColorScheme scheme, bool isPhone)
    {
        await using ChatPage page = await OpenAsync("#/server", scheme, isPhone);
        await Expect(page.Tab.Locator(".hljs-string").First).ToBeVisibleAsync();
        await Axe.CheckAsync(page);
    }

    [BrowserTheory]
    [MemberData(nameof(Looks))]
    public async Task Options_compare_and_a_temporary_chat(ColorScheme scheme, bool isPhone)
    {
        await using ChatPage page = await OpenAsync("#/temporary", scheme, isPhone);
        await Axe.CheckAsync(page);
        await page.Button("Options of this chat").ClickAsync();
        await Axe.CheckAsync(page);
        await page.Tab.Keyboard.PressAsync("Escape");
        await page.Tab.GotoAsync("/#/compare");
        await Expect(page.Tab.GetByLabel("One version").Locator("option").First).ToBeAttachedAsync();
        await Axe.CheckAsync(page);
    }

    [BrowserTheory]
    [MemberData(nameof(Looks))]
    public async Task Assistants(ColorScheme scheme, bool isPhone)
    {
        await using ChatPage page = await OpenAsync("#/assistants", scheme, isPhone);
        await Expect(page.Tab.Locator(".assistant-card").First).ToBeVisibleAsync();
        await Axe.CheckAsync(page);
        await page.Button("New assistant").ClickAsync();
        await Axe.CheckAsync(page);
    }

    [BrowserFact]
    public async Task In_Spanish()
    {
        (string conversation, _) = await fixture.ExchangeAsync("Mírame");
        await using ChatPage page = await fixture.OpenAsync(configure: options => options.Locale = "es-ES");
        foreach (string view in (string[])["#/", $"#/chat/{conversation}", "#/learning", "#/assistants", "#/compare", "#/server"])
        {
            await page.Tab.GotoAsync($"/{view}");
            await Expect(page.Tab.Locator(".state-chip")).ToHaveTextAsync("Versión 0");
            await Axe.CheckAsync(page);
        }
    }

    private Task<ChatPage> OpenAsync(string view, ColorScheme scheme, bool isPhone) => fixture.OpenAsync(view, options =>
    {
        options.ColorScheme = scheme;
        if (isPhone)
            AppearanceTests.Phone(options);
    });
}
