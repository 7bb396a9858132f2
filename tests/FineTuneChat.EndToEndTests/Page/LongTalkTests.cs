using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace FineTuneChat.EndToEndTests.Page;

[Collection(PageTests.Name)]
public sealed class LongTalkTests(PageFixture fixture)
{
    [BrowserFact]
    public async Task Of_a_long_talk_the_end_is_drawn_and_the_rest_when_it_is_scrolled_to()
    {
        await fixture.ImportAsync(new
        {
            id = "long-talk",
            messages = Enumerable.Range(0, 300).Select(i => new { role = i % 2 == 0 ? "user" : "assistant", content = $"Words {i}, and **more** of them." }),
        });
        await using ChatPage page = await fixture.OpenAsync("#/chat/long-talk");
        ILocator messages = page.Tab.Locator(".message");
        await Expect(page.LastReply).ToContainTextAsync("Words 299");
        await Expect(page.LastReply).ToBeInViewportAsync();
        Assert.InRange(await messages.CountAsync(), 10, 100);

        await page.Tab.Locator(".scroller").EvaluateAsync("scroller => { scroller.scrollTop = 0; }");
        await Expect(page.Tab.Locator(".message.user").First).ToHaveTextAsync("Words 0, and **more** of them.");
        await Expect(page.Tab.Locator(".message.user").First).ToBeInViewportAsync();
        Assert.InRange(await messages.CountAsync(), 10, 150);
        await page.Button("Go to the end").ClickAsync();
        await Expect(page.LastReply).ToBeInViewportAsync();
    }

    /// <summary>At twice the size half as much fits: 640 × 400 CSS pixels of a screen of 1280 × 800.</summary>
    [BrowserFact]
    public async Task The_start_is_read_from_its_beginning_however_little_of_it_fits()
    {
        await using ChatPage page = await fixture.OpenAsync(configure: options => options.ViewportSize = new() { Width = 640, Height = 400 });
        await Expect(page.Tab.GetByText("Teach it something in a minute").Or(page.Tab.GetByText("Both teach the next version")).First).ToBeAttachedAsync();
        await Expect(page.Tab.GetByRole(AriaRole.Heading, new() { Name = "What would you like to ask?" })).ToBeInViewportAsync();
        Assert.Equal(0, await page.Tab.Locator(".scroller").EvaluateAsync<int>("scroller => scroller.scrollTop"));
    }

    [BrowserFact]
    public async Task Words_run_in_the_direction_of_their_language_and_code_from_left_to_right()
    {
        await fixture.ImportAsync(new
        {
            id = "arabic",
            title = "مرحبا بالعالم",
            messages = new[]
            {
                new { role = "user", content = "كيف أطبع سطرا؟" },
                new { role = "assistant", content = "`print` تطبع سطرا:\n\n```python\nprint(1)\n```\n\n- واحد\n- اثنان\n\nIn English too." },
            },
        });
        await using ChatPage page = await fixture.OpenAsync("#/chat/arabic");
        await DirectionAsync(page.Tab.Locator(".message.user .bubble"), "rtl");
        await DirectionAsync(page.LastReply.Locator(".prose > p").First, "rtl"); // code at its beginning says nothing about it
        await DirectionAsync(page.LastReply.Locator(".prose ul"), "rtl");
        await DirectionAsync(page.LastReply.Locator(".prose > p").Last, "ltr");
        await DirectionAsync(page.LastReply.Locator("pre"), "ltr");
        await DirectionAsync(page.Tab.GetByRole(AriaRole.Heading, new() { Level = 1 }), "rtl");
        await DirectionAsync(page.Tab.GetByRole(AriaRole.Link, new() { Name = "مرحبا بالعالم" }), "rtl");
        await page.Composer.FillAsync("شكرا");
        await DirectionAsync(page.Composer, "rtl");
        await Axe.CheckAsync(page);
    }

    private static Task DirectionAsync(ILocator element, string direction) => Expect(element).ToHaveCSSAsync("direction", direction);
}
