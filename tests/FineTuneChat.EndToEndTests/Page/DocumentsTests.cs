using System.Text;
using FineTuneChat.TestSupport;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace FineTuneChat.EndToEndTests.Page;

/// <summary>Documents on the page: attached to a message, kept for a chat, in a collection; sources that open; rows to learn from.</summary>
[Collection(PageTests.Name)]
public sealed class DocumentsTests(PageFixture fixture)
{
    private const string Boiler = "# Boiler\n\nThe boiler Quorvex has a guarantee of seven years.\n\n# Noise\n\nIt makes 38 decibels.";

    [BrowserFact]
    public async Task What_is_attached_answers_with_sources_that_open_until_it_is_detached()
    {
        await using ChatPage page = await fixture.OpenAsync();
        await page.LimitRepliesAsync(8);
        await page.Tab.Locator(".composer input[type=file]").SetInputFilesAsync(Markdown("quorvex.md", Boiler));
        ILocator chip = page.Tab.Locator(".attached .chip");
        await Expect(chip).ToContainTextAsync("quorvex.md");
        await Axe.CheckAsync(page);

        await page.SendAsync("How long is the guarantee of the boiler Quorvex?");
        await page.ReplyEndsAsync();
        ILocator source = page.LastReply.Locator(".footnotes button").First;
        await Expect(source).ToContainTextAsync("quorvex.md");
        await source.FocusAsync();
        await page.Tab.Keyboard.PressAsync("Enter");
        ILocator dialog = page.Tab.GetByRole(AriaRole.Dialog);
        await Expect(dialog.Locator("mark")).ToContainTextAsync("seven years");
        await Axe.CheckAsync(page);
        await page.Tab.Keyboard.PressAsync("Escape");
        await Expect(source).ToBeFocusedAsync();

        await page.SendAsync("Which submarine won the regatta of Helsinki?"); // the chat still has it
        await Expect(page.Replies).ToHaveCountAsync(2);
        await page.ReplyEndsAsync();
        await Expect(page.LastReply.Locator(".footnotes.none")).ToHaveTextAsync("The documents hold nothing about this question.");
        await Axe.CheckAsync(page);

        await page.Button("Detach quorvex.md").FocusAsync();
        await page.Tab.Keyboard.PressAsync("Enter");
        await Expect(chip).ToHaveCountAsync(0);
        await page.SendAsync("How long is the guarantee?");
        await Expect(page.Replies).ToHaveCountAsync(3);
        await page.ReplyEndsAsync();
        await Expect(page.LastReply.Locator(".footnotes")).ToHaveCountAsync(0); // for one message, then no more

        await page.Tab.ReloadAsync(); // the history has them
        await Expect(page.Replies.First.Locator(".footnotes button").First).ToContainTextAsync("quorvex.md");
    }

    [BrowserFact]
    public async Task What_goes_with_one_message_answers_it_again_and_no_other()
    {
        await using ChatPage page = await fixture.OpenAsync();
        await page.LimitRepliesAsync(8);
        await page.Tab.Locator(".composer input[type=file]").SetInputFilesAsync(Markdown("quorvex.md", Boiler));
        ILocator scope = page.Tab.GetByLabel("Which messages are looked up in quorvex.md");
        await scope.FocusAsync();
        await scope.SelectOptionAsync("next message only");
        await Expect(scope).ToBeFocusedAsync();
        await page.SendAsync("How long is the guarantee of the boiler Quorvex?");
        await page.ReplyEndsAsync();
        await Expect(page.LastReply.Locator(".footnotes button").First).ToContainTextAsync("quorvex.md");
        ILocator attached = page.Tab.GetByRole(AriaRole.Group, new() { Name = "Looked up for this message only" });
        await Expect(attached).ToHaveTextAsync("quorvex.md");
        await Expect(page.Tab.Locator(".attached .chip")).ToHaveCountAsync(0);
        await page.SendAsync("And how long is that of the boiler Quorvex in months?");
        await Expect(page.Replies).ToHaveCountAsync(2);
        await page.ReplyEndsAsync();
        await Expect(page.LastReply.Locator(".footnotes")).ToHaveCountAsync(0);

        await page.Tab.ReloadAsync();
        await Expect(attached).ToHaveTextAsync("quorvex.md");
        await Axe.CheckAsync(page);
        await page.Replies.First.GetByRole(AriaRole.Button, new() { Name = "Another reply" }).ClickAsync();
        await Expect(page.Replies).ToHaveCountAsync(1);
        await page.ReplyEndsAsync();
        await Expect(page.LastReply.Locator(".footnotes button").First).ToContainTextAsync("quorvex.md");

        await page.Button("Edit and ask again").ClickAsync();
        await Axe.CheckAsync(page);
        await page.Button("Detach quorvex.md").ClickAsync();
        await page.Tab.Keyboard.PressAsync("Control+Enter");
        await Expect(attached).ToHaveCountAsync(0);
        await page.ReplyEndsAsync();
        await Expect(page.LastReply.Locator(".footnotes")).ToHaveCountAsync(0);
    }

    [BrowserFact]
    public async Task A_collection_is_made_filled_asked_and_deleted()
    {
        await using ChatPage page = await fixture.OpenAsync("#/documents");
        await page.LimitRepliesAsync(8);
        await page.Tab.GetByLabel("Name of a new collection").FillAsync("Zephyria");
        await page.Tab.Keyboard.PressAsync("Enter");
        ILocator card = page.Tab.Locator(".collection", new() { HasText = "Zephyria" });
        await card.Locator("input[type=file]").SetInputFilesAsync(
            [Markdown("zephyria.md", "# Prices\n\nA Zephyria costs 412 euros."), Markdown("broken.pdf", "%PDF-1.7 nothing")]);
        await Expect(card).ToContainTextAsync("2 documents");
        await Expect(card.Locator(".error").First).ToContainTextAsync("broken.pdf");
        await Axe.CheckAsync(page);

        await card.GetByRole(AriaRole.Link, new() { Name = "Ask it" }).ClickAsync();
        await page.SendAsync("What does a Zephyria cost?");
        await page.ReplyEndsAsync();
        await Expect(page.LastReply.Locator(".footnotes button").First).ToContainTextAsync("zephyria.md");

        await page.Tab.GotoAsync("/#/documents");
        await page.Button("Delete the collection Zephyria").ClickAsync();
        await page.Button("Delete for good").ClickAsync();
        await Expect(card).ToHaveCountAsync(0);
        await page.Tab.GoBackAsync();
        await page.LastReply.Locator(".footnotes button").First.ClickAsync();
        await Expect(page.Tab.GetByRole(AriaRole.Dialog)).ToContainTextAsync("not there any more");
    }

    [BrowserFact]
    public async Task Rows_are_written_looked_at_and_imported()
    {
        fixture.Teacher.Reply = _ => StubTeacher.Rows(
            ("How long is the Velmora guaranteed?", "For seven years."), ("How loud is the Velmora?", "It makes 38 decibels."),
            ("Who painted the Louvre?", "Picasso did."));
        await using ChatPage page = await fixture.OpenAsync("#/documents");
        await page.Tab.GetByLabel("Name of a new collection").FillAsync("Velmora");
        await page.Tab.Keyboard.PressAsync("Enter");
        ILocator card = page.Tab.Locator(".collection", new() { HasText = "Velmora" });
        await card.Locator("input[type=file]").SetInputFilesAsync(
            Markdown("velmora.md", "# Velmora\n\nThe boiler Velmora has a guarantee of seven years. It makes 38 decibels."));
        await Expect(card).ToContainTextAsync("1 document");
        await card.GetByRole(AriaRole.Link, new() { Name = "Training rows" }).ClickAsync();
        await Expect(page.Tab.GetByRole(AriaRole.Heading, new() { Name = "Training rows from Velmora" })).ToBeFocusedAsync();
        await page.Tab.GetByLabel("Questions per passage").FillAsync("3");
        await page.Tab.Keyboard.PressAsync("Enter");
        await Expect(page.Button("To look at (2)")).ToBeVisibleAsync();
        await Expect(page.Button("Left out (1)")).ToBeVisibleAsync();
        ILocator rows = page.Tab.Locator(".synthetic-row");
        await Expect(rows).ToHaveCountAsync(2);
        await Axe.CheckAsync(page);
        await page.Tab.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Dark });
        await page.Tab.SetViewportSizeAsync(390, 844);
        Assert.Equal(390, await page.Tab.EvaluateAsync<int>("document.documentElement.scrollWidth"));
        await Axe.CheckAsync(page);

        await rows.First.GetByRole(AriaRole.Button, new() { Name = "Edit" }).FocusAsync(); // by keys alone
        await page.Tab.Keyboard.PressAsync("Enter");
        await page.Tab.Keyboard.PressAsync("Tab");
        await Expect(page.Tab.GetByLabel("Answer")).ToBeFocusedAsync();
        await page.Tab.GetByLabel("Answer").FillAsync("For seven whole years.");
        await Axe.CheckAsync(page);
        await page.Tab.Keyboard.PressAsync("Tab");
        await page.Tab.Keyboard.PressAsync("Enter");
        await Expect(rows).ToHaveCountAsync(1); // accepted, and the next one has the focus
        await Expect(rows.First.GetByRole(AriaRole.Button, new() { Name = "Accept" })).ToBeFocusedAsync();
        await rows.First.GetByRole(AriaRole.Button, new() { Name = "Drop" }).ClickAsync();
        await Expect(page.Button("Left out (2)")).ToBeVisibleAsync();
        await page.Button("Left out (2)").ClickAsync();
        await Expect(rows.Filter(new() { HasText = "The passage does not say this" })).ToHaveCountAsync(1);
        await rows.Filter(new() { HasText = "How loud" }).GetByRole(AriaRole.Button, new() { Name = "Accept" }).ClickAsync();

        await page.Button("Import 2 rows").ClickAsync();
        await Expect(page.Tab.GetByRole(AriaRole.Dialog).Locator(".preview")).ToContainTextAsync("For seven whole years.");
        await Axe.CheckAsync(page);
        await page.Button("Import 2 examples").ClickAsync();
        await Expect(page.Tab.GetByRole(AriaRole.Dialog)).ToContainTextAsync("2 examples were imported.");
        await page.Tab.Keyboard.PressAsync("Enter");
        await Expect(page.Button("Accepted (0)")).ToBeVisibleAsync();
        Assert.Contains("For seven whole years.", await fixture.Server.Client.GetStringAsync("/api/dataset?q=Velmora"), StringComparison.Ordinal);
    }

    private static FilePayload Markdown(string name, string text) => new() { Name = name, MimeType = "text/markdown", Buffer = Encoding.UTF8.GetBytes(text) };
}
