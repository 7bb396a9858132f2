using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace FineTuneChat.EndToEndTests.Page;

[Collection(PageTests.Name)]
public sealed class MathTests(PageFixture fixture)
{
    [BrowserFact]
    public async Task Formulas_of_a_reply_are_drawn_and_what_is_none_stays_text()
    {
        (string conversation, string completion) = await fixture.ExchangeAsync("Formulas");
        await fixture.RateAsync(completion, "down", """
            It costs $5 or $10, and $e^{i\pi} + 1 = 0$ holds; $\wrong{ stays, so does `$x$`, and $\frac{1}{\oops$ too.

            $$
            \begin{aligned} \int_0^1 x^2 \, dx &= \frac{1}{3} \\ A &= \begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix} \end{aligned}
            $$

            \[ f(x) = \begin{cases} 1 & x > 0 \\ 0 & \text{else} \end{cases} \]
            """);
        await using ChatPage page = await fixture.OpenAsync($"#/chat/{conversation}");
        ILocator reply = page.LastReply.Locator(".correction .prose");
        await Expect(reply.Locator(".formula.block math")).ToHaveCountAsync(2);
        await Expect(reply.Locator("math msup").First).ToBeVisibleAsync();
        await Expect(reply.Locator("p").First).ToContainTextAsync("It costs $5 or $10, and");
        await Expect(reply.Locator("p > code:not(.math)")).ToHaveTextAsync("$x$");
        // as a table, not as a line
        Assert.True(await reply.Locator("mtable").First.EvaluateAsync<double>("table => table.getBoundingClientRect().height") > 40);
        await Axe.CheckAsync(page);
    }
}
