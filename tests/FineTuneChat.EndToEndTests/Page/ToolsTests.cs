using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using FineTuneChat.ToolServer;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace FineTuneChat.EndToEndTests.Page;

/// <summary>Tools in a chat: a call is shown, asked for, run and gone on with; and the dialog that configures them.</summary>
[Collection(PageTests.Name)]
public sealed partial class ToolsTests(PageFixture fixture)
{
    private const string Assistant = "tooled";

    [BrowserFact]
    public async Task A_call_is_asked_for_run_and_gone_on_with()
    {
        await using ChatPage page = await OpenAsync("");
        await page.SendAsync("Which process are you?");
        ILocator question = page.LastReply.Locator(".consent");
        await Expect(question).ToContainTextAsync("wants to call files · process");
        await Axe.CheckAsync(page);
        await Expect(page.Replies).ToHaveCountAsync(1); // nothing runs before it is allowed

        await page.Button("Allow once").FocusAsync();
        await page.Tab.Keyboard.PressAsync("Enter");
        await Expect(page.Replies).ToHaveCountAsync(2);
        await page.ReplyEndsAsync();
        await Expect(page.Replies.First.Locator(".call")).ToContainTextAsync("done");
        string text = await page.LastReply.Locator(".prose").First.InnerTextAsync();

        await page.Tab.ReloadAsync(); // the server has kept it
        await Expect(page.Replies).ToHaveCountAsync(2);
        await page.Replies.First.Locator(".call summary").ClickAsync();
        await Expect(page.Replies.First.Locator(".call pre").Last).ToHaveTextAsync(Digits());
        await Expect(page.LastReply.Locator(".prose").First).ToHaveTextAsync(text);
        await Axe.CheckAsync(page);

        await page.SendAsync("And now?");
        await page.Button("Always in this chat").ClickAsync();
        await Expect(page.Replies).ToHaveCountAsync(4);
        await page.ReplyEndsAsync();
        await page.SendAsync("Again?");
        await Expect(page.Replies).ToHaveCountAsync(6); // without a question
    }

    [BrowserFact]
    public async Task A_call_that_is_not_wanted_is_not_run_and_another_question_takes_it_back()
    {
        await using ChatPage page = await OpenAsync("");
        await page.SendAsync("One");
        await page.Button("Do not allow").ClickAsync();
        await Expect(page.Replies).ToHaveCountAsync(2);
        await page.ReplyEndsAsync();
        await Expect(page.Replies.First.Locator(".call")).ToContainTextAsync("not allowed");

        await page.SendAsync("Two");
        await Expect(page.Button("Allow once")).ToBeVisibleAsync();
        await page.SendAsync("Three");
        await Expect(page.Replies.Nth(2).Locator(".call")).ToContainTextAsync("not allowed");
        await Expect(page.Button("Allow once")).ToHaveCountAsync(1); // of the newest
    }

    [BrowserFact]
    public async Task The_servers_of_an_assistant_are_configured_in_a_dialog()
    {
        await using ChatPage page = await OpenAsync("#/assistants");
        await page.Button($"Options for {Assistant}").ClickAsync();
        await page.Tab.GetByRole(AriaRole.Menuitem, new() { Name = "Tools" }).ClickAsync();
        ILocator server = page.Tab.Locator("[data-server=files]");
        await Expect(server).ToContainTextAsync("9 tools");
        await page.Button("Add a server").ClickAsync();
        await Axe.CheckAsync(page);
        await page.Tab.GetByLabel("Name", new() { Exact = true }).FillAsync("wrong");
        await page.Tab.GetByLabel("Program", new() { Exact = true }).FillAsync("no-such-program-anywhere");
        await page.Tab.GetByLabel("Environment, one a line: NAME=value").FillAsync("API_KEY=sk-secret");
        await page.Button("Save").ClickAsync();
        await Expect(page.Tab.Locator("[data-server=wrong]")).ToContainTextAsync("cannot be started");
        await page.Button("Change wrong").ClickAsync();
        await Expect(page.Tab.Locator(".tool-form")).ToContainTextAsync("API_KEY");
        await page.Button("Cancel").ClickAsync();
        await page.Button("Remove wrong").ClickAsync();
        await Expect(page.Tab.Locator("[data-server=wrong]")).ToHaveCountAsync(0);
        await Axe.CheckAsync(page);
    }

    /// <summary>
    /// The page of an assistant with tools. A random model calls none by itself: each question is made to need a call, each result an answer.
    /// </summary>
    private async Task<ChatPage> OpenAsync(string view)
    {
        await ConfigureAsync();
        ChatPage page = await fixture.OpenAsync(view);
        await page.Tab.EvaluateAsync($"localStorage.setItem('assistant', '{Assistant}')");
        await page.Tab.ReloadAsync();
        await page.Tab.RouteAsync("**/v1/chat/completions", route =>
        {
            JsonNode request = JsonNode.Parse(route.Request.PostData!)!;
            bool isQuestion = (string?)request["messages"]!.AsArray()[^1]!["role"] == "user";
            request["tool_choice"] = isQuestion ? JsonNode.Parse("""{"type":"function","function":{"name":"files__process"}}""") : "none";
            request["max_tokens"] = isQuestion ? 200 : 8;
            if (!isQuestion)
                request["logit_bias"] = JsonSerializer.SerializeToNode(PageFixture.NextLetters());
            return route.ContinueAsync(new() { PostData = Encoding.UTF8.GetBytes(request.ToJsonString()) });
        });
        return page;
    }

    private async Task ConfigureAsync()
    {
        using var client = new HttpClient { BaseAddress = fixture.Server.Address };
        await client.PostAsJsonAsync("/api/assistants", new { id = Assistant });
        await client.PostAsJsonAsync($"/api/tools/servers?assistant={Assistant}", new
        {
            name = "files",
            command = "dotnet",
            args = new[] { Path.Combine(AppContext.BaseDirectory, "FineTuneChat.ToolServer.dll"), Behaviour.Good },
        });
    }

    [GeneratedRegex(@"^\d+$")]
    private static partial Regex Digits();
}
