using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace FineTuneChat.EndToEndTests.Page;

[Collection(PageTests.Name)]
public sealed class AppearanceTests(PageFixture fixture)
{
    private const string White = "rgb(255, 255, 255)";

    [BrowserFact]
    public async Task The_theme_follows_the_system_until_one_is_chosen()
    {
        await using ChatPage page = await fixture.OpenAsync();
        ILocator body = page.Tab.Locator("body");
        await Expect(body).ToHaveCSSAsync("background-color", White);
        await page.Tab.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Dark });
        await Expect(body).Not.ToHaveCSSAsync("background-color", White);

        await page.Button("Settings").ClickAsync();
        await page.Tab.GetByText("Light", new() { Exact = true }).ClickAsync();
        await Expect(body).ToHaveCSSAsync("background-color", White);
        await page.Tab.ReloadAsync();
        await Expect(body).ToHaveCSSAsync("background-color", White);
    }

    [BrowserFact]
    public async Task The_language_is_the_browsers_until_one_is_chosen()
    {
        await using ChatPage page = await fixture.OpenAsync(configure: options => options.Locale = "es-ES");
        await Expect(page.Tab.Locator("html")).ToHaveAttributeAsync("lang", "es");
        await Expect(page.Tab.GetByPlaceholder("Escribe un mensaje")).ToBeVisibleAsync();

        await page.Tab.GetByPlaceholder("Escribe un mensaje").FillAsync("medio escrito");
        await page.Button("Ajustes").ClickAsync();
        await page.Tab.GetByText("English", new() { Exact = true }).ClickAsync();
        await Expect(page.Tab.GetByRole(AriaRole.Heading, new() { Name = "Settings" })).ToBeVisibleAsync();
        await page.Button("Close").ClickAsync();
        await Expect(page.Composer).ToHaveValueAsync("medio escrito");
        await page.Tab.ReloadAsync();
        await Expect(page.Tab.GetByPlaceholder("Write a message")).ToBeVisibleAsync();
    }

    [BrowserFact]
    public async Task On_a_phone_the_sidebar_is_a_drawer()
    {
        await fixture.ExchangeAsync("From the drawer");
        await using ChatPage page = await fixture.OpenAsync(configure: Phone);
        ILocator link = page.Tab.GetByRole(AriaRole.Link, new() { Name = "From the drawer" });
        await Expect(link).ToBeHiddenAsync();
        await page.Button("Open sidebar").ClickAsync();
        await Expect(link).ToBeVisibleAsync();
        await page.Tab.Keyboard.PressAsync("Escape");
        await Expect(link).ToBeHiddenAsync();
        await Expect(page.Button("Open sidebar")).ToBeFocusedAsync();

        await page.Button("Open sidebar").ClickAsync();
        await link.ClickAsync();
        await Expect(link).ToBeHiddenAsync();
        await Expect(page.Tab.Locator(".message.user")).ToHaveTextAsync("From the drawer");
    }

    [BrowserTheory]
    [InlineData("")]
    [InlineData("#/temporary")]
    [InlineData("#/learning")]
    [InlineData("#/compare")]
    [InlineData("#/server")]
    public async Task Nothing_is_wider_than_a_phone_and_only_the_view_scrolls(string view)
    {
        await using ChatPage page = await fixture.OpenAsync(view, Phone);
        await Expect(page.Tab.Locator(".state-chip")).ToBeVisibleAsync();
        Assert.True(await page.Tab.EvaluateAsync<bool>(
            "document.documentElement.scrollWidth <= innerWidth && document.documentElement.scrollHeight <= innerHeight"));
    }

    [BrowserFact]
    public async Task On_a_phone_enter_breaks_the_line_and_the_button_sends()
    {
        await using ChatPage page = await fixture.OpenAsync(configure: Phone);
        await page.Composer.FillAsync("one");
        await page.Composer.PressAsync("Enter");
        await Expect(page.Composer).ToHaveValueAsync("one\n");
        await page.Button("Send").ClickAsync();
        await page.ReplyBeginsAsync();
    }

    internal static void Phone(BrowserNewContextOptions options)
    {
        options.ViewportSize = new() { Width = 390, Height = 844 };
        options.HasTouch = true;
        options.IsMobile = true;
    }
}
