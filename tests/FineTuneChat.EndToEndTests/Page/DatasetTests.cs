using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace FineTuneChat.EndToEndTests.Page;

/// <summary>The examples in the Learning view.</summary>
[Collection(PageTests.Name)]
public sealed class DatasetTests(PageFixture fixture)
{
    [BrowserFact]
    public async Task An_example_is_found_kept_aside_restored_and_edited()
    {
        (_, string other) = await fixture.ExchangeAsync("When do you open, otter?");
        await fixture.RateAsync(other, "down", "At eight.");
        (string conversation, string completion) = await fixture.ExchangeAsync("When do you open, walrus?");
        await fixture.RateAsync(completion, "down", "At nine.");
        await using ChatPage page = await fixture.OpenAsync("#/learning");
        await page.Tab.GetByLabel("Search examples").FillAsync("WALRUS");
        ILocator example = page.Tab.Locator(".example");
        await Expect(example).ToHaveCountAsync(1); // without the otter: it has been searched
        await Expect(example).ToContainTextAsync("When do you open, walrus?");
        await example.Locator("summary").ClickAsync();
        await Expect(example).ToContainTextAsync("A correction");
        await Expect(example).ToContainTextAsync("No training has used it yet.");
        await Expect(example.GetByRole(AriaRole.Link, new() { Name = "Conversation" })).ToHaveAttributeAsync("href", $"#/chat/{conversation}");
        await Axe.CheckAsync(page);

        ILocator waiting = page.Tab.Locator(".next .count strong");
        int before = int.Parse(await waiting.InnerTextAsync(), System.Globalization.CultureInfo.InvariantCulture);
        await example.GetByRole(AriaRole.Button, new() { Name = "Keep aside" }).ClickAsync();
        await Expect(example.Locator(".tag")).ToHaveTextAsync("Kept aside");
        await Expect(waiting).ToHaveTextAsync($"{before - 1}");
        await Expect(example.GetByRole(AriaRole.Button, new() { Name = "Restore" })).ToBeFocusedAsync();
        await example.GetByRole(AriaRole.Button, new() { Name = "Restore" }).ClickAsync();
        await Expect(waiting).ToHaveTextAsync($"{before}");

        await example.GetByRole(AriaRole.Button, new() { Name = "Edit" }).ClickAsync();
        ILocator wanted = example.GetByLabel("Wanted reply");
        await Expect(wanted).ToBeFocusedAsync();
        await Axe.CheckAsync(page);
        await wanted.FillAsync("At ten. Write to walrus@example.org.");
        await example.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await Expect(example.Locator(".tag")).ToHaveTextAsync(["E-mail address", "Kept aside"]); // a secret that came in
        await Expect(example).ToContainTextAsync("Edited here");
        await page.Button("Kept aside").ClickAsync();
        await Expect(example.Locator(".wanted").First).ToHaveTextAsync("At ten. Write to walrus@example.org.");
    }

    [BrowserFact]
    public async Task A_table_is_looked_at_before_it_is_imported_and_the_dataset_is_exported()
    {
        const string Table =
            "prompt,completion\nWho is the mascot?,A heron.\nWho is the mascot?,A heron.\n,\"no question\"\nHow to reach you?,Write to heron@example.org.\n";
        await using ChatPage page = await fixture.OpenAsync("#/learning");
        await page.Button("Import and export examples").ClickAsync();
        await page.Tab.GetByRole(AriaRole.Menuitem, new() { Name = "Import examples" }).ClickAsync();
        ILocator dialog = page.Tab.GetByRole(AriaRole.Dialog);
        await page.Tab.GetByLabel("File").SetInputFilesAsync(
            new FilePayload { Name = "mascot.csv", MimeType = "text/csv", Buffer = Encoding.UTF8.GetBytes(Table) });
        await Expect(dialog).ToContainTextAsync("One example can be learned.");
        await Expect(dialog).ToContainTextAsync("One looks like it holds a secret");
        await Expect(dialog).ToContainTextAsync("One is here already.");
        await Expect(dialog).ToContainTextAsync("One row cannot be read:");
        await Expect(dialog.Locator(".preview")).ToContainTextAsync("A heron.");
        await Axe.CheckAsync(page);
        Assert.Equal(0, await CountAsync("mascot")); // nothing yet
        await page.Button("Import 2 examples").ClickAsync();
        await Expect(dialog).ToContainTextAsync("2 examples were imported.");
        await page.Button("Close").ClickAsync();

        await page.Tab.GetByLabel("Search examples").FillAsync("mascot");
        await Expect(page.Tab.Locator(".example")).ToHaveCountAsync(1);
        await page.Tab.Locator(".example summary").ClickAsync();
        await Expect(page.Tab.Locator(".example")).ToContainTextAsync("Imported (mascot.csv:2)");
        await page.Button("Import and export examples").ClickAsync();
        IDownload download = await page.Tab.RunAndWaitForDownloadAsync(
            () => page.Tab.GetByRole(AriaRole.Menuitem, new() { Name = "Export examples" }).ClickAsync());
        Assert.Contains("A heron.", await File.ReadAllTextAsync(await download.PathAsync()), StringComparison.Ordinal);
    }

    [BrowserFact]
    public async Task An_import_is_kept_aside_restored_and_deleted_as_a_whole()
    {
        var own = new PageFixture(); // other tests import, too
        await own.InitializeAsync();
        try
        {
            (_, string completion) = await own.ExchangeAsync("Not imported");
            await own.RateAsync(completion, "down", "Right.");
            string rows = string.Join('\n', Enumerable.Range(1, 3).Select(i => $$"""{"prompt":"Question {{i}}?","completion":"Nonsense {{i}}."}"""));
            using HttpResponseMessage imported = await own.Server.Client.PostAsJsonAsync("/api/dataset/import", new { file = "nonsense.jsonl", text = rows });
            await using ChatPage page = await own.OpenAsync("#/learning");
            ILocator example = page.Tab.Locator(".example"), waiting = page.Tab.Locator(".next .count strong");
            await Expect(example).ToHaveCountAsync(4);
            ILocator choice = page.Tab.GetByLabel("From which import");
            await choice.SelectOptionAsync(new SelectOptionValue { Index = 1 });
            await Expect(example).ToHaveCountAsync(3);
            await Axe.CheckAsync(page);

            await page.Button("Keep all 3 aside").ClickAsync();
            await Expect(example.Locator(".tag")).ToHaveTextAsync(["Kept aside", "Kept aside", "Kept aside"]);
            await Expect(waiting).ToHaveTextAsync("1");
            await page.Button("Restore all without a warning").ClickAsync();
            await Expect(waiting).ToHaveTextAsync("4");

            await page.Button("Delete this import").ClickAsync();
            ILocator dialog = page.Tab.GetByRole(AriaRole.Dialog);
            await Expect(dialog).ToContainTextAsync("Delete the examples of “nonsense.jsonl”?");
            await dialog.GetByRole(AriaRole.Button, new() { Name = "Delete" }).ClickAsync();
            await Expect(example).ToHaveCountAsync(1);
            await Expect(waiting).ToHaveTextAsync("1");
            await Expect(choice).ToBeHiddenAsync();
        }
        finally
        {
            await own.DisposeAsync();
        }
    }

    [BrowserFact]
    public async Task A_file_that_holds_no_examples_says_why()
    {
        await using ChatPage page = await fixture.OpenAsync("#/learning");
        await page.Button("Import and export examples").ClickAsync();
        await page.Tab.GetByRole(AriaRole.Menuitem, new() { Name = "Import examples" }).ClickAsync();
        await page.Tab.GetByLabel("File").SetInputFilesAsync(
            new FilePayload { Name = "broken.xlsx", MimeType = "application/octet-stream", Buffer = [1, 2, 3] });
        await Expect(page.Tab.GetByRole(AriaRole.Alert).Filter(new() { HasText = "broken.xlsx cannot be read: it is no text" })).ToBeVisibleAsync();
        await Expect(page.Button("Import")).ToBeDisabledAsync();
    }

    private async Task<int> CountAsync(string search)
    {
        using var page = JsonDocument.Parse(await fixture.Server.Client.GetStringAsync($"/api/dataset?q={search}"));
        return page.RootElement.GetProperty("data").GetArrayLength();
    }
}
