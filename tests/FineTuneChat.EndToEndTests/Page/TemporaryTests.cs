using System.Text.Json;
using FineTuneChat.TestSupport;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace FineTuneChat.EndToEndTests.Page;

[Collection(PageTests.Name)]
public sealed class TemporaryTests(PageFixture fixture)
{
    [BrowserFact]
    public async Task A_temporary_chat_leaves_nothing_behind()
    {
        const string Secret = "Xylophonesecret";
        await using ChatPage page = await fixture.OpenAsync();
        await page.LimitRepliesAsync(8);
        await page.Tab.GetByRole(AriaRole.Link, new() { Name = "Temporary chat" }).ClickAsync();
        await Expect(page.Tab.GetByText("This chat is temporary").First).ToBeVisibleAsync();
        await Axe.CheckAsync(page);
        await page.SendAsync(Secret);
        await page.ReplyEndsAsync();
        await Expect(page.Tab).ToHaveTitleAsync("Temporary chat – FineTuneChat"); // the browser's history keeps it
        await page.SendAsync($"{Secret} again"); // it goes on like any other
        await page.ReplyEndsAsync();
        await Expect(page.Tab.Locator(".message.user")).ToHaveCountAsync(2);
        await page.Button("Another reply").Last.ClickAsync();
        await Expect(page.LastReply.Locator(".place")).ToHaveTextAsync("2/2");
        await page.ReplyEndsAsync();
        await Expect(page.Button("Good reply")).ToHaveCountAsync(0);
        await page.Composer.FillAsync($"{Secret} half written");

        await Expect(page.Tab).ToHaveURLAsync(new System.Text.RegularExpressions.Regex("#/temporary$"));
        Assert.DoesNotContain(Secret, await page.Tab.EvaluateAsync<string>("JSON.stringify({ ...localStorage, ...sessionStorage })"), StringComparison.Ordinal);
        using var found = JsonDocument.Parse(await fixture.Server.Client.GetStringAsync($"/api/conversations?q={Secret}"));
        Assert.Equal(0, found.RootElement.GetProperty("data").GetArrayLength());
        Assert.DoesNotContain(Secret, await fixture.Server.Client.GetStringAsync("/v1/chat/completions?limit=20&order=desc"), StringComparison.Ordinal);

        await page.Tab.ReloadAsync();
        await Expect(page.Composer).ToHaveValueAsync("");
        await Expect(page.Tab.Locator(".message")).ToHaveCountAsync(0);
    }

    [BrowserFact]
    public async Task A_temporary_chat_that_is_left_is_gone_and_stays_when_the_language_changes()
    {
        await using ChatPage page = await fixture.OpenAsync("#/temporary");
        await page.LimitRepliesAsync(8);
        await page.SendAsync("For now");
        await page.ReplyEndsAsync();
        await page.Button("Settings").ClickAsync();
        await page.Tab.GetByText("Español", new() { Exact = true }).ClickAsync();
        await page.Button("Cerrar").ClickAsync();
        await Expect(page.Tab.Locator(".message.user .bubble")).ToHaveTextAsync("For now");
        await page.Tab.GetByRole(AriaRole.Link, new() { Name = "Nuevo chat" }).ClickAsync();
        await Expect(page.Tab.Locator(".message")).ToHaveCountAsync(0);
        await page.Tab.GoBackAsync();
        await Expect(page.Tab.GetByText("Este chat es temporal").First).ToBeVisibleAsync();
        await Expect(page.Tab.Locator(".message")).ToHaveCountAsync(0);
    }

    [BrowserFact]
    public async Task A_temporary_chat_is_gone_however_short_it_was_left()
    {
        await using ChatPage page = await fixture.OpenAsync("#/temporary");
        await page.LimitRepliesAsync(PageFixture.Context - 1000); // it would go on for a while
        await page.SendAsync("For now");
        await page.ReplyBeginsAsync();
        var ended = new TaskCompletionSource();
        page.Tab.RequestFailed += (_, _) => ended.TrySetResult();
        await page.Tab.EvaluateAsync("location.hash = '#/'; location.hash = '#/temporary'"); // the page hears of the first when the second has come
        await Expect(page.Tab.Locator(".message")).ToHaveCountAsync(0);
        await ended.Task.WaitAsync(Patience.Limit); // nobody reads the reply any more
    }
}
