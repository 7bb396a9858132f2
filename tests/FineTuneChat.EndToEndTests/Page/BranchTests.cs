using System.Text.Json;
using FineTuneChat.TestSupport;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace FineTuneChat.EndToEndTests.Page;

/// <summary>Regenerated replies and edited questions stand beside the first ones.</summary>
[Collection(PageTests.Name)]
public sealed class BranchTests(PageFixture fixture)
{
    private const int Words = 60; // tokens

    [BrowserFact]
    public async Task Another_reply_stands_beside_the_first_and_the_one_shown_survives_a_reload()
    {
        (string conversation, _) = await fixture.ExchangeAsync("Say it again", Words);
        await using ChatPage page = await fixture.OpenAsync($"#/chat/{conversation}");
        await page.LimitRepliesAsync(Words);
        ILocator text = page.LastReply.Locator(".prose");
        string first = await text.InnerTextAsync();
        await page.Button("Another reply").ClickAsync();
        await Expect(page.LastReply.Locator(".place")).ToHaveTextAsync("2/2");
        await page.ReplyEndsAsync();
        string second = await text.InnerTextAsync();
        Assert.NotEqual(first, second);

        await page.Button("Previous variant").ClickAsync();
        await Expect(text).ToHaveTextAsync(first, new() { UseInnerText = true });
        await Expect(page.Button("Next variant")).ToBeFocusedAsync(); // the other one leads no further
        await Axe.CheckAsync(page);
        await page.Tab.ReloadAsync();
        await Expect(page.LastReply.Locator(".place")).ToHaveTextAsync("1/2");
        await Expect(text).ToHaveTextAsync(first, new() { UseInnerText = true });
    }

    [BrowserFact]
    public async Task Rating_one_of_two_replies_up_prefers_it_to_the_other()
    {
        (string conversation, string first) = await fixture.ExchangeAsync("Which is better?", Words);
        await using ChatPage page = await fixture.OpenAsync($"#/chat/{conversation}");
        await page.LimitRepliesAsync(Words);
        await page.Button("Another reply").ClickAsync();
        await Expect(page.LastReply.Locator(".place")).ToHaveTextAsync("2/2");
        await page.ReplyBeginsAsync(); // before it does, it is not busy yet
        await page.ReplyEndsAsync();
        await page.Button("Good reply").ClickAsync();
        await Eventually.TrueAsync(async () => // when it is stored; until then the page shows a hint in the place of its status
        {
            using var preferences = JsonDocument.Parse(await fixture.Server.Client.GetStringAsync("/api/preferences"));
            return preferences.RootElement.GetProperty("data").EnumerateArray().Any(
                pair => pair.GetProperty("conversation_id").GetString() == conversation && pair.GetProperty("rejected_id").GetString() == first);
        });

        await page.Button("Previous variant").ClickAsync();
        await Expect(page.Button("Good reply")).ToHaveAttributeAsync("aria-pressed", "false"); // a rating belongs to one reply
    }

    [BrowserFact]
    public async Task An_edited_question_begins_a_branch_and_the_first_one_keeps_its_own()
    {
        (string conversation, _) = await fixture.ExchangeAsync("The first question");
        await using ChatPage page = await fixture.OpenAsync($"#/chat/{conversation}");
        await page.LimitRepliesAsync(Words);
        await page.SendAsync("And on from there");
        await page.ReplyEndsAsync();
        ILocator questions = page.Tab.Locator(".message.user .bubble");
        await page.Composer.PressAsync("ArrowUp"); // the last question
        await Expect(page.Tab.GetByLabel("Edit your message")).ToHaveValueAsync("And on from there");
        await page.Tab.Keyboard.PressAsync("Escape");
        await page.Button("Edit and ask again").First.ClickAsync();
        ILocator editor = page.Tab.GetByLabel("Edit your message");
        await Expect(editor).ToBeFocusedAsync();
        await editor.FillAsync("The second question");
        await editor.PressAsync("Control+Enter");
        await Expect(questions).ToHaveTextAsync("The second question");
        await page.ReplyEndsAsync();

        await page.Tab.ReloadAsync();
        await Expect(questions).ToHaveTextAsync("The second question");
        await Expect(page.Tab.Locator(".message.user .place")).ToHaveTextAsync("2/2");
        await page.Button("Previous variant").ClickAsync();
        await Expect(questions).ToHaveTextAsync(["The first question", "And on from there"]);
        await Expect(page.Replies).ToHaveCountAsync(2);
    }

    [BrowserFact]
    public async Task A_stopped_reply_stays_beside_the_one_that_is_asked_for_instead()
    {
        await using ChatPage page = await fixture.OpenAsync();
        await page.SendAsync("Stop and try again");
        await page.ReplyBeginsAsync();
        await page.Button("Stop the reply").ClickAsync();
        await page.ReplyEndsAsync();
        await page.LimitRepliesAsync(Words);
        await page.Button("Try again").ClickAsync();
        await Expect(page.LastReply.Locator(".place")).ToHaveTextAsync("2/2");
        await page.ReplyEndsAsync();
        await page.Tab.ReloadAsync();
        await Expect(page.LastReply.Locator(".place")).ToHaveTextAsync("2/2");
    }
}
