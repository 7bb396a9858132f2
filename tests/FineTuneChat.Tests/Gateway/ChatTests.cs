using System.ClientModel;
using System.Text;
using System.Text.Json.Nodes;
using Dapper;
using FineTuneChat.Gateway.Storage;
using FineTuneChat.Tests.Support;
using FineTuneChat.TestSupport;
using OpenAI;
using OpenAI.Chat;

namespace FineTuneChat.Tests.Gateway;

/// <summary>The whole way of a chat through a real engine process.</summary>
[Trait(Tier.Name, Tier.Slow)]
public sealed class ChatTests
{
    [Fact]
    public async Task The_official_client_chats_streamed_and_not_and_both_are_logged()
    {
        await using TestGateway gateway = await TestGateway.StartReadyAsync();
        var client = new OpenAIClient(new ApiKeyCredential("none"), new OpenAIClientOptions { Endpoint = new Uri(gateway.Client.BaseAddress!, "v1") });
        ChatClient chat = client.GetChatClient("assistant");

        ChatCompletion whole = await chat.CompleteChatAsync(
            [new UserChatMessage("Hi")], new ChatCompletionOptions { MaxOutputTokenCount = 6, Temperature = 0 });
        Assert.Equal(("assistant@0", 6), (whole.Model, whole.Usage.OutputTokenCount));
        var text = new StringBuilder();
        string? id = null;
        AsyncCollectionResult<StreamingChatCompletionUpdate> updates =
            chat.CompleteChatStreamingAsync([new UserChatMessage("Hi")], new ChatCompletionOptions { MaxOutputTokenCount = 6, Temperature = 0 });
        await foreach (StreamingChatCompletionUpdate update in updates)
        {
            id = update.CompletionId;
            text.Append(string.Concat(update.ContentUpdate.Select(c => c.Text)));
        }
        Assert.Equal(whole.Content[0].Text, text.ToString());

        await gateway.PostAsync("/api/feedback", new { completion_id = whole.Id, rating = "up" });
        Assert.Equal(200, (await gateway.PostAsync("/api/feedback", new { completion_id = id, rating = "up" })).Status); // at once after the last chunk
        IReadOnlyList<Logged> rows = Rows(gateway);
        Assert.Equal(2, rows.Count);
        Assert.All(rows, row => Assert.Equal(("assistant@0", 0, "length", 6), (row.Model, row.Version, row.FinishReason, row.CompletionTokens)));
        Assert.All(rows, row => Assert.Contains("\"temperature\":0", row.Request));
        Assert.All(rows, row => Assert.NotNull(row.Timings));
    }

    [Fact]
    public async Task The_conversation_header_joins_turns_and_comes_back()
    {
        await using TestGateway gateway = await TestGateway.StartReadyAsync();
        using (HttpResponseMessage reply = await gateway.StreamAsync("Hi", 4, conversation: "chat-7"))
        {
            Assert.Equal("chat-7", reply.Headers.GetValues("X-Conversation-Id").Single());
            await SseReader.ChunksAsync(reply);
        }
        await Eventually.TrueAsync(() => Rows(gateway).Count == 1);
        Assert.Equal(2, (await gateway.GetJsonAsync("/api/conversations/chat-7"))["messages"]!.AsArray().Count);
        using HttpResponseMessage bad = await gateway.StreamAsync("Hi", 4, conversation: "../x");
        Assert.Equal(400, (int)bad.StatusCode);
    }

    [Fact]
    public async Task Store_false_leaves_nothing()
    {
        await using TestGateway gateway = await TestGateway.StartReadyAsync();
        (int status, JsonNode reply) = await gateway.PostAsync(
            "/v1/chat/completions", """{"model":"assistant","messages":[{"role":"user","content":"secret"}],"max_tokens":3,"store":false}""");
        Assert.Equal(200, status);
        Assert.Equal(404, (await gateway.PostAsync("/api/feedback", new { completion_id = (string)reply["id"]!, rating = "up" })).Status);
        Assert.Empty(Rows(gateway));
        Assert.Empty((await gateway.GetJsonAsync("/api/conversations"))["data"]!.AsArray());
    }

    [Fact]
    [Trait(Tier.Name, Tier.Slow)]
    public async Task A_client_that_leaves_stops_the_engine_and_what_was_written_is_logged()
    {
        using var folder = new TemporaryFolder();
        RandomModel.Write(folder["random.gguf"], TestGateway.LongContext);
        await using TestGateway gateway = await TestGateway.StartReadyAsync(folder);
        using (HttpResponseMessage reply = await gateway.StreamAsync("Hi", TestGateway.Endless))
        {
            int chunks = 0;
            await foreach (string _ in SseReader.DataAsync(reply))
                if (++chunks == 5)
                    break;
        }
        await Eventually.TrueAsync(() => Rows(gateway).Count == 1);
        Logged row = Rows(gateway)[0];
        Assert.Equal((null, "cancelled by the client"), (row.FinishReason, row.Error));
        Assert.NotEqual("", (string?)JsonNode.Parse(row.Reply)!["content"]);
    }

    [Fact]
    [Trait(Tier.Name, Tier.Slow)]
    public async Task Other_versions_and_local_models_answer_by_their_names()
    {
        using var folder = new TemporaryFolder();
        RandomModel.Write(folder["other.gguf"], seed: 2);
        await using TestGateway gateway = await TestGateway.StartReadyAsync(folder);
        string[] ids = [.. (await gateway.GetJsonAsync("/v1/models"))["data"]!.AsArray().Select(m => (string)m!["id"]!)];
        Assert.Equal(["assistant", "assistant@0", "other", "random"], ids);
        Assert.Equal("other", (string?)(await gateway.GetJsonAsync("/v1/models/other"))["id"]);

        // Many at once share one start.
        (int Status, JsonNode Body)[] replies = await Task.WhenAll(Enumerable.Range(0, 4).Select(i => gateway.ChatAsync($"Hi {i}", "other")));
        Assert.All(replies, r => Assert.Equal((200, "other"), (r.Status, (string?)r.Body["model"])));
        Assert.Equal("assistant@0", (string?)(await gateway.ChatAsync("Hi", "assistant@0")).Body["model"]);
        Assert.All(Rows(gateway).Where(r => r.Model == "other"), r => Assert.Null(r.Version));
    }

    [Fact]
    public async Task A_prompt_that_is_too_long_is_refused_with_both_counts()
    {
        await using TestGateway gateway = await TestGateway.StartReadyAsync();
        (int status, JsonNode error) = await gateway.ChatAsync(new string('a', 3000));
        Assert.Equal(400, status);
        TestGateway.AssertOpenAiError(error, "context_length_exceeded");
        Assert.Equal(512, (int)error["error"]!["n_ctx"]!);
        Assert.InRange((int)error["error"]!["n_prompt_tokens"]!, 3000, 3100);
    }

    [Fact]
    public async Task Wrong_paths_methods_types_and_sizes_are_openai_errors()
    {
        await using TestGateway gateway = await TestGateway.StartAsync(settings: ("Security:MaxBodyMegabytes", "1"));
        await Expect(new(HttpMethod.Get, "/v1/nothing"), 404, "unknown_url");
        await Expect(new(HttpMethod.Get, "/v1/models/nobody"), 404, "model_not_found");
        await Expect(new(HttpMethod.Put, "/v1/chat/completions"), 405, "method_not_allowed");
        await Expect(
            new(HttpMethod.Post, "/v1/chat/completions") { Content = new StringContent("{}", Encoding.UTF8, "text/plain") }, 415, "unsupported_media_type");
        await Expect(
            new(HttpMethod.Post, "/v1/chat/completions") { Content = new StringContent(new string(' ', 2 << 20), Encoding.UTF8, "application/json") },
            413, "request_too_large");
        var foreign = new HttpRequestMessage(HttpMethod.Post, "/api/training/start");
        foreign.Headers.Add("Origin", "https://evil.example");
        await Expect(foreign, 403, "origin_not_allowed");
        var rebound = new HttpRequestMessage(HttpMethod.Get, "/api/conversations");
        rebound.Headers.Host = "evil.example";
        await Expect(rebound, 403, "host_not_allowed");

        async Task Expect(HttpRequestMessage request, int status, string code)
        {
            request.Headers.ExpectContinue = request.Content is not null; // the answer may come before the body is sent
            using HttpResponseMessage response = await gateway.Client.SendAsync(request);
            Assert.Equal(status, (int)response.StatusCode);
            TestGateway.AssertOpenAiError(JsonNode.Parse(await response.Content.ReadAsStringAsync())!, code);
            Assert.Contains("default-src 'none'", response.Headers.GetValues("Content-Security-Policy").Single());
        }
    }

    private static IReadOnlyList<Logged> Rows(TestGateway gateway) => gateway.Get<Database>().Read(c => c.Query<Logged>(
        "SELECT e.model, e.version, e.finish_reason, e.completion_tokens, e.request, e.timings, e.error, m.message AS reply "
        + "FROM exchanges e JOIN messages m ON m.id = e.reply_id").ToArray());

    private sealed record Logged
    {
        public required string Model { get; init; }
        public int? Version { get; init; }
        public string? FinishReason { get; init; }
        public int? CompletionTokens { get; init; }
        public required string Request { get; init; }
        public string? Timings { get; init; }
        public string? Error { get; init; }
        public required string Reply { get; init; }
    }
}
