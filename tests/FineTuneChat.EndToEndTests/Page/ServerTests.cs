using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace FineTuneChat.EndToEndTests.Page;

/// <summary>What the page tells somebody who wants to connect another program.</summary>
[Collection(PageTests.Name)]
public sealed class ServerTests(PageFixture fixture)
{
    [BrowserFact]
    public async Task Address_models_and_examples_are_those_of_this_server()
    {
        await using ChatPage page = await fixture.OpenAsync();
        await page.Tab.GetByRole(AriaRole.Link, new() { Name = "Server", Exact = true }).ClickAsync();
        await Expect(page.Tab.GetByRole(AriaRole.Heading, new() { Name = "Server", Exact = true })).ToBeFocusedAsync();
        string address = new Uri(fixture.Server.Address, "/v1").ToString();
        await Expect(page.Tab.Locator(".connection code")).ToHaveTextAsync(address);
        await Expect(page.Tab.Locator(".model-ids li").First).ToHaveTextAsync("assistant");
        foreach (string example in (string[])["curl", "Python", "JavaScript", "C#"])
        {
            ILocator figure = page.Tab.Locator("figure.code").Filter(new() { Has = page.Tab.GetByText(example, new() { Exact = true }) });
            await Expect(figure.Locator("pre")).ToContainTextAsync(address);
        }
    }

    [BrowserFact]
    public async Task Speed_memory_and_the_log_show_what_the_server_does_and_not_what_was_said()
    {
        await using ChatPage page = await fixture.OpenAsync("#/server");
        ILocator log = page.Tab.GetByRole(AriaRole.List, new() { Name = "Log" });
        await Expect(log).ToContainTextAsync("Engine assistant@0 is ready");
        await fixture.ExchangeAsync("Hippopotamus in the log?", 40);
        await Expect(log).ToContainTextAsync("assistant@0 wrote 40 tokens");
        await Expect(log).Not.ToContainTextAsync("Hippopotamus");
        ILocator figures = page.Tab.Locator(".figures");
        await Expect(figures.Locator("div", new() { HasText = "Writing" })).ToContainTextAsync("tokens/s");
        await Expect(figures.Locator("div", new() { HasText = "Memory of the model" })).ToContainTextAsync("MB");
        await Expect(page.Tab.Locator(".settings-table")).ToContainTextAsync(new Uri(fixture.Server.Address, "/v1").ToString());
        await Axe.CheckAsync(page);
    }

    [BrowserFact]
    public async Task A_key_is_made_shown_once_and_revoked()
    {
        await using ChatPage page = await fixture.OpenAsync("#/server");
        await page.Tab.GetByLabel("Whose key").FillAsync("Editor");
        await page.Button("Make a key").ClickAsync();
        await Expect(page.Tab.Locator(".fresh-key code")).ToContainTextAsync("ftc-");
        ILocator key = page.Tab.Locator(".keys li", new() { HasText = "Editor" });
        await Expect(key).ToContainTextAsync("chat, rate");
        await Axe.CheckAsync(page);
        await page.Tab.ReloadAsync();
        await Expect(key).ToBeVisibleAsync();
        await Expect(page.Tab.Locator(".fresh-key")).ToHaveCountAsync(0);
        await page.Button("Revoke the key of Editor").ClickAsync();
        await page.Tab.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Revoke" }).ClickAsync();
        await Expect(key).ToHaveCountAsync(0);
    }

    [BrowserTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Long_lines_scroll_in_their_box_and_not_the_page(bool isPhone)
    {
        await using ChatPage page = await fixture.OpenAsync("#/server", options =>
        {
            if (isPhone)
                AppearanceTests.Phone(options);
        });
        await Expect(page.Tab.Locator(".model-ids li").First).ToBeVisibleAsync();
        Assert.True(await page.Tab.Locator(".view").EvaluateAsync<bool>("view => view.scrollWidth <= view.clientWidth"));
    }

    [BrowserFact]
    public async Task The_address_is_copied()
    {
        await using ChatPage page = await fixture.OpenAsync("#/server");
        await page.Tab.Context.GrantPermissionsAsync(["clipboard-read", "clipboard-write"]);
        await page.Tab.Locator(".connection").GetByRole(AriaRole.Button, new() { Name = "Copy" }).ClickAsync();
        await Expect(page.Tab.Locator(".connection").GetByRole(AriaRole.Button, new() { Name = "Copied" })).ToBeVisibleAsync();
        Assert.Equal(new Uri(fixture.Server.Address, "/v1").ToString(), await page.Tab.EvaluateAsync<string>("navigator.clipboard.readText()"));
    }
}
