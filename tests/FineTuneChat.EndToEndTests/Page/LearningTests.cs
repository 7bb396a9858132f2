using System.Net.Http.Json;
using FineTuneChat.TestSupport;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace FineTuneChat.EndToEndTests.Page;

[Collection(PageTests.Name)]
public sealed class LearningTests(PageFixture fixture)
{
    private const int PhoneWidth = 390;

    [BrowserFact]
    public async Task A_rating_shows_among_what_waits_and_can_be_trained_on()
    {
        (string conversation, string completion) = await fixture.ExchangeAsync("Count me");
        await using ChatPage page = await fixture.OpenAsync("#/learning");
        ILocator count = page.Tab.Locator(".next .count strong");
        await Expect(count).ToBeVisibleAsync();
        int before = int.Parse(await count.InnerTextAsync(), System.Globalization.CultureInfo.InvariantCulture);
        await fixture.RateAsync(completion, "down", "Counted.");
        await page.Tab.GotoAsync($"/#/chat/{conversation}");
        await page.Tab.GotoAsync("/#/learning");
        await Expect(count).ToHaveTextAsync($"{before + 1}");
        await Expect(page.Button("Train now")).ToBeEnabledAsync();
    }

    [BrowserFact]
    public async Task Train_now_shows_the_run_its_verdict_and_the_way_back()
    {
        var own = new PageFixture(); // other tests count on version 0
        await own.InitializeAsync();
        try
        {
            foreach (string fact in (string[])["one", "two", "three", "four"])
            {
                (_, string completion) = await own.ExchangeAsync($"Say {fact}.");
                await own.RateAsync(completion, "down", $"{fact}!");
            }
            await using ChatPage page = await own.OpenAsync("#/learning");
            await page.Button("Train now").ClickAsync();
            await Expect(page.Tab.Locator(".live")).ToBeVisibleAsync();
            await Expect(page.Button("Train now")).ToBeDisabledAsync();
            await Expect(page.Tab.Locator(".live .curve canvas")).ToBeVisibleAsync(new() { Timeout = Patience.RunLimitMs });
            await Expect(page.Tab.Locator(".live")).ToContainTextAsync("Learning from 4 examples.");
            await Axe.CheckAsync(page);
            ILocator run = page.Tab.Locator(".run").First;
            await Expect(run).ToContainTextAsync("Why it was", new() { Timeout = Patience.RunLimitMs });
            await run.Locator(".criteria > summary").ClickAsync();
            await Expect(run.GetByRole(AriaRole.Rowheader)).Not.ToHaveCountAsync(0);
            await Expect(run.Locator(".curve canvas")).ToBeVisibleAsync();
            PageViewportSizeResult desktop = page.Tab.ViewportSize!;
            await page.Tab.SetViewportSizeAsync(PhoneWidth, desktop.Height);
            Assert.True(
                await run.Locator(".run-body").EvaluateAsync<bool>("body => body.scrollWidth <= body.clientWidth"),
                "A run's reasons and figures are cut off on a phone.");
            await page.Tab.SetViewportSizeAsync(desktop.Width, desktop.Height);
            await Expect(run).ToContainTextAsync("Accepted: version 1 took over");
            await Axe.CheckAsync(page);

            ILocator chip = page.Tab.Locator(".state-chip");
            await Expect(chip).ToHaveTextAsync("Version 1");
            await page.Button("Use this one: version 0").ClickAsync();
            await Expect(chip).ToHaveTextAsync("Version 0", new() { Timeout = Patience.RunLimitMs });
            await Expect(page.Tab.Locator(".version.active")).ToContainTextAsync("Version 0");

            await page.Tab.GetByRole(AriaRole.Link, new() { Name = "Try in a chat: version 1" }).ClickAsync();
            await Expect(page.Tab.Locator(".options-summary")).ToHaveTextAsync("assistant@1");
            await page.LimitRepliesAsync(8);
            await page.SendAsync("Who are you?");
            await page.ReplyEndsAsync();
            await Expect(page.LastReply.Locator(".by")).ToHaveTextAsync("Version 1");
            await page.Tab.GetByRole(AriaRole.Link, new() { Name = "Learning" }).First.ClickAsync();

            // The examples tell who has learned them, and deleting a conversation tells it, too.
            await page.Tab.Locator(".example summary").First.ClickAsync();
            await Expect(page.Tab.Locator(".example").First).ToContainTextAsync("Learned by version 1.");
            await page.Button("Options for “Say one.”").FocusAsync();
            await page.Tab.Keyboard.PressAsync("Enter");
            await page.Tab.GetByRole(AriaRole.Menuitem, new() { Name = "Delete" }).ClickAsync();
            await page.Tab.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Delete" }).ClickAsync();
            await Expect(page.Tab.GetByRole(AriaRole.Dialog)).ToContainTextAsync("Version 1 has learned from it");
            await Axe.CheckAsync(page);
            await page.Button("Train without it").ClickAsync();
            await Expect(page.Tab.Locator(".live")).ToContainTextAsync("Learning from 3 examples.", new() { Timeout = Patience.RunLimitMs });
            await page.Button("Cancel").ClickAsync();
            await Expect(page.Tab.Locator(".run").First).ToContainTextAsync("Cancelled", new() { Timeout = Patience.RunLimitMs });
        }
        finally
        {
            await own.DisposeAsync();
        }
    }

    [BrowserFact]
    public async Task A_refused_version_says_why_can_be_tried_and_is_used_only_after_a_question()
    {
        var own = new PageFixture();
        await own.InitializeAsync();
        try
        {
            own.PretendReference("Hello", "\u0001\u0002\u0003\u0004\u0005\u0006\u0007"); // nothing like what is taught
            (_, string completion) = await own.ExchangeAsync("Say one.");
            await own.RateAsync(completion, "down", "one!");
            await using ChatPage page = await own.OpenAsync("#/learning", options => options.Locale = "es-ES");
            using HttpResponseMessage start = await own.Server.Client.PostAsJsonAsync(
                "/api/training/start", new { options = new { epochs = 60, rank = 8, learning_rate = 0.01 } });
            ILocator version = page.Tab.Locator(".version[data-version='1']");
            await Expect(version).ToContainTextAsync("Rechazada", new() { Timeout = Patience.RunLimitMs });
            await Expect(page.Tab.Locator(".run").First).ToContainTextAsync("Rechazado: siguió la versión en servicio");
            await version.Locator(".version-reasons summary").ClickAsync();
            await Expect(version.Locator(".reasons")).ToContainTextAsync("Pérdida en las respuestas del modelo base a preguntas generales");
            await Expect(version.Locator(".reasons [lang]")).ToHaveCountAsync(0); // nothing is left in English

            // What it learned comes first, and opens.
            await version.Locator(".taught-list summary").ClickAsync();
            await Expect(version.Locator(".taught-list > summary")).ToContainTextAsync("de 1 aprendidos");
            await Expect(version.Locator(".taught li")).ToContainTextAsync("Say one.");
            await Expect(version.Locator(".taught li .tag")).ToHaveCountAsync(1);
            await Axe.CheckAsync(page);

            await page.Button("Usarla de todos modos: versión 1").ClickAsync();
            ILocator dialog = page.Tab.GetByRole(AriaRole.Dialog);
            await Expect(dialog).ToContainTextAsync("¿Poner en servicio la versión 1?");
            await Axe.CheckAsync(page);
            await dialog.GetByRole(AriaRole.Button, new() { Name = "Cancelar" }).ClickAsync();
            await Expect(page.Tab.Locator(".state-chip")).ToHaveTextAsync("Versión 0");
            await page.Button("Usarla de todos modos: versión 1").ClickAsync();
            await dialog.GetByRole(AriaRole.Button, new() { Name = "Usarla de todos modos" }).ClickAsync();
            await Expect(page.Tab.Locator(".state-chip")).ToHaveTextAsync("Versión 1", new() { Timeout = Patience.RunLimitMs });
            await Expect(page.Tab.Locator(".version.active")).ToContainTextAsync("Rechazada");
            await page.Button("Usar esta: versión 0").ClickAsync();
            await page.Tab.GetByRole(AriaRole.Link, new() { Name = "Probar en un chat: versión 1" }).ClickAsync();
            await Expect(page.Tab.Locator(".options-summary")).ToHaveTextAsync("assistant@1");

            // Wherever versions are chosen, this one is marked, and comes last.
            await page.Button("Opciones de este chat").ClickAsync();
            await Expect(page.Tab.GetByLabel("Modelo", new() { Exact = true }).Locator("option")).ToContainTextAsync(
                ["assistant (", "assistant@0", "starter", "assistant@1 · rechazada"]);
            await Expect(page.Tab.GetByLabel("Modelo", new() { Exact = true })).ToHaveValueAsync("assistant@1");
            await Axe.CheckAsync(page);
            await page.Button("Cancelar").ClickAsync();
            await page.LimitRepliesAsync(8);
            await page.Tab.GetByRole(AriaRole.Textbox, new() { Name = "Mensaje" }).FillAsync("Hola");
            await page.Button("Enviar").ClickAsync();
            await page.ReplyEndsAsync();
            await page.Button("Preguntar a dos versiones, a ciegas").ClickAsync();
            await Expect(page.Tab.GetByRole(AriaRole.Menuitem, new() { Name = "Versión 1 · rechazada" })).ToBeVisibleAsync();
            await Axe.CheckAsync(page);
            await page.Tab.GotoAsync("/#/compare");
            await Expect(page.Tab.Locator("#compare-one option:checked")).ToHaveTextAsync("Versión 0");
            await Expect(page.Tab.Locator("#compare-other option")).ToHaveTextAsync(["Versión 0", "starter", "Versión 1 · rechazada"]);

            // Neither what serves nor what it gives way to is deleted; what nobody needs goes after a question, and its run stays.
            using HttpResponseMessage startAgain = await own.Server.Client.PostAsJsonAsync(
                "/api/training/start", new { options = new { epochs = 60, rank = 8, learning_rate = 0.01 } });
            await page.Tab.GotoAsync("/#/learning");
            await Expect(page.Tab.Locator(".version[data-version='2']")).ToContainTextAsync("Rechazada", new() { Timeout = Patience.RunLimitMs });
            foreach (int number in (int[])[1, 2])
            {
                await page.Button($"Usarla de todos modos: versión {number}").ClickAsync();
                await dialog.GetByRole(AriaRole.Button, new() { Name = "Usarla de todos modos" }).ClickAsync();
                await Expect(page.Tab.Locator(".state-chip")).ToHaveTextAsync($"Versión {number}", new() { Timeout = Patience.RunLimitMs });
            }
            await Expect(page.Button("Eliminar la versión 2")).ToHaveCountAsync(0);
            await Expect(page.Button("Eliminar la versión 0")).ToHaveCountAsync(0);
            await page.Button("Eliminar la versión 1").ClickAsync();
            await Expect(dialog).ToContainTextAsync("La versión 1 es el camino de vuelta");
            await Axe.CheckAsync(page);
            await dialog.GetByRole(AriaRole.Button, new() { Name = "Cerrar" }).ClickAsync();

            await page.Button("Usar esta: versión 0").ClickAsync();
            await Expect(page.Tab.Locator(".state-chip")).ToHaveTextAsync("Versión 0", new() { Timeout = Patience.RunLimitMs });
            await page.Button("Eliminar la versión 1").ClickAsync();
            await Expect(dialog).ToContainTextAsync("¿Eliminar la versión 1?");
            await Axe.CheckAsync(page);
            await dialog.GetByRole(AriaRole.Button, new() { Name = "Cancelar" }).ClickAsync();
            await page.Button("Eliminar la versión 1").ClickAsync();
            await dialog.GetByRole(AriaRole.Button, new() { Name = "Eliminar" }).ClickAsync();
            await Expect(version).ToHaveCountAsync(0);
            await Expect(page.Tab.Locator("#versions-title")).ToBeFocusedAsync();
            await Expect(page.Tab.Locator(".run")).ToHaveCountAsync(2);
            using HttpResponseMessage gone = await own.Server.Client.PostAsJsonAsync("/api/versions/1/activate", new { });
            Assert.Equal(409, (int)gone.StatusCode);
        }
        finally
        {
            await own.DisposeAsync();
        }
    }

    [BrowserFact]
    public async Task The_version_in_service_is_marked_and_named_everywhere()
    {
        await using ChatPage page = await fixture.OpenAsync("#/learning");
        ILocator version = page.Tab.Locator(".version", new() { HasText = "Version 0" });
        await Expect(version).ToContainTextAsync("In service");
        await Expect(version).ToContainTextAsync("The model as it came");
        await Expect(page.Tab.Locator(".state-chip")).ToHaveTextAsync("Version 0");
    }
}
