using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace FineTuneChat.EndToEndTests.Page;

/// <summary>Pins, tags, the archive, several conversations at once; and that a second tab sees all of it.</summary>
[Collection(PageTests.Name)]
public sealed class ShelfTests(PageFixture fixture)
{
    [BrowserFact]
    public async Task A_conversation_is_pinned_tagged_and_put_away()
    {
        await ImportAsync("Otter one");
        await using ChatPage page = await fixture.OpenAsync();
        await ChooseAsync(page, "Otter one", "Pin");
        ILocator pinned = page.Tab.Locator(".history-list section", new() { Has = page.Tab.GetByRole(AriaRole.Heading, new() { Name = "Pinned" }) });
        await Expect(pinned.GetByRole(AriaRole.Link, new() { Name = "Otter one" })).ToBeVisibleAsync();

        await ChooseAsync(page, "Otter one", "Folders");
        await page.Tab.GetByLabel("Folders", new() { Exact = true }).FillAsync("river, animals");
        await Axe.CheckAsync(page);
        await page.Button("Save").ClickAsync();
        await Expect(page.Tab.GetByRole(AriaRole.Link, new() { Name = "Otter one" })).ToContainTextAsync("river");
        await ChooseAsync(page, "Otter one", "Archive");
        await Expect(page.Tab.GetByRole(AriaRole.Link, new() { Name = "Otter one" })).ToHaveCountAsync(0);

        await page.Button("river 1 conversation").FocusAsync();
        await page.Tab.Keyboard.PressAsync("Enter");
        await Expect(page.Button("river 1 conversation")).ToHaveAttributeAsync("aria-pressed", "true");
        await Expect(page.Button("river 1 conversation")).ToBeFocusedAsync();
        await Expect(page.Conversations).ToHaveTextAsync(["Otter one river animals"]);
        await Axe.CheckAsync(page);
        await AllAsync(page, "Show the archive");
        await Expect(page.Conversations.First).ToContainTextAsync("Otter one");
        await ChooseAsync(page, "Otter one", "Take out of the archive");
        await Expect(page.Tab.GetByRole(AriaRole.Link, new() { Name = "Otter one" })).ToHaveCountAsync(0);
        await page.Button("Show all conversations").ClickAsync();
        await Expect(pinned.GetByRole(AriaRole.Link, new() { Name = "Otter one" })).ToBeVisibleAsync();
        await ChooseAsync(page, "Otter one", "Unpin");
        await Expect(pinned).ToHaveCountAsync(0);
    }

    [BrowserFact]
    public async Task Several_are_chosen_and_deleted_after_a_question_and_another_tab_sees_it()
    {
        await ImportAsync("Heron one", "Heron two", "Heron three");
        await using ChatPage other = await fixture.OpenAsync("#/chat/heron-one");
        await Expect(other.LastReply).ToContainTextAsync("Yes.");
        await using ChatPage page = await fixture.OpenAsync();
        await AllAsync(page, "Select several");
        await page.Tab.GetByLabel("Select “Heron one”").CheckAsync();
        await page.Tab.GetByLabel("Select “Heron two”").CheckAsync();
        await Expect(page.Tab.GetByText("2 selected")).ToBeVisibleAsync();
        await Axe.CheckAsync(page);
        await page.Tab.Locator(".selection").GetByRole(AriaRole.Button, new() { Name = "Delete" }).ClickAsync();
        await Expect(page.Tab.GetByRole(AriaRole.Dialog)).ToContainTextAsync("keep what they learned");
        await page.Tab.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Delete" }).ClickAsync();
        await Expect(page.Tab.GetByRole(AriaRole.Link, new() { Name = "Heron one" })).ToHaveCountAsync(0);
        await Expect(page.Tab.GetByRole(AriaRole.Link, new() { Name = "Heron three" })).ToBeVisibleAsync();

        await Expect(other.Tab.GetByText("This conversation is not here")).ToBeVisibleAsync();
        await Expect(other.Tab.GetByRole(AriaRole.Link, new() { Name = "Heron two" })).ToHaveCountAsync(0);

        await AllAsync(page, "Delete all");
        await Expect(page.Tab.GetByRole(AriaRole.Dialog)).ToContainTextAsync("those in the archive too");
        await page.Button("Cancel").ClickAsync();
        await Expect(page.Tab.GetByRole(AriaRole.Link, new() { Name = "Heron three" })).ToBeVisibleAsync();
    }

    [BrowserFact]
    public async Task What_is_said_rated_and_renamed_in_one_tab_is_there_in_the_other()
    {
        (string conversation, string completion) = await fixture.ExchangeAsync("Seen in two tabs");
        await using ChatPage page = await fixture.OpenAsync($"#/chat/{conversation}");
        await using ChatPage other = await fixture.OpenAsync($"#/chat/{conversation}");
        await Expect(other.Replies).ToHaveCountAsync(1);
        await page.LimitRepliesAsync(8);
        await page.SendAsync("And on");
        await page.ReplyEndsAsync();
        await Expect(other.Tab.Locator(".message.user")).ToHaveTextAsync(["Seen in two tabs", "And on"]);

        await fixture.RateAsync(completion, "down", "Better said.");
        await Expect(page.Replies.First.Locator(".correction")).ToContainTextAsync("Better said.");
        await Expect(other.Replies.First.Locator(".correction")).ToContainTextAsync("Better said.");

        await page.Button("Bad reply").Last.ClickAsync(); // its own news must not take the editor away
        await page.Tab.GetByLabel("What should the reply have been?").FillAsync("Like this.");
        await Expect(other.Button("Bad reply").Last).ToHaveAttributeAsync("aria-pressed", "true");
        await Expect(page.Tab.GetByLabel("What should the reply have been?")).ToHaveValueAsync("Like this.");

        await ChooseAsync(page, "Seen in two tabs", "Rename");
        await page.Tab.Keyboard.TypeAsync("Named here");
        await page.Tab.Keyboard.PressAsync("Enter");
        await Expect(other.Tab.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("Named here");
        await Expect(other.Tab.GetByRole(AriaRole.Link, new() { Name = "Named here" })).ToBeVisibleAsync();
    }

    private Task ImportAsync(params string[] titles) => fixture.ImportAsync(titles.Select(title => new
    {
        id = title.Replace(' ', '-').ToLowerInvariant(),
        title,
        messages = new[] { new { role = "user", content = $"{title}?" }, new { role = "assistant", content = "Yes." } },
    }));

    private static async Task ChooseAsync(ChatPage page, string title, string action)
    {
        await page.Tab.Locator(".history-list li", new() { HasText = title }).HoverAsync();
        await page.Button($"Options for “{title}”").ClickAsync();
        await page.Tab.GetByRole(AriaRole.Menuitem, new() { Name = action, Exact = true }).ClickAsync();
    }

    private static async Task AllAsync(ChatPage page, string action)
    {
        await page.Button("All conversations").ClickAsync();
        await page.Tab.GetByRole(AriaRole.Menuitem, new() { Name = action, Exact = true }).ClickAsync();
    }
}
