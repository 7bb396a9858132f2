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
            await Expect(page.Tab.Locator("figure.code").Filter(new() { Has = page.Tab.GetByText(example, new() { Exact = true }) }).Locator("pre")).ToContainTextAsync(address);
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
