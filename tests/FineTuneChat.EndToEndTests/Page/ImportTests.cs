using System.Text;
using System.Text.Json;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace FineTuneChat.EndToEndTests.Page;

/// <summary>Files that are dropped, pasted or chosen.</summary>
[Collection(PageTests.Name)]
public sealed class ImportTests(PageFixture fixture)
{
    private const string ChatGpt = """
        [{"id":"0f2c","title":"Dropped chat","create_time":1.7e9,"current_node":"b","mapping":{
          "a":{"id":"a","message":{"author":{"role":"user"},"content":{"content_type":"text","parts":["What is a tilde?"]}},"parent":null,"children":["b"]},
          "b":{"id":"b","message":{"author":{"role":"assistant"},"content":{"content_type":"text","parts":["A mark."]}},"parent":"a","children":[]}}}]
        """;

    private const string WhatsApp =
        "12/03/24, 10:15 - Ana: ¿Qué tal, walrus?\n12/03/24, 10:16 - Berta: Bien, ¿y tú?\n12/03/24, 10:17 - Ana: También.\n";

    [BrowserFact]
    public async Task A_dropped_table_in_another_encoding_is_asked_about_and_arrives_undamaged()
    {
        byte[] table = Encoding.Latin1.GetBytes("text;label;extra\n¿Cuándo llegará, badger?;logística;1\nMi camión no está, badger;atención;2\n");
        await using ChatPage page = await fixture.OpenAsync(); // a chat: files are taken everywhere
        await DropAsync(page, "badger.csv", table);
        ILocator dialog = page.Tab.GetByRole(AriaRole.Dialog);
        await Expect(dialog).ToContainTextAsync("Which column is what?");
        await Expect(dialog.Locator(".column-map")).ToContainTextAsync("logística");
        await Expect(dialog).ToContainTextAsync("windows-1252", new() { IgnoreCase = true });
        await Expect(page.Tab.GetByLabel("text is")).ToHaveValueAsync("prompt"); // guessed, and looked at
        await Expect(page.Tab.GetByLabel("label is")).ToHaveValueAsync("reply");
        await Expect(dialog).ToContainTextAsync("\"extra\" is not used");
        await Expect(page.Button("Import 2 examples")).ToBeEnabledAsync();
        await Axe.CheckAsync(page);

        await page.Tab.GetByLabel("extra is").SelectOptionAsync("reply"); // each once: label is nothing then
        await Expect(page.Tab.GetByLabel("label is")).ToHaveValueAsync("");
        await Expect(dialog.Locator(".preview .wanted").First).ToContainTextAsync("1");
        await page.Tab.GetByLabel("label is").SelectOptionAsync("reply");
        await Expect(dialog.Locator(".preview .wanted").First).ToContainTextAsync("logística");
        await page.Button("Import 2 examples").ClickAsync();
        await Expect(dialog).ToContainTextAsync("2 examples were imported.");
        using var stored = JsonDocument.Parse(await fixture.Server.Client.GetStringAsync("/api/dataset?q=badger"));
        Assert.Contains("¿Cuándo llegará, badger?", stored.RootElement.ToString(), StringComparison.Ordinal);
    }

    [BrowserFact]
    public async Task Chats_of_another_program_are_named_and_become_conversations_or_examples()
    {
        await using ChatPage page = await fixture.OpenAsync("#/learning", AppearanceTests.Phone);
        await DropAsync(page, "conversations.json", Encoding.UTF8.GetBytes(ChatGpt));
        ILocator dialog = page.Tab.GetByRole(AriaRole.Dialog);
        await Expect(dialog).ToContainTextAsync("Chats of ChatGPT. What shall become of them?");
        await Axe.CheckAsync(page);
        await page.Tab.GetByLabel("Examples that the next training learns from").CheckAsync();
        await Expect(dialog).ToContainTextAsync("One example can be learned.");
        await page.Tab.GetByLabel("Conversations, in the list of conversations").CheckAsync();
        await page.Button("Import").ClickAsync();
        await Expect(dialog).ToContainTextAsync("One conversation was imported.");
        await page.Button("Close").ClickAsync();
        await page.Button("Open sidebar").ClickAsync();
        await page.Tab.GetByRole(AriaRole.Searchbox, new() { Name = "Search conversations" }).FillAsync("Dropped"); // it is old, and others are many
        await page.Tab.GetByRole(AriaRole.Link, new() { Name = "Dropped chat" }).ClickAsync();
        await Expect(page.Tab.Locator(".message.user .bubble")).ToHaveTextAsync("What is a tilde?");
        await Expect(page.LastReply.Locator(".by")).ToHaveTextAsync("ChatGPT");
    }

    [BrowserFact]
    public async Task A_pasted_chat_between_people_asks_who_is_to_be_imitated()
    {
        await using ChatPage page = await fixture.OpenAsync("#/learning"); // in a chat, texts are attached as documents
        await SendFileAsync(page, "paste", "WhatsApp Chat.txt", Encoding.UTF8.GetBytes(WhatsApp));
        ILocator dialog = page.Tab.GetByRole(AriaRole.Dialog);
        await Expect(page.Button("Import")).ToBeDisabledAsync();
        await page.Tab.GetByLabel("Whose messages are the replies to learn?").SelectOptionAsync("Berta");
        await Expect(dialog.Locator(".preview .wanted")).ToContainTextAsync("Bien, ¿y tú?");
        await Expect(page.Button("Import one example")).ToBeEnabledAsync();
        await page.Tab.Keyboard.PressAsync("Escape");

        await SendFileAsync(page, "paste", "scan.pdf", Encoding.UTF8.GetBytes("%PDF-1.7 …"));
        await Expect(page.Tab.GetByRole(AriaRole.Alert)).ToContainTextAsync("it is a PDF");
        await page.Tab.Keyboard.PressAsync("Escape");
        await DropAsync(page, "model.gguf", Encoding.UTF8.GetBytes("GGUF…"));
        await Expect(page.Tab.GetByRole(AriaRole.Alert)).ToContainTextAsync("This file is a model.");
        Assert.Equal(new Uri(fixture.Server.Address, "#/learning").ToString(), page.Tab.Url); // the page is still there
    }

    private static async Task DropAsync(ChatPage page, string name, byte[] content)
    {
        await SendFileAsync(page, "dragenter", name, content);
        await Expect(page.Tab.Locator(".drop-curtain")).ToBeVisibleAsync();
        await SendFileAsync(page, "drop", name, content);
        await Expect(page.Tab.Locator(".drop-curtain")).ToBeHiddenAsync();
    }

    /// <summary>As the browser does it when a file is dragged or pasted.</summary>
    private static Task SendFileAsync(ChatPage page, string kind, string name, byte[] content) => page.Tab.EvaluateAsync(
        """
        ([kind, name, base64]) => {
          const data = new DataTransfer();
          data.items.add(new File([Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))], name));
          document.body.dispatchEvent(kind === 'paste'
            ? new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true })
            : new DragEvent(kind, { dataTransfer: data, bubbles: true, cancelable: true }));
        }
        """,
        new[] { kind, name, Convert.ToBase64String(content) });
}
