using System.Text.Json;
using FineTuneChat.TestSupport;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace FineTuneChat.EndToEndTests.Page;

[Collection(PageTests.Name)]
public sealed class RatingTests(PageFixture fixture)
{
    [BrowserFact]
    public async Task Thumbs_up_is_stored_and_taken_back_by_a_second_press()
    {
        (string conversation, _) = await fixture.ExchangeAsync("Rate me up");
        await using ChatPage page = await fixture.OpenAsync($"#/chat/{conversation}");
        ILocator thumb = page.Button("Good reply");
        await thumb.ClickAsync();
        await Expect(thumb).ToHaveAttributeAsync("aria-pressed", "true");
        await Expect(page.LastReply).ToContainTextAsync("no example: the reply is cut off"); // a random model never ends by itself
        await Expect(thumb).ToBeFocusedAsync();
        Assert.Equal("up", (await RatingAsync(conversation)).GetProperty("rating").GetString());

        await page.Tab.ReloadAsync();
        await Expect(thumb).ToHaveAttributeAsync("aria-pressed", "true");
        await thumb.ClickAsync();
        await Expect(thumb).ToHaveAttributeAsync("aria-pressed", "false");
        Assert.False((await RatingAsync(conversation)).ValueKind == JsonValueKind.Object);
    }

    [BrowserFact]
    public async Task A_question_that_was_corrected_says_so_when_it_is_asked_again()
    {
        (_, string completion) = await fixture.ExchangeAsync("Which door is ours?");
        await fixture.RateAsync(completion, "down", "The green door.");
        await using ChatPage page = await fixture.OpenAsync();
        await page.LimitRepliesAsync(8);
        await page.SendAsync("which door is ours");
        await page.ReplyEndsAsync();
        await Expect(page.LastReply.Locator(".recalled")).ToHaveTextAsync("From your correction");
        await Axe.CheckAsync(page);

        // Why? The correction is named, and can be kept aside from there.
        await page.Button("Why?").ClickAsync();
        ILocator source = page.Tab.Locator("dialog .source");
        await Expect(source.Locator("blockquote")).ToHaveTextAsync("The green door.");
        await Axe.CheckAsync(page);
        await source.GetByRole(AriaRole.Button, new() { Name = "Keep aside" }).ClickAsync();
        await source.GetByRole(AriaRole.Button, new() { Name = "Restore" }).ClickAsync();
        await Expect(source.GetByRole(AriaRole.Button, new() { Name = "Keep aside" })).ToBeVisibleAsync();
        await page.Tab.Keyboard.PressAsync("Escape");

        await page.SendAsync("And whose is the other one?");
        await page.ReplyEndsAsync();
        await Expect(page.LastReply.Locator(".recalled")).ToHaveCountAsync(0);
    }

    [BrowserFact]
    public async Task Thumbs_down_asks_for_a_better_reply_and_stores_it()
    {
        (string conversation, _) = await fixture.ExchangeAsync("Correct me");
        await using ChatPage page = await fixture.OpenAsync($"#/chat/{conversation}");
        string said = await page.LastReply.Locator(".prose").InnerTextAsync();
        await page.Button("Bad reply").ClickAsync();
        ILocator editor = page.Tab.GetByLabel("What should the reply have been?");
        await Expect(editor).ToBeFocusedAsync();
        Assert.NotEmpty(await editor.InputValueAsync());
        await Expect(page.Button("Save better reply")).ToBeDisabledAsync(); // as long as it is the reply itself

        await editor.FillAsync("We open at **nine**.");
        await editor.PressAsync("Control+Enter");
        await Expect(page.LastReply.Locator(".correction .prose strong")).ToHaveTextAsync("nine");
        await Expect(page.Button("Bad reply")).ToBeFocusedAsync();
        JsonElement rating = await RatingAsync(conversation);
        Assert.Equal("down", rating.GetProperty("rating").GetString());
        Assert.Equal("We open at **nine**.", rating.GetProperty("correction").GetString());

        await page.Tab.ReloadAsync();
        await Expect(page.LastReply.Locator(".correction")).ToContainTextAsync("We open at nine.");
        await page.Tab.GetByText("What the model had said").ClickAsync();
        await Expect(page.LastReply.Locator(".original .prose")).ToHaveTextAsync(said, new() { UseInnerText = true });
    }

    [BrowserFact]
    public async Task A_comment_says_why_with_a_better_reply_or_without_one()
    {
        (string conversation, _) = await fixture.ExchangeAsync("Comment on me");
        await using ChatPage page = await fixture.OpenAsync($"#/chat/{conversation}");
        await page.Button("Bad reply").ClickAsync();
        ILocator why = page.Tab.GetByLabel("Why? (if you like)");
        await why.FillAsync("too long");
        await page.Button("Save better reply").ClickAsync();
        await Expect(page.LastReply.Locator(".comment")).ToHaveTextAsync("too long");
        JsonElement rating = await RatingAsync(conversation);
        Assert.Equal(
            ("down", "too long", JsonValueKind.Null),
            (rating.GetProperty("rating").GetString(), rating.GetProperty("comment").GetString(), rating.GetProperty("correction").ValueKind));

        await page.Button("Write a better reply").ClickAsync();
        await page.Tab.GetByLabel("What should the reply have been?").FillAsync("Short.");
        await page.Button("Save better reply").ClickAsync();
        await Expect(page.LastReply.Locator(".correction")).ToContainTextAsync("Short.");
        await page.Tab.ReloadAsync();
        await Expect(page.LastReply.Locator(".comment")).ToHaveTextAsync("too long");
    }

    [BrowserFact]
    public async Task One_click_each_says_what_is_wrong_and_goes_with_the_thumb()
    {
        (string conversation, _) = await fixture.ExchangeAsync("Say what is wrong");
        await using ChatPage page = await fixture.OpenAsync($"#/chat/{conversation}");
        ILocator chip = page.Button("Too long");
        await Expect(chip).ToBeHiddenAsync();
        await page.Button("Bad reply").ClickAsync();
        await chip.ClickAsync();
        await Expect(chip).ToHaveAttributeAsync("aria-pressed", "true");
        await page.Button("Wrong language").ClickAsync();
        await Expect(page.Button("Wrong language")).ToHaveAttributeAsync("aria-pressed", "true");
        await page.Tab.GetByLabel("What should the reply have been?").FillAsync("Nine.");
        await page.Button("Save better reply").ClickAsync();
        await Expect(page.LastReply.Locator(".correction")).ToContainTextAsync("Nine.");
        await Axe.CheckAsync(page);

        JsonElement rating = await RatingAsync(conversation);
        Assert.Equal(
            """["too_long","wrong_language"] Nine.""", $"{rating.GetProperty("reasons").GetRawText()} {rating.GetProperty("correction").GetString()}");
        await page.Tab.ReloadAsync();
        await chip.ClickAsync();
        await Expect(chip).ToHaveAttributeAsync("aria-pressed", "false");
        await page.Button("Bad reply").ClickAsync();
        await Expect(chip).ToBeHiddenAsync();
    }

    [BrowserFact]
    public async Task A_comment_alone_leaves_the_thumb_as_it_is()
    {
        (string conversation, _) = await fixture.ExchangeAsync("Praise me");
        await using ChatPage page = await fixture.OpenAsync($"#/chat/{conversation}");
        await page.Button("Good reply").ClickAsync();
        await page.Button("Write a better reply").ClickAsync(); // it is cut off, as a random model's replies are
        await page.Tab.GetByLabel("Why? (if you like)").FillAsync("well said");
        await page.Button("Save better reply").ClickAsync();
        await Expect(page.LastReply.Locator(".comment")).ToHaveTextAsync("well said");
        await Expect(page.Button("Good reply")).ToHaveAttributeAsync("aria-pressed", "true");
        JsonElement rating = await RatingAsync(conversation);
        Assert.Equal(("up", "well said"), (rating.GetProperty("rating").GetString(), rating.GetProperty("comment").GetString()));
    }

    [BrowserFact]
    public async Task A_better_reply_that_was_not_saved_is_there_when_the_editor_opens_again()
    {
        (string conversation, _) = await fixture.ExchangeAsync("Correct me later");
        await using ChatPage page = await fixture.OpenAsync($"#/chat/{conversation}");
        await page.Button("Bad reply").ClickAsync();
        ILocator editor = page.Tab.GetByLabel("What should the reply have been?");
        await editor.FillAsync("Half of a better");
        await editor.PressAsync("Escape");
        await Expect(editor).ToHaveCountAsync(0);
        await Eventually.TrueAsync(async () => (await RatingAsync(conversation)).ValueKind == JsonValueKind.Object); // who leaves earlier takes it along

        await page.Tab.ReloadAsync();
        await page.Button("Write a better reply").ClickAsync();
        await Expect(editor).ToHaveValueAsync("Half of a better");
    }

    [BrowserFact]
    public async Task A_correction_that_is_taken_back_is_not_lost()
    {
        (string conversation, string completion) = await fixture.ExchangeAsync("Corrected before");
        await fixture.RateAsync(completion, "down", "The right reply.");
        await using ChatPage page = await fixture.OpenAsync($"#/chat/{conversation}");
        await Expect(page.LastReply.Locator(".correction")).ToContainTextAsync("The right reply.");
        await page.Button("Bad reply").ClickAsync();
        await Expect(page.LastReply.Locator(".correction")).ToHaveCountAsync(0);
        Assert.False((await RatingAsync(conversation)).ValueKind == JsonValueKind.Object);

        await page.Button("Bad reply").ClickAsync();
        await Expect(page.Tab.GetByLabel("What should the reply have been?")).ToHaveValueAsync("The right reply.");
    }

    [BrowserFact]
    public async Task A_rating_that_could_not_be_stored_is_told_and_nothing_typed_is_lost()
    {
        (string conversation, _) = await fixture.ExchangeAsync("Fail once");
        await using ChatPage page = await fixture.OpenAsync($"#/chat/{conversation}");
        await page.Button("Bad reply").ClickAsync();
        ILocator editor = page.Tab.GetByLabel("What should the reply have been?");
        await editor.FillAsync("Better");
        await page.Tab.RouteAsync("**/api/feedback", route => route.AbortAsync("connectionrefused"));
        await page.Button("Save better reply").ClickAsync();
        await Expect(page.Tab.Locator(".better").GetByRole(AriaRole.Alert)).ToContainTextAsync("The server does not answer.");
        await Expect(editor).ToHaveValueAsync("Better");

        await page.Tab.UnrouteAllAsync();
        await page.Button("Save better reply").ClickAsync();
        await Expect(page.LastReply.Locator(".correction")).ToContainTextAsync("Better");
    }

    private async Task<JsonElement> RatingAsync(string conversation)
    {
        using var document = JsonDocument.Parse(await fixture.Server.Client.GetStringAsync($"/api/conversations/{conversation}"));
        JsonElement reply = document.RootElement.GetProperty("messages").EnumerateArray().Last();
        return reply.TryGetProperty("rating", out JsonElement rating) ? rating.Clone() : default;
    }
}
