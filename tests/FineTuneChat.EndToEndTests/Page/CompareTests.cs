using System.Text.Json;
using FineTuneChat.TestSupport;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace FineTuneChat.EndToEndTests.Page;

/// <summary>Two versions side by side.</summary>
[Collection(PageTests.Name)]
public sealed class CompareTests(PageFixture fixture)
{
    [BrowserTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Two_replies_are_judged_blind_and_the_preferred_one_is_rated_and_goes_on(bool isPhone)
    {
        await using ChatPage page = await fixture.OpenAsync("#/compare", options =>
        {
            if (isPhone)
                AppearanceTests.Phone(options);
        });
        await page.LimitRepliesAsync(60);
        await Expect(page.Tab.GetByLabel("One version").Locator("option").First).ToBeAttachedAsync();
        await page.Tab.GetByLabel("Question").FillAsync("Which of you is better?");
        await page.Button("Ask both").ClickAsync();
        await Expect(page.Button("B is better")).ToBeVisibleAsync();
        await Expect(page.Tab.Locator(".pane .prose")).ToHaveCountAsync(2);
        await Expect(page.Tab.Locator(".pane .by")).ToHaveTextAsync(["", ""]); // blind
        Assert.True(await page.Tab.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"));
        await Axe.CheckAsync(page);
        string preferred = await page.Tab.Locator(".pane .prose").Nth(1).InnerTextAsync();
        await page.Button("B is better").ClickAsync();
        await Expect(page.Tab.Locator(".pane .by")).ToHaveTextAsync(["Version 0", "Version 0"]);
        await Expect(page.Tab.Locator(".pane.preferred")).ToHaveCountAsync(1);
        await Axe.CheckAsync(page);

        await page.Tab.GetByRole(AriaRole.Link, new() { Name = "Go on in a chat" }).ClickAsync();
        await Expect(page.LastReply.Locator(".place")).ToHaveTextAsync(new System.Text.RegularExpressions.Regex("/2$"));
        await Expect(page.LastReply.Locator(".prose")).ToHaveTextAsync(preferred, new() { UseInnerText = true });
        await Expect(page.Button("Good reply")).ToHaveAttributeAsync("aria-pressed", "true");
        await Expect(page.Tab.Locator(".options-summary")).Not.ToContainTextAsync("assistant"); // the chat goes on with the version in service
        string conversation = page.Tab.Url.Split('/')[^1];
        await Eventually.TrueAsync(async () => // the thumb shows at once, and is stored a moment later
        {
            using var preferences = JsonDocument.Parse(await fixture.Server.Client.GetStringAsync("/api/preferences"));
            return preferences.RootElement.GetProperty("data").EnumerateArray().Count(
                pair => pair.GetProperty("conversation_id").GetString() == conversation) == 1;
        });
    }

    [BrowserFact]
    public async Task A_comparison_can_be_stopped_and_an_error_is_told()
    {
        await using ChatPage page = await fixture.OpenAsync("#/compare");
        await page.Tab.GetByLabel("Question").FillAsync("Go on for ever");
        await page.Button("Ask both").ClickAsync();
        await page.Button("Stop the reply").ClickAsync();
        await Expect(page.Button("Ask both")).ToBeVisibleAsync();
        await Expect(page.Button("A is better")).ToHaveCountAsync(0); // nothing whole to judge

        await page.Tab.RouteAsync("**/v1/chat/completions", route => route.AbortAsync("connectionrefused"));
        await page.Button("Ask both").ClickAsync();
        await Expect(page.Tab.Locator(".pane").First.GetByRole(AriaRole.Alert)).ToContainTextAsync("The server does not answer.");
    }

    [BrowserTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_running_chat_asks_two_versions_and_goes_on_with_the_reply_that_is_chosen(bool isPhone)
    {
        (string conversation, _) = await fixture.ExchangeAsync("To begin with", 60);
        await using ChatPage page = await fixture.OpenAsync($"#/chat/{conversation}", options =>
        {
            if (isPhone)
                AppearanceTests.Phone(options);
        });
        await page.LimitRepliesAsync(60);
        await page.Composer.FillAsync("And then?");
        await page.Button("Send").ClickAsync();
        await Expect(page.Replies).ToHaveCountAsync(2);
        await page.ReplyEndsAsync();
        string first = await page.LastReply.Locator(".prose").InnerTextAsync();

        IRequest asked = await page.Tab.RunAndWaitForRequestAsync(() => AskTwoAsync(page), "**/v1/chat/completions");
        Assert.Equal(3, JsonElement.Parse(asked.PostData!).GetProperty("messages").GetArrayLength()); // with the conversation so far
        await Expect(page.Button("B is better")).ToBeVisibleAsync();
        await Expect(page.Tab.Locator(".pane .by")).ToHaveTextAsync(["", ""]); // blind
        await Expect(page.Replies).ToHaveCountAsync(1);
        await page.Composer.FillAsync("Not yet");
        await Expect(page.Button("Send")).ToBeDisabledAsync(); // first it must be known what the conversation goes on from
        Assert.True(await page.Tab.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"));
        await Axe.CheckAsync(page);
        await page.Button("Go on with the first reply").ClickAsync();
        await Expect(page.LastReply.Locator(".prose")).ToHaveTextAsync(first, new() { UseInnerText = true });
        await Expect(page.LastReply.Locator(".place")).ToHaveTextAsync("1/3"); // nothing is lost

        await AskTwoAsync(page);
        await Expect(page.Button("B is better")).ToBeVisibleAsync();
        string preferred = await page.Tab.Locator(".pane .prose").Nth(1).InnerTextAsync();
        await page.Button("B is better").ClickAsync();
        await Expect(page.LastReply.Locator(".prose")).ToHaveTextAsync(preferred, new() { UseInnerText = true });
        await Expect(page.LastReply.GetByRole(AriaRole.Button, new() { Name = "Good reply" })).ToHaveAttributeAsync("aria-pressed", "true");
        await Expect(page.Tab.GetByText("A was written by: Version 0. B by: Version 0.")).ToBeVisibleAsync();

        await page.Tab.ReloadAsync();
        await Expect(page.LastReply.Locator(".prose")).ToHaveTextAsync(preferred, new() { UseInnerText = true });
        await page.Composer.FillAsync("Go on");
        await page.Button("Send").ClickAsync();
        await Expect(page.Replies).ToHaveCountAsync(3);
        await page.ReplyEndsAsync();
    }

    private static async Task AskTwoAsync(ChatPage page)
    {
        await page.Button("Ask two versions, blind").Last.ClickAsync();
        await page.Tab.GetByRole(AriaRole.Menuitem, new() { Name = "Version 0" }).ClickAsync();
    }
}
