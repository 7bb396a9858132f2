using FineTuneChat.TestSupport;
using FineTuneChat.TestSupport.Hub;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace FineTuneChat.EndToEndTests.Page;

/// <summary>The model manager and the picker, over real files, real engines and a hub on this machine.</summary>
[Trait(Tier.Name, Tier.Slow)]
public sealed class ModelsTests(ModelsFixture fixture) : IClassFixture<ModelsFixture>
{
    [BrowserFact]
    public async Task Models_are_described_set_up_loaded_and_unloaded()
    {
        await using ChatPage page = await fixture.OpenAsync("#/models");
        ILocator second = Model(page, "second");
        await Expect(second).ToContainTextAsync("chat · ");
        await Expect(second).ToContainTextAsync("8,192 tokens of context");
        await Expect(second.Locator(".fits")).ToHaveTextAsync("Fits");
        await Expect(Model(page, "broken")).ToContainTextAsync("incomplete download");
        await Expect(Model(page, "broken")).ToContainTextAsync("Cannot be used");
        await Expect(Model(page, "taught")).ToHaveCountAsync(0); // an adapter is no model
        await Expect(page.Tab.Locator(".loaded-models")).ToContainTextAsync("assistant (assistant@0)");

        await page.Button("How second is loaded").ClickAsync();
        ILocator memory = page.Tab.Locator(".load-memory strong");
        await Expect(memory).ToContainTextAsync("free");
        string before = await memory.InnerTextAsync();
        await page.Tab.GetByLabel("Context", new() { Exact = true }).FillAsync("2"); // 1024 tokens
        await Expect(page.Tab.Locator("#load-context-value")).ToHaveTextAsync("1,024 tokens");
        await Expect(memory).Not.ToHaveTextAsync(before);
        await page.Tab.GetByLabel("Cached keys").SelectOptionAsync("q8_0");
        await Axe.CheckAsync(page);
        await page.Tab.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Load" }).ClickAsync();
        await Expect(second.Locator(".tag").First).ToHaveTextAsync("Loaded");
        await Expect(page.Tab.Locator(".loaded-models li").Last).ToContainTextAsync("MB of memory");
        Assert.Contains("1024 tokens for one request", fixture.Server.Output, StringComparison.Ordinal);
        Assert.Contains("Q8_0 and F16", fixture.Server.Output, StringComparison.Ordinal);
        await Axe.CheckAsync(page);

        await page.Button("Unload: second").ClickAsync();
        await Expect(second.Locator(".tag").First).ToHaveTextAsync("Fits");
        await page.Button("Delete spare").ClickAsync();
        await page.Tab.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Delete" }).ClickAsync();
        await Expect(Model(page, "spare")).ToHaveCountAsync(0);
    }

    [BrowserFact]
    public async Task A_model_is_found_fetched_paused_and_goes_on_while_the_title_says_how_far_it_is()
    {
        fixture.Hub.Trouble = r => r is { IsStorage: true, From: >= 1_000_000 } ? new HubTrouble { StallAfter = 100 } : null;
        await using ChatPage page = await fixture.OpenAsync("#/models");
        await page.Tab.GetByLabel("Search the hub").FillAsync("offered");
        await page.Tab.Keyboard.PressAsync("Enter");
        ILocator found = page.Tab.Locator(".found-models > li");
        await Expect(found).ToContainTextAsync("apache-2.0 · 1,000 downloads · 7 likes");
        await found.Locator("summary").ClickAsync();
        await Expect(found.Locator(".quantizations li")).ToHaveCountAsync(2);
        await Expect(found.Locator(".quantizations .fits").First).ToHaveTextAsync("Fits");
        await Expect(found).ToContainTextAsync("mmproj-f16.gguf");
        await Axe.CheckAsync(page);

        await page.Button("Fetch owner/offered:Q4_K_M").ClickAsync();
        ILocator download = page.Tab.Locator(".download");
        await Expect(page.Tab).ToHaveTitleAsync(new System.Text.RegularExpressions.Regex(@"^\(\d+% ?\)|^\(\d+ ?%\)"));
        await page.Button("Pause: owner/offered:Q4_K_M").ClickAsync();
        await Expect(download).ToContainTextAsync("paused");
        await Axe.CheckAsync(page);
        fixture.Hub.Forget();
        await page.Button("Go on: owner/offered:Q4_K_M").ClickAsync();
        await Expect(download).ToContainTextAsync("offered-Q4_K_M is here");
        await Expect(Model(page, "offered-Q4_K_M")).ToBeVisibleAsync();
        await Expect(page.Tab).ToHaveTitleAsync("Models – FineTuneChat");

        await page.Tab.GetByLabel("Search the hub").FillAsync("gated");
        await page.Tab.Keyboard.PressAsync("Enter");
        await found.Locator("summary").ClickAsync();
        await Expect(found.Locator(".notice")).ToContainTextAsync("HF_TOKEN");
        await page.Button("Fetch owner/gated:Q4_K_M").ClickAsync();
        await Expect(found.GetByRole(AriaRole.Alert)).ToContainTextAsync("token");
    }

    [BrowserFact]
    public async Task Another_model_is_picked_in_the_chat_and_a_broken_one_says_why()
    {
        await using ChatPage page = await fixture.OpenAsync();
        await page.LimitRepliesAsync(5);
        ILocator picker = page.Tab.Locator(".picker-button");
        await picker.ClickAsync();
        ILocator panel = page.Tab.GetByRole(AriaRole.Dialog, new() { Name = "Choose a model" });
        await Expect(panel).ToContainTextAsync("incomplete download"); // and is not offered
        await Expect(panel.GetByRole(AriaRole.Button, new() { NameRegex = new("^broken") })).ToHaveCountAsync(0);
        await Axe.CheckAsync(page);
        await panel.GetByRole(AriaRole.Button, new() { NameRegex = new("^second") }).ClickAsync();
        await Expect(picker).ToHaveTextAsync("second");
        await page.SendAsync("Who are you?");
        await page.ReplyEndsAsync();
        await Expect(page.LastReply.Locator(".by")).ToHaveTextAsync("second");

        await page.Tab.GotoAsync("/#/with/broken"); // an old link, an old chat
        await page.SendAsync("And you?");
        await Expect(page.LastReply.GetByRole(AriaRole.Alert)).ToContainTextAsync("incomplete download");
        await Expect(page.LastReply.GetByRole(AriaRole.Link, new() { Name = "Models" })).ToBeVisibleAsync();
        await Axe.CheckAsync(page);
    }

    [BrowserFact]
    public async Task Without_any_model_the_page_opens_and_a_fetched_one_begins_the_chat()
    {
        using var folder = new TemporaryFolder();
        fixture.Hub.Forget();
        await using ServerProcess server = await ServerProcess.ListenAsync(
            "starter", folder["data"], ("Models:Folder", folder["models"]), ("Models:HubUrl", fixture.Hub.Address.ToString()), ("Engine:Threads", "1"));
        await using ChatPage page = await fixture.OpenAsync(configure: options => options.BaseURL = server.Address.ToString());
        await Expect(page.Tab.Locator(".engine-notice")).ToContainTextAsync("There is no model here yet.");
        await Expect(page.Tab.Locator(".state-chip")).ToHaveTextAsync("No model yet");
        await Axe.CheckAsync(page);
        await page.Tab.GetByRole(AriaRole.Link, new() { Name = "Get a model" }).ClickAsync();
        await page.Tab.GetByLabel("Search the hub").FillAsync("offered");
        await page.Tab.Keyboard.PressAsync("Enter");
        await page.Tab.Locator(".found-models summary").ClickAsync();
        await page.Button("Fetch owner/offered:Q8_0").ClickAsync();
        await Expect(page.Tab.Locator(".state-chip")).ToHaveTextAsync("Version 0"); // by itself: the gateway has taken over
        await page.Tab.GetByRole(AriaRole.Link, new() { Name = "New chat" }).ClickAsync();
        await page.LimitRepliesAsync(5);
        await page.SendAsync("Are you there?");
        await page.ReplyEndsAsync();
        await Expect(page.LastReply.Locator(".by")).ToHaveTextAsync("Version 0");
    }

    [BrowserTheory]
    [InlineData(ColorScheme.Light, true)]
    [InlineData(ColorScheme.Dark, false)]
    [InlineData(ColorScheme.Dark, true)]
    public async Task The_view_fits_a_phone_and_can_be_read_in_the_dark(ColorScheme scheme, bool isPhone)
    {
        await using ChatPage page = await fixture.OpenAsync("#/models", options =>
        {
            options.ColorScheme = scheme;
            options.Locale = "es-ES";
            if (isPhone)
                AppearanceTests.Phone(options);
        });
        await Expect(Model(page, "second")).ToContainTextAsync("tokens de contexto");
        await Axe.CheckAsync(page);
        Assert.True(await page.Tab.EvaluateAsync<bool>("() => document.querySelector('.view').scrollWidth <= innerWidth"));
    }

    private static ILocator Model(ChatPage page, string name) => page.Tab.Locator($".model[data-model='{name}']");
}
