using System.Text.RegularExpressions;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace FineTuneChat.EndToEndTests.Page;

[Collection(PageTests.Name)]
public sealed partial class ChatTests(PageFixture fixture)
{
    [BrowserFact]
    public async Task A_sent_message_gets_a_streamed_reply_that_names_its_version()
    {
        await using ChatPage page = await fixture.OpenAsync();
        await page.LimitRepliesAsync(50);
        await page.SendAsync("Hello there");
        await Expect(page.Tab.Locator(".message.user")).ToHaveTextAsync("Hello there");
        await page.ReplyEndsAsync();
        await Expect(page.LastReply.Locator(".prose")).Not.ToBeEmptyAsync();
        await Expect(page.LastReply).ToContainTextAsync("The reply reached the longest length allowed");
        await Expect(page.LastReply.Locator(".by")).ToHaveTextAsync("Version 0");
        await Expect(page.Tab).ToHaveURLAsync(ConversationAddress());
        await Expect(page.Tab.Locator("[role=log]")).Not.ToBeEmptyAsync(); // told to screen readers
        await Expect(page.Conversations.First).ToHaveTextAsync("Hello there");
    }

    [BrowserFact]
    public async Task The_stop_button_ends_the_reply_and_keeps_its_words()
    {
        await using ChatPage page = await fixture.OpenAsync();
        await page.SendAsync("Stop me");
        await page.ReplyBeginsAsync();
        await page.Button("Stop the reply").ClickAsync();
        await page.ReplyEndsAsync();
        await Expect(page.LastReply).ToContainTextAsync("Stopped.");
        await Expect(page.LastReply.Locator(".prose")).Not.ToBeEmptyAsync();

        await page.SendAsync("And on"); // the conversation goes on from the words that were kept
        await page.ReplyBeginsAsync();
        await page.Tab.Keyboard.PressAsync("Escape");
        await page.ReplyEndsAsync();
        await Expect(page.LastReply).ToContainTextAsync("Stopped.");
        await Expect(page.Composer).ToBeFocusedAsync();

        await page.Tab.ReloadAsync();
        await Expect(page.Tab.Locator(".message.user")).ToHaveTextAsync(["Stop me", "And on"]);
        await Expect(page.Replies).ToHaveCountAsync(2);
    }

    [BrowserFact]
    public async Task A_reply_goes_on_while_another_conversation_is_read()
    {
        (string other, _) = await fixture.ExchangeAsync("Another one");
        await using ChatPage page = await fixture.OpenAsync();
        await page.LimitRepliesAsync(300);
        await page.SendAsync("Go on writing");
        await page.ReplyBeginsAsync();
        string address = page.Tab.Url;
        await page.Tab.GotoAsync($"/#/chat/{other}");
        await Expect(page.Tab.Locator(".message.user")).ToHaveTextAsync("Another one");
        await page.Tab.GoBackAsync();
        await Expect(page.Tab).ToHaveURLAsync(address);
        await page.ReplyEndsAsync();
        await Expect(page.LastReply).Not.ToContainTextAsync("Stopped.");
    }

    [BrowserFact]
    public async Task A_reply_its_code_and_its_thoughts_are_there_to_be_read_and_copied()
    {
        const string Reply = "Like this:\n\n```python\nprint(1)\n```";
        await fixture.ImportAsync(new
        {
            id = "with-thoughts",
            messages = new[]
            {
                new { role = "user", content = "How?", reasoning_content = "" },
                new { role = "assistant", content = Reply, reasoning_content = "One is enough." },
            },
        });
        await using ChatPage page = await fixture.OpenAsync("#/chat/with-thoughts");
        await page.Tab.Context.GrantPermissionsAsync(["clipboard-read", "clipboard-write"]);
        await Expect(page.Tab.GetByText("One is enough.")).ToBeHiddenAsync();
        await page.Tab.GetByText("What the model thought first").ClickAsync();
        await Expect(page.Tab.GetByText("One is enough.")).ToBeVisibleAsync();

        await page.LastReply.Locator("figure.code").GetByRole(AriaRole.Button, new() { Name = "Copy" }).ClickAsync();
        await Expect(page.LastReply.Locator("figure.code").GetByRole(AriaRole.Button, new() { Name = "Copied" })).ToBeVisibleAsync();
        Assert.Equal("print(1)", (await page.Tab.EvaluateAsync<string>("navigator.clipboard.readText()")).Trim());
        await page.LastReply.Locator(".reply-footer").GetByRole(AriaRole.Button, new() { Name = "Copy" }).ClickAsync();
        await Expect(page.LastReply.Locator(".reply-footer").GetByRole(AriaRole.Button, new() { Name = "Copied" })).ToBeVisibleAsync();
        Assert.Equal(Reply, await page.Tab.EvaluateAsync<string>("navigator.clipboard.readText()"));
    }

    [BrowserFact]
    public async Task Shift_and_enter_break_the_line_and_enter_sends()
    {
        await using ChatPage page = await fixture.OpenAsync();
        await page.Composer.PressSequentiallyAsync("one");
        await page.Composer.PressAsync("Shift+Enter");
        await page.Composer.PressSequentiallyAsync("two");
        await Expect(page.Composer).ToHaveValueAsync("one\ntwo");
        await page.Composer.PressAsync("Enter");
        await Expect(page.Composer).ToHaveValueAsync("");
        await Expect(page.Tab.Locator(".message.user .bubble")).ToHaveTextAsync("one\ntwo", new() { UseInnerText = true });
    }

    [BrowserFact]
    public async Task A_suggestion_is_put_into_the_composer()
    {
        await using ChatPage page = await fixture.OpenAsync();
        await page.Button("What is the capital of Portugal?").ClickAsync();
        await Expect(page.Composer).ToHaveValueAsync("What is the capital of Portugal?");
        await Expect(page.Composer).ToBeFocusedAsync();
    }

    [BrowserFact]
    public async Task What_is_typed_survives_a_reload()
    {
        await using ChatPage page = await fixture.OpenAsync();
        await page.Composer.FillAsync("half a thought");
        await page.Tab.ReloadAsync();
        await Expect(page.Composer).ToHaveValueAsync("half a thought");
    }

    [BrowserFact]
    public async Task A_chat_that_is_full_goes_on_and_says_what_was_left_out()
    {
        await using ChatPage page = await fixture.OpenAsync();
        await page.LimitRepliesAsync(8);
        foreach (char letter in "abc") // a random model's tokens are characters
        {
            await page.SendAsync(new string(letter, 3 * PageFixture.Context / 10));
            await page.ReplyEndsAsync();
        }
        await Expect(page.LastReply.Locator(".folded")).ToContainTextAsync("earlier messages were left out");
        await Expect(page.Tab.Locator(".context-meter")).ToContainTextAsync($"of {PageFixture.Context:N0} tokens");
        await Expect(page.Tab.Locator(".folded:not(:empty)")).ToHaveCountAsync(1);
        await Axe.CheckAsync(page);

        await page.Tab.ReloadAsync();
        await Expect(page.LastReply.Locator(".folded")).ToContainTextAsync("earlier messages were left out");
        await Expect(page.Tab.Locator(".context-meter")).ToBeVisibleAsync();
    }

    [BrowserFact]
    public async Task A_message_that_the_server_refuses_can_be_edited_and_survives_a_reload()
    {
        string tooLong = new('x', 3 * PageFixture.Context);
        await using ChatPage page = await fixture.OpenAsync();
        await page.SendAsync(tooLong);
        await Expect(page.LastReply.GetByRole(AriaRole.Alert)).ToContainTextAsync("too long");
        await Expect(page.LastReply.GetByRole(AriaRole.Alert)).ToContainTextAsync($"{PageFixture.Context}");

        await page.Tab.ReloadAsync();
        await Expect(page.Composer).ToHaveValueAsync(tooLong);
        await page.SendAsync(tooLong);
        await page.Button("Edit message").ClickAsync();
        await Expect(page.Composer).ToHaveValueAsync(tooLong);
        await Expect(page.Composer).ToBeFocusedAsync();

        await page.SendAsync("short");
        await page.ReplyBeginsAsync();
        await Expect(page.Tab.Locator(".message.user")).ToHaveTextAsync("short");
    }

    [BrowserFact]
    public async Task A_lost_server_is_told_and_the_message_can_be_sent_again()
    {
        await using ChatPage page = await fixture.OpenAsync();
        await page.Tab.RouteAsync("**/v1/chat/completions", route => route.AbortAsync("connectionrefused"));
        await page.SendAsync("Are you there?");
        await Expect(page.LastReply.GetByRole(AriaRole.Alert)).ToContainTextAsync("The server does not answer.");
        await page.Tab.UnrouteAllAsync();
        await page.Button("Try again").ClickAsync();
        await page.ReplyBeginsAsync();
        await Expect(page.Tab.Locator(".message.user")).ToHaveTextAsync("Are you there?");
    }

    [BrowserFact]
    public async Task An_unknown_conversation_says_so()
    {
        await using ChatPage page = await fixture.OpenAsync($"#/chat/{Guid.NewGuid()}");
        await Expect(page.Tab.GetByRole(AriaRole.Heading, new() { Name = "This conversation is not here" })).ToBeVisibleAsync();
    }

    [GeneratedRegex(@"#/chat/[0-9a-f-]{36}$")]
    private static partial Regex ConversationAddress();
}
