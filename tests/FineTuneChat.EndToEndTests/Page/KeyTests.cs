using System.Text.Json;
using FineTuneChat.TestSupport;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace FineTuneChat.EndToEndTests.Page;

/// <summary>The page of a server that asks for a key.</summary>
[Collection(PageTests.Name)]
public sealed class KeyTests(PageFixture fixture)
{
    [BrowserFact]
    public async Task The_page_asks_for_a_key_says_when_it_is_wrong_and_keeps_the_right_one()
    {
        await using var guarded = await GuardedServer.StartAsync();
        await using ChatPage page = await fixture.OpenAsync(configure: options => options.BaseURL = guarded.Server.Address.ToString());
        ILocator field = page.Tab.GetByLabel("API key");
        await field.FillAsync("ftc-000000000000-wrong");
        await page.Button("Use this key").ClickAsync();
        await Expect(page.Tab.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Alert)).ToHaveTextAsync("This key is not valid here.");
        await Axe.CheckAsync(page);
        await field.FillAsync(guarded.Admin);
        await page.Button("Use this key").ClickAsync();
        await Expect(page.Tab.GetByText("Version 0").First).ToBeVisibleAsync();

        await page.LimitRepliesAsync(60);
        await page.SendAsync("With a key");
        await page.ReplyEndsAsync();
        await page.Tab.ReloadAsync();
        await Expect(page.Conversations).ToHaveTextAsync("With a key");
        await Expect(page.Tab.GetByRole(AriaRole.Dialog)).ToHaveCountAsync(0);

        // Another key: another user, who may chat and rate, and sees nothing of this.
        await page.Button("Settings").ClickAsync();
        await Expect(page.Tab.GetByRole(AriaRole.Dialog)).ToContainTextAsync("owner");
        await page.Button("Use another key").ClickAsync();
        await field.FillAsync(guarded.Guest);
        await page.Button("Use this key").ClickAsync();
        await Expect(page.Tab.GetByText("Your conversations will be listed here.")).ToBeVisibleAsync();
        await page.SendAsync("As a guest");
        await page.ReplyEndsAsync();
        await page.Button("Bad reply").ClickAsync();
        await page.Tab.GetByLabel("What should the reply have been?").FillAsync("Welcome.");
        await page.Button("Save better reply").ClickAsync();
        await Expect(page.LastReply.Locator(".rating-status")).ToContainTextAsync("Your reply is an example.");
        await Expect(page.Tab.GetByRole(AriaRole.Link, new() { Name = "Train with it" })).ToHaveCountAsync(0); // that is for others
        await page.Tab.ReloadAsync();
        await Expect(page.Conversations).ToHaveTextAsync("As a guest");
        await Expect(page.LastReply.Locator(".correction")).ToContainTextAsync("Welcome.");

        // What the guest's key may not see says so.
        await page.Tab.GetByRole(AriaRole.Link, new() { Name = "Learning", Exact = true }).ClickAsync();
        await Expect(page.Tab.Locator("#main")).ToContainTextAsync("The key “guest” may not: that takes one with the scope “train”");
        await Axe.CheckAsync(page);
        await page.Tab.GetByRole(AriaRole.Link, new() { Name = "Server", Exact = true }).ClickAsync();
        await Expect(page.Tab.Locator(".model-ids li").First).ToHaveTextAsync("assistant");
        await Expect(page.Tab.Locator("#main")).ToContainTextAsync("for keys with the scope “admin”");
        await Expect(page.Tab.Locator(".keys")).ToHaveCountAsync(0);
        await Axe.CheckAsync(page);
        await Expect(page.Tab.GetByRole(AriaRole.Alert).And(page.Tab.Locator(":not(:empty)"))).ToHaveCountAsync(0); // and nothing fails
    }

    /// <summary>A server that asks for a key, and two of them.</summary>
    private sealed class GuardedServer : IAsyncDisposable
    {
        private readonly TemporaryFolder _folder = new();

        public ServerProcess Server { get; private set; } = null!;
        public string Admin { get; private set; } = null!;
        public string Guest { get; private set; } = null!;

        public static async Task<GuardedServer> StartAsync()
        {
            var guarded = new GuardedServer();
            string model = RandomModel.Write(guarded._folder["random.gguf"]);
            guarded.Admin = await guarded.MakeKeyAsync("owner", "admin");
            guarded.Guest = await guarded.MakeKeyAsync("guest", "chat", "rate");
            guarded.Server = await ServerProcess.StartAsync(
                model, guarded._folder["data"], ("Engine:Threads", "1"), ("Retraining:Threads", "1"), ("Security:RequireKey", "true"));
            return guarded;
        }

        private async Task<string> MakeKeyAsync(string name, params string[] scopes)
        {
            (int exitCode, string output, string errors) = await ProgramProcess.RunAsync(
                ["keys", "create", "--name", name, "--scopes", .. scopes, "--data", _folder["data"]]);
            Assert.True(exitCode == 0, errors);
            return JsonElement.Parse(output).GetProperty("key").GetString()!;
        }

        public async ValueTask DisposeAsync()
        {
            await Server.DisposeAsync();
            _folder.Dispose();
        }
    }
}
