using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace FineTuneChat.EndToEndTests.Page;

/// <summary>The page in a browser tab, in the words of its user. Fails when the page's own code fails or breaks its content security policy.</summary>
internal sealed class ChatPage(IBrowserContext context) : IAsyncDisposable
{
    private readonly ConcurrentQueue<string> _faults = new();

    public bool ToleratesPolicyReports { get; set; }
    public IPage Tab { get; private set; } = null!;
    public ILocator Composer => Tab.GetByRole(AriaRole.Textbox, new() { Name = "Message", Exact = true });
    public ILocator Replies => Tab.Locator(".message.reply");
    public ILocator LastReply => Replies.Last;
    public ILocator Conversations => Tab.Locator(".history-list li > a");

    public async Task OpenAsync(string view)
    {
        Tab = await context.NewPageAsync();
        Tab.PageError += (_, error) => _faults.Enqueue(error);
        Tab.Console += (_, message) =>
        {
            if (message.Type == "error" && !message.Text.StartsWith("Failed to load resource", StringComparison.Ordinal)) // the page shows those itself
                _faults.Enqueue(message.Text);
        };
        await Tab.GotoAsync($"/{view}");
        await Expect(Tab.Locator("#main > *").First).ToBeVisibleAsync();
    }

    public ILocator Button(string name) => Tab.GetByRole(AriaRole.Button, new() { Name = name, Exact = true });

    public async Task SendAsync(string text)
    {
        await Composer.FillAsync(text);
        await Composer.PressAsync("Enter");
    }

    /// <summary>
    /// Ends replies after some tokens: a random model would go on to the end of its context. They are of letters and digits, and
    /// of the next thirty no two are alike.
    /// </summary>
    public Task LimitRepliesAsync(int tokens) => Tab.RouteAsync("**/v1/chat/completions", route =>
    {
        JsonNode request = JsonNode.Parse(route.Request.PostData!)!;
        request["max_tokens"] = tokens;
        request["logit_bias"] = JsonSerializer.SerializeToNode(PageFixture.NextLetters());
        request["temperature"] ??= 2;
        return route.ContinueAsync(new() { PostData = Encoding.UTF8.GetBytes(request.ToJsonString()) });
    });

    /// <summary>Until the last reply is complete, stopped or failed.</summary>
    public Task ReplyEndsAsync() => Expect(LastReply).ToHaveAttributeAsync("aria-busy", "false");

    /// <summary>Until words of the last reply are there.</summary>
    public Task ReplyBeginsAsync() => Expect(LastReply.Locator(".prose").First).Not.ToBeEmptyAsync();

    public async ValueTask DisposeAsync()
    {
        await context.CloseAsync();
        Assert.DoesNotContain(_faults, fault => !(ToleratesPolicyReports && fault.Contains("Content Security Policy", StringComparison.Ordinal)));
    }
}
