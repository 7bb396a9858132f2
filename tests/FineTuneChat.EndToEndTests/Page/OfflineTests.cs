using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace FineTuneChat.EndToEndTests.Page;

/// <summary>The page while its server is not to be reached: it opens, says so, and keeps what is typed.</summary>
[Collection(PageTests.Name)]
public sealed class OfflineTests(PageFixture fixture)
{
    [BrowserFact]
    public async Task The_page_opens_without_its_server_and_goes_on_when_it_is_back()
    {
        (string conversation, _) = await fixture.ExchangeAsync("Said before the server went");
        await using ChatPage page = await fixture.OpenAsync(configure: options => options.ServiceWorkers = ServiceWorkerPolicy.Allow);
        await page.Tab.WaitForFunctionAsync("() => navigator.serviceWorker.controller !== null");
        await page.Tab.Context.SetOfflineAsync(true);
        await page.Tab.ReloadAsync();

        await Expect(page.Composer).ToBeVisibleAsync();
        await page.Composer.FillAsync("Not lost");
        await page.Composer.PressAsync("Enter");
        await Expect(page.Tab.GetByText("The server does not answer.").First).ToBeVisibleAsync();
        foreach (string view in (string[])["#/learning", "#/documents", "#/models"]) // their modules were kept, too
        {
            await page.Tab.EvaluateAsync($"() => {{ location.hash = '{view}'; }}");
            await Expect(page.Tab.GetByRole(AriaRole.Heading, new() { Level = 1 }).First).ToBeVisibleAsync();
        }
        Assert.DoesNotContain("Said before", await page.Tab.EvaluateAsync<string>(
            """
            async () => {
              const cache = await caches.open('shell');
              const answers = await Promise.all((await cache.keys()).map((key) => cache.match(key)));
              return (await Promise.all(answers.map((answer) => answer.text()))).join('\n');
            }
            """));

        await page.Tab.Context.SetOfflineAsync(false);
        await page.Tab.GotoAsync($"/#/chat/{conversation}");
        await page.Tab.ReloadAsync();
        await Expect(page.Tab.GetByText("Said before the server went").First).ToBeVisibleAsync();
    }
}
