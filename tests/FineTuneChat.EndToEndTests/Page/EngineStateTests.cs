using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using FineTuneChat.TestSupport;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace FineTuneChat.EndToEndTests.Page;

public sealed partial class EngineStateTests
{
    [BrowserFact]
    public async Task An_engine_that_died_is_told_and_the_next_message_waits_for_its_successor()
    {
        var own = new PageFixture(); // the engine of the other tests lives on
        await own.InitializeAsync();
        try
        {
            await using ChatPage page = await own.OpenAsync();
            await page.LimitRepliesAsync(20);
            ILocator chip = page.Tab.Locator(".state-chip");
            await Expect(chip).ToHaveTextAsync("Version 0");

            Task starting = page.Tab.EvaluateAsync(SeeStarting); // a successor may be there before a poll would look
            using (Process engine = Process.GetProcessById(int.Parse(EngineReady().Match(own.Server.Output).Groups[1].Value, CultureInfo.InvariantCulture)))
                engine.Kill();
            await starting.WaitAsync(Patience.Limit);
            await page.SendAsync("Are you back?");
            await Expect(chip).ToHaveTextAsync("Version 0");
            await page.ReplyEndsAsync();
            await Expect(page.LastReply.Locator(".prose")).Not.ToBeEmptyAsync();
        }
        finally
        {
            await own.DisposeAsync();
        }
    }

    private const string SeeStarting =
        """
        () => new Promise((done) => {
          const chip = document.querySelector('.state-chip');
          new MutationObserver(() => { if (chip.textContent === 'Model starting') done(); }).observe(chip, { childList: true, subtree: true });
        })
        """;

    [GeneratedRegex(@"Engine assistant@0 is ready \(process (\d+)")]
    private static partial Regex EngineReady();
}
