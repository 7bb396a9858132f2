using FineTuneChat.TestSupport;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace FineTuneChat.EndToEndTests.Teaching;

/// <summary>Somebody who has never seen the page and has nothing to go by but its words: presses only what it names, in the order that it says.</summary>
internal sealed class Newcomer(IPage page)
{

    public IPage Page => page;

    /// <summary>Asks what only the newcomer can know, as the first step says.</summary>
    public async Task AskAsync(string question)
    {
        await Expect(page.GetByText("Ask what only you can know:")).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "When does our shop open?" })).ToBeVisibleAsync(); // an example to press
        await WriteAsync(question);
        await Expect(page.GetByText("Not what you wanted? Press thumbs down and write it.")).ToBeVisibleAsync();
    }

    /// <summary>The second step.</summary>
    public async Task CorrectAsync(string reply)
    {
        await page.GetByRole(AriaRole.Button, new() { Name = "Bad reply", Exact = true }).ClickAsync();
        await page.GetByLabel("What should the reply have been?").FillAsync(reply);
        await page.GetByRole(AriaRole.Button, new() { Name = "Save better reply" }).ClickAsync();
        await Expect(page.Locator(".correction")).ToContainTextAsync(reply);
        await Expect(page.Locator(".sidebar .badge")).ToHaveTextAsync("1 new example"); // it waits, and the page says where
    }

    /// <summary>The third step.</summary>
    public async Task TrainAsync()
    {
        await page.GetByRole(AriaRole.Link, new() { Name = "Train with it" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Train now" }).ClickAsync();
    }

    /// <summary>Sees that the new version has taken over, has the question that was taught last asked again, and gives it with its reply.</summary>
    public async Task<(string Question, string Reply)> AskAgainAsync()
    {
        await Expect(page.Locator(".run").First).ToContainTextAsync("Accepted: version 1 took over", new() { Timeout = Patience.RunLimitMs });
        await page.GetByRole(AriaRole.Button, new() { Name = "Ask again in a new chat" }).ClickAsync();
        await Expect(page.Locator(".message.reply").Last).ToHaveAttributeAsync("aria-busy", "false");
        return (await page.Locator(".message.user .bubble").Last.InnerTextAsync(), await page.Locator(".message.reply .prose").Last.InnerTextAsync());
    }

    private async Task WriteAsync(string text)
    {
        ILocator composer = page.GetByRole(AriaRole.Textbox, new() { Name = "Message", Exact = true });
        await composer.FillAsync(text);
        await composer.PressAsync("Enter");
        await Expect(page.Locator(".message.reply").Last).ToHaveAttributeAsync("aria-busy", "false");
    }
}
