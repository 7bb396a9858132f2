using FineTuneChat.EndToEndTests.Page;
using FineTuneChat.TestSupport;
using Microsoft.Playwright;

namespace FineTuneChat.EndToEndTests.Teaching;

/// <summary>A browser that speaks English and has never seen the page.</summary>
internal sealed class Browser : IAsyncDisposable
{
    private readonly IPlaywright _playwright;
    private readonly IBrowser _browser;
    private readonly IBrowserContext _context;

    private Browser(IPlaywright playwright, IBrowser browser, IBrowserContext context)
    {
        _playwright = playwright;
        _browser = browser;
        _context = context;
    }

    public static async Task<Browser> StartAsync()
    {
        IPlaywright playwright = await Playwright.CreateAsync();
        IBrowser browser = await playwright.Chromium.LaunchAsync(new() { ExecutablePath = BrowserProgram.Path, Args = BrowserProgram.Arguments });
        Assertions.SetDefaultExpectTimeout(Patience.LimitMs);
        IBrowserContext context = await browser.NewContextAsync(new() { Locale = "en-US" });
        context.SetDefaultTimeout(Patience.LimitMs);
        return new Browser(playwright, browser, context);
    }

    public async Task<IPage> OpenAsync(Uri address)
    {
        IPage page = await _context.NewPageAsync();
        await page.GotoAsync(address.ToString());
        return page;
    }

    /// <summary>Somebody else's window, of another size or in the dark.</summary>
    public Task<IBrowserContext> LookAsync(ViewportSize size, ColorScheme scheme) =>
        _browser.NewContextAsync(new() { Locale = "en-US", ViewportSize = size, ColorScheme = scheme, ReducedMotion = ReducedMotion.Reduce });

    public async ValueTask DisposeAsync()
    {
        await _browser.DisposeAsync();
        _playwright.Dispose();
    }
}
