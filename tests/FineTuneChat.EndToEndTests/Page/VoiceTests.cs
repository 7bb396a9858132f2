using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace FineTuneChat.EndToEndTests.Page;

/// <summary>Speech, in a browser that would send sound to its maker: nothing leaves the machine without a yes.</summary>
[Collection(PageTests.Name)]
public sealed class VoiceTests(PageFixture fixture)
{
    [BrowserFact]
    public async Task Dictation_asks_before_sound_leaves_the_machine()
    {
        await using ChatPage page = await fixture.OpenAsync();
        // A Chromium without windows ends the tab when it is asked what it can do here.
        await page.Tab.EvaluateAsync("() => { delete (window.SpeechRecognition ?? window.webkitSpeechRecognition).available; }");
        await page.Composer.FillAsync("half of it");
        await page.Button("Dictate").ClickAsync();
        ILocator question = page.Tab.GetByRole(AriaRole.Dialog, new() { Name = "May your browser send what you say?" });
        await Expect(question).ToBeVisibleAsync();
        await Axe.CheckAsync(page);
        await question.GetByRole(AriaRole.Button, new() { Name = "Cancel" }).ClickAsync();
        await Expect(question).ToBeHiddenAsync();
        await Expect(page.Button("Dictate")).ToHaveAttributeAsync("aria-pressed", "false");
        await Expect(page.Composer).ToHaveValueAsync("half of it");

        await page.Button("Dictate").ClickAsync(); // it was not a yes, so it is asked again
        await Expect(question).ToBeVisibleAsync();
    }

    [BrowserFact]
    public async Task A_reply_is_read_by_a_voice_of_the_machine_or_not_at_all()
    {
        await using ChatPage page = await fixture.OpenAsync();
        await page.SendAsync("Read this to me");
        await page.ReplyEndsAsync();
        await page.Button("Read aloud").ClickAsync();
        ILocator none = page.Tab.GetByRole(AriaRole.Dialog, new() { Name = "No voice on this machine" }), stop = page.Button("Stop reading");
        await Expect(none.Or(stop)).ToBeVisibleAsync(); // by the machine that the test runs on
        await Axe.CheckAsync(page);
    }
}
