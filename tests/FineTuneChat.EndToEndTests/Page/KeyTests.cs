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
        using var folder = new TemporaryFolder();
        string model = RandomModel.Write(folder["random.gguf"]);
        (int exitCode, string output, string errors) = await ProgramProcess.RunAsync("keys", "create", "--name", "page", "--scopes", "admin", "--data", folder["data"]);
        Assert.True(exitCode == 0, errors);
        await using ServerProcess server = await ServerProcess.StartAsync(model, folder["data"], ("Engine:Threads", "1"), ("Security:RequireKey", "true"));
        string key = JsonElement.Parse(output).GetProperty("key").GetString()!;

        await using ChatPage page = await fixture.OpenAsync(configure: options => options.BaseURL = server.Address.ToString());
        ILocator field = page.Tab.GetByLabel("API key");
        await field.FillAsync("ftc-000000000000-wrong");
        await page.Button("Use this key").ClickAsync();
        await Expect(page.Tab.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Alert)).ToHaveTextAsync("This key is not valid here.");
        await Axe.CheckAsync(page);
        await field.FillAsync(key);
        await page.Button("Use this key").ClickAsync();
        await Expect(page.Tab.GetByText("Version 0").First).ToBeVisibleAsync();

        await page.LimitRepliesAsync(4);
        await page.SendAsync("With a key");
        await page.ReplyEndsAsync();
        await page.Tab.ReloadAsync();
        await Expect(page.Conversations).ToHaveTextAsync("With a key");
        await Expect(page.Tab.GetByRole(AriaRole.Dialog)).ToHaveCountAsync(0);
    }
}
