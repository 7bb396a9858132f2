using System.Text.Json.Nodes;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace FineTuneChat.EndToEndTests.Page;

/// <summary>What the page says of the next run; the state that takes a training to reach is put into the server's answer.</summary>
[Collection(PageTests.Name)]
public sealed class NextRunTests(PageFixture fixture)
{
    [BrowserFact]
    public async Task When_all_is_learned_the_question_that_was_taught_last_is_asked_again()
    {
        (_, string completion) = await fixture.ExchangeAsync("What did I teach last?");
        await fixture.RateAsync(completion, "down", "This.");
        await using ChatPage page = await OpenAsync(training =>
            training["policy"]!["reason_code"] = new JsonObject { ["code"] = "nothing_new", ["values"] = new JsonObject { ["examples"] = 1 } });
        await page.LimitRepliesAsync(8);
        await page.Button("Ask again in a new chat").ClickAsync();
        await Expect(page.Tab.Locator(".message.user")).ToHaveTextAsync("What did I teach last?");
        await page.ReplyEndsAsync();
        await Expect(page.LastReply.Locator(".prose")).Not.ToBeEmptyAsync();
    }

    [BrowserTheory]
    [InlineData("preparing", "Training is being prepared")]
    [InlineData("evaluating", "New version is being tested")]
    public async Task What_a_run_does_is_called_by_its_name(string status, string says)
    {
        await using ChatPage page = await OpenAsync(training => training["run"] = new JsonObject
        {
            ["id"] = "run_1",
            ["assistant"] = "assistant",
            ["status"] = status,
            ["examples"] = 6,
            ["finished_at"] = null,
            ["progress"] = null,
        });
        await Expect(page.Tab.Locator(".state-chip")).ToHaveTextAsync(says);
        await Expect(page.Tab.Locator(".live .phases [aria-current=step]")).ToHaveTextAsync(status == "evaluating" ? "Evaluate" : "Prepare");
    }

    private async Task<ChatPage> OpenAsync(Action<JsonNode> change)
    {
        ChatPage page = await fixture.OpenAsync();
        await page.Tab.RouteAsync("**/api/training", async route =>
        {
            IAPIResponse answer = await route.FetchAsync();
            JsonNode training = JsonNode.Parse(await answer.TextAsync())!;
            change(training);
            await route.FulfillAsync(new() { Response = answer, Body = training.ToJsonString() });
        });
        await page.Tab.GotoAsync("/#/learning");
        return page;
    }
}
