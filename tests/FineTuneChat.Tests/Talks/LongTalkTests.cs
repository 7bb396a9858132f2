using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Dapper;
using FineTuneChat.Gateway.Storage;
using FineTuneChat.Tests.Support;
using FineTuneChat.TestSupport;
using Xunit.Abstractions;

namespace FineTuneChat.Tests.Talks;

/// <summary>The real starter, whose context is 1,024 tokens.</summary>
public sealed class StarterGateway : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();

    internal TestGateway Gateway { get; private set; } = null!;

    public async Task InitializeAsync() => Gateway = await TestGateway.StartReadyAsync(
        _folder, ("Models:Base", Path.Combine(Repository.Root, "models", "starter", "starter-F16.gguf")));

    public async Task DisposeAsync()
    {
        await Gateway.DisposeAsync();
        _folder.Dispose();
    }
}

/// <summary>Tests that share it.</summary>
[CollectionDefinition(Name)]
public sealed class StarterCollection : ICollectionFixture<StarterGateway>
{
    public const string Name = "starter gateway";
}

[Collection(StarterCollection.Name)]
[Trait(Tier.Name, Tier.Slow)]
public sealed class LongTalkTests(StarterGateway starter, ITestOutputHelper output)
{
    private const int Context = 1024;
    private const string Rule = "You are a helpful assistant.";

    private TestGateway Gateway => starter.Gateway;

    [Fact]
    public async Task A_talk_of_200_turns_goes_on_and_keeps_its_prefix_cache_between_foldings()
    {
        List<object> talk = [Say("system", Rule)];
        int folded = 0, foldings = 0;
        var reused = new List<double>();
        string last = "";
        for (int turn = 1; turn <= 200; turn++)
        {
            talk.Add(Say("user", $"Question {turn}: what is {turn} plus {turn % 7}, and what is the capital of France?"));
            (JsonNode reply, string? header) = await AskAsync(talk, "auto", "long", maxTokens: 4);
            int now = header is null ? 0 : int.Parse(header["drop=".Length..], System.Globalization.CultureInfo.InvariantCulture);
            JsonNode usage = reply["usage"]!;
            Assert.True((int)usage["prompt_tokens"]! <= Context * 3 / 4, $"{usage}");
            if (now == folded && turn > 1)
                reused.Add((double)(int)usage["prompt_tokens_details"]!["cached_tokens"]! / (int)usage["prompt_tokens"]!);
            Assert.InRange(now, folded, talk.Count - 2); // the last question is never left out
            foldings += now > folded ? 1 : 0;
            folded = now;
            last = (string)reply["id"]!;
            talk.Add(Say("assistant", (string)reply["choices"]![0]!["message"]!["content"]!));
        }
        output.WriteLine($"{foldings} foldings; between them {reused.Average():0.00} of a prompt was reused");
        Assert.InRange(foldings, 5, 40);
        Assert.True(reused.Average() > 0.8, $"{reused.Average():0.00}");

        // The log has all of it; an example of it has what the model saw.
        JsonNode logged = await Gateway.GetJsonAsync("/api/conversations/long");
        Assert.Equal(401, logged["messages"]!.AsArray().Count);
        Assert.Equal((folded, false), ((int)logged["messages"]![400]!["folded"]!, (bool)logged["messages"]![400]!["is_summarised"]!));
        await Gateway.PostAsync("/api/feedback", new { completion_id = last, rating = "down", correction = "Paris." });
        JsonArray example = (await Gateway.GetJsonAsync("/api/dataset"))["data"]![0]!["messages"]!.AsArray();
        Assert.Equal(402 - folded - 1, example.Count);
        Assert.Equal((Rule, "user"), ((string)example[0]!["content"]!, (string)example[1]!["role"]!));
    }

    [Fact]
    public async Task A_summary_stands_for_the_oldest_turns_until_the_next_folding()
    {
        List<object> talk = [];
        for (int turn = 1; turn <= 30; turn++)
            talk.AddRange([Say("user", $"My friend number {turn} is called Ana, lives in Lima and likes green apples very much."), Say("assistant", "I see.")]);
        talk.Add(Say("user", "What is the capital of France?"));
        (JsonNode first, string? header) = await AskAsync(talk, "summary", "summed");
        Assert.StartsWith("drop=", header); // nothing of it was logged yet: there is no place for a summary

        talk.AddRange([Say("assistant", "Paris."), Say("user", "And of Spain?")]);
        (JsonNode second, header) = await AskAsync(talk, "summary", "summed");
        Assert.StartsWith("summary=", header);
        JsonNode context = await Gateway.GetJsonAsync($"/api/replies/{second["id"]}/context");
        Assert.Equal(header, $"summary={context["folded"]}");
        string summary = (string)context["summary"]!;
        Assert.NotEmpty(summary);
        Assert.Null((string?)(await Gateway.GetJsonAsync($"/api/replies/{first["id"]}/context"))["summary"]);

        talk.AddRange([Say("assistant", "Madrid."), Say("user", "And of Italy?")]);
        (JsonNode third, _) = await AskAsync(talk, "summary", "summed");
        Assert.Equal(summary, (string)(await Gateway.GetJsonAsync($"/api/replies/{third["id"]}/context"))["summary"]!);
        int cached = (int)third["usage"]!["prompt_tokens_details"]!["cached_tokens"]!;
        Assert.True(cached > 100, $"{cached} tokens reused");

        // Learned under the summary that the model had; gone with the conversation.
        (_, JsonNode rated) = await Gateway.PostAsync("/api/feedback", new { completion_id = (string)third["id"]!, rating = "down", correction = "Rome." });
        JsonNode example = (await Gateway.GetJsonAsync("/api/dataset"))["data"]!.AsArray().Single(e => (string)e!["id"]! == (string)rated["example_id"]!)!;
        Assert.Equal($"Summary of the conversation so far:\n{summary}", (string)example["messages"]![0]!["content"]!);
        await Gateway.SendAsync(HttpMethod.Delete, "/api/conversations/summed");
        Assert.Equal(0, Gateway.Get<Database>().Read(c => c.ExecuteScalar<int>("SELECT COUNT(*) FROM messages WHERE summary IS NOT NULL")));
    }

    [Fact]
    public async Task One_message_that_is_too_long_says_so_and_without_truncation_a_long_talk_is_refused()
    {
        string flood = string.Join(' ', Enumerable.Range(0, 1500).Select(i => $"word{i}"));
        JsonNode error = await RefusalAsync([Say("user", "Hi"), Say("assistant", "Hello!"), Say("user", flood)], "auto");
        Assert.Equal("context_length_exceeded", (string?)error["code"]);
        Assert.StartsWith("The last message alone", (string?)error["message"]);

        List<object> talk = [Say("user", flood), Say("assistant", "Hello!"), Say("user", "Bye")];
        Assert.Equal("drop=2", (await AskAsync(talk, "auto")).Header);
        Assert.StartsWith("'messages' is", (string?)(await RefusalAsync(talk, "disabled"))["message"]);
        Assert.Contains("auto, disabled, drop, summary", (string?)(await RefusalAsync(talk, "middle"))["message"]);
    }

    [Fact]
    public async Task Responses_and_streams_fold_as_well()
    {
        string flood = string.Join(' ', Enumerable.Range(0, 1500).Select(i => $"word{i}"));
        object[] talk = [Say("user", flood), Say("assistant", "Hello!"), Say("user", "Bye")];
        using HttpResponseMessage response = await Gateway.Client.PostAsJsonAsync(
            "/v1/responses", new { model = "assistant", input = talk, truncation = "auto", max_output_tokens = 4 });
        JsonNode body = JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
        Assert.Equal("auto", (string?)body["truncation"]);
        Assert.Equal(["drop=2"], response.Headers.GetValues("X-Folded"));
        Assert.Equal("auto", (string?)(await Gateway.GetJsonAsync($"/v1/responses/{body["id"]}"))["truncation"]);

        using HttpResponseMessage stream = await Gateway.Client.PostAsJsonAsync(
            "/v1/chat/completions", new { model = "assistant", messages = talk, truncation = "auto", max_tokens = 4, stream = true });
        Assert.Equal(["drop=2"], stream.Headers.GetValues("X-Folded"));
    }

    private async Task<(JsonNode Reply, string? Header)> AskAsync(
        IReadOnlyList<object> messages, string truncation, string? conversation = null, int maxTokens = 12)
    {
        using HttpResponseMessage response = await SendAsync(messages, truncation, conversation, maxTokens);
        string body = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, body);
        return (JsonNode.Parse(body)!, response.Headers.TryGetValues("X-Folded", out IEnumerable<string>? values) ? values.Single() : null);
    }

    private async Task<JsonNode> RefusalAsync(IReadOnlyList<object> messages, string truncation)
    {
        using HttpResponseMessage response = await SendAsync(messages, truncation, conversation: null);
        Assert.Equal(400, (int)response.StatusCode);
        return JsonNode.Parse(await response.Content.ReadAsStringAsync())!["error"]!;
    }

    private async Task<HttpResponseMessage> SendAsync(IReadOnlyList<object> messages, string truncation, string? conversation, int maxTokens = 12)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions")
        {
            Content = JsonContent.Create(new { model = "assistant", messages, truncation, max_tokens = maxTokens, temperature = 0 }),
        };
        if (conversation is not null)
            request.Headers.Add("X-Conversation-Id", conversation);
        return await Gateway.Client.SendAsync(request);
    }

    private static object Say(string role, string content) => new { role, content };
}
