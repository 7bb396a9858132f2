using System.Text.Json.Nodes;
using FineTuneChat.Gateway.Serving;
using FineTuneChat.Tests.Support;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Tests.Upstream;

/// <summary>A gateway whose assistant is answered for by an OpenAI-compatible server elsewhere, which does not always do what it should.</summary>
[Trait(Tier.Name, Tier.Slow)]
public sealed class UpstreamFaultTests(UpstreamFaultTests.Fixture fixture) : IClassFixture<UpstreamFaultTests.Fixture>
{
    private const string Key = "sk-far-secret";

    private FakeUpstream Far => fixture.Far;
    private TestGateway Gateway => fixture.Gateway;

    public sealed class Fixture : IAsyncLifetime
    {
        internal FakeUpstream Far { get; private set; } = null!;
        internal TestGateway Gateway { get; private set; } = null!;

        public async Task InitializeAsync()
        {
            Far = await FakeUpstream.StartAsync();
            Gateway = await TestGateway.StartReadyAsync(
                null, ("Upstream:Url", $"{Far.Address}v1"), ("Upstream:Key", Key), ("Upstream:TimeoutSeconds", "1"));
        }

        public async Task DisposeAsync()
        {
            await Gateway.DisposeAsync();
            await Far.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_reply_from_elsewhere_is_named_kept_and_rated_as_one_of_an_engine_and_no_engine_is_started()
    {
        Far.Answer = http => FakeUpstream.JsonAsync(http, 200, FakeUpstream.Whole);
        (int status, JsonNode reply) = await Gateway.PostAsync("/v1/chat/completions", new
        {
            model = "assistant",
            messages = new[] { new { role = "user", content = "Hi" } },
            store = true,
            metadata = new { topic = "far" },
            user = "somebody",
        });
        Assert.True(status == 200, reply.ToJsonString());
        string id = (string)reply["id"]!;
        Assert.StartsWith("chatcmpl-", id, StringComparison.Ordinal);
        Assert.Equal(("assistant@0", "assistant@0", "Ok.", "stop"), ((string?)reply["model"], (string?)reply["system_fingerprint"],
            (string?)reply["choices"]![0]!["message"]!["content"], (string?)reply["choices"]![0]!["finish_reason"]));
        Assert.Equal("far", (string?)(await Gateway.GetJsonAsync($"/v1/chat/completions/{id}"))["metadata"]!["topic"]);
        Assert.Equal(200, (await Gateway.PostAsync("/api/feedback", new { completion_id = id, rating = "up" })).Status);

        (JsonNode body, string key) = Far.Asked.Last();
        Assert.Equal(("far", $"Bearer {Key}"), ((string?)body["model"], key));
        Assert.All((string[])["store", "metadata", "user"], name => Assert.Null(body[name])); // between the client and the gateway
        Assert.Equal(0, Gateway.Get<EngineRouter>().ProcessCount);
    }

    [Theory]
    [InlineData(200, "<html>Welcome</html>", 502, "upstream_nonsense")]
    [InlineData(200, "{}", 502, "upstream_nonsense")]
    [InlineData(200, """{"choices":[]}""", 502, "upstream_nonsense")]
    [InlineData(200, """{"choices":[{"message":"text"}]}""", 502, "upstream_nonsense")]
    [InlineData(401, """{"error":{"message":"Incorrect API key provided: sk-far-secret."}}""", 502, "upstream_refuses_key")]
    [InlineData(400, """{"detail":"Too long for sk-far-secret"}""", 400, "refused_by_upstream")]
    [InlineData(422, """{"object":"error","message":"No.","code":422}""", 422, "refused_by_upstream")]
    [InlineData(500, "boom", 502, "upstream_failed")]
    [InlineData(503, "", 503, "unavailable")]
    [InlineData(429, """{"error":{"message":"Slow down."}}""", 429, "upstream_busy")]
    [InlineData(302, "", 502, "upstream_nonsense")]
    public async Task What_it_answers_instead_is_an_error_in_OpenAIs_shape_without_its_key(int status, string body, int expected, string code)
    {
        Far.Answer = http => FakeUpstream.TextAsync(http, status, "application/json", body);
        (int answered, JsonNode error) = await Gateway.ChatAsync("Hi");
        Assert.Equal(expected, answered);
        TestGateway.AssertOpenAiError(error, code);
        Assert.DoesNotContain(Key, error.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_that_is_silent_or_gone_is_a_503_with_Retry_After_and_health_says_so_until_it_is_back()
    {
        Far.Answer = http => Task.Delay(Timeout.Infinite, http.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
        using HttpResponseMessage silent = await Gateway.StreamAsync("Hi", 8);
        Assert.Equal((503, true), ((int)silent.StatusCode, silent.Headers.RetryAfter is not null));

        Far.Answer = http => FakeUpstream.JsonAsync(http, 200, FakeUpstream.Whole);
        await Eventually.TrueAsync(async () => (await Gateway.ChatAsync("Hi")).Status == 200);
        Assert.Equal(200, (int)(await Gateway.Client.GetAsync("/health")).StatusCode);
    }

    /// <summary>Wherever a stream is cut: an error, never half a reply that looks like a whole one; what came is in the log.</summary>
    [Fact]
    public async Task A_stream_that_is_cut_anywhere_ends_with_an_error()
    {
        for (int bytes = 0; bytes < FakeUpstream.Stream.Length; bytes += 9)
        {
            int cut = bytes;
            Far.Answer = http => FakeUpstream.CutAsync(http, cut);
            await Eventually.TrueAsync(() => Gateway.Get<EngineRouter>().IsReady);
            using HttpResponseMessage reply = await Gateway.StreamAsync("Hi", 8);
            string text = await reply.Content.ReadAsStringAsync();
            bool isWhole = cut > FakeUpstream.Stream.IndexOf("data: [DONE]\n", StringComparison.Ordinal) + "data: [DONE]".Length;
            Assert.True(isWhole == text.Contains("[DONE]", StringComparison.Ordinal), $"cut at {cut}: {text}");
            Assert.True(isWhole || text.Contains("\"error\":", StringComparison.Ordinal), $"cut at {cut}: {text}");
            Assert.True((int)reply.StatusCode is 200 or 503, $"cut at {cut}: {reply.StatusCode}");
        }
    }

    [Fact]
    public async Task A_stream_is_completed_to_OpenAIs_shape()
    {
        Far.Answer = http => FakeUpstream.CutAsync(http, FakeUpstream.Stream.Length);
        await Eventually.TrueAsync(() => Gateway.Get<EngineRouter>().IsReady);
        using HttpResponseMessage reply = await Gateway.StreamAsync("Hi", 8);
        IReadOnlyList<JsonNode> chunks = await SseReader.ChunksAsync(reply);
        Assert.Equal("Ok.", string.Concat(chunks.Select(c => (string?)c["choices"]![0]!["delta"]!["content"])));
        Assert.Single(chunks.Select(c => (string?)c["id"]).Distinct());
        Assert.All(chunks, c => Assert.Equal(("assistant@0", true), ((string?)c["model"], c["choices"]![0]!.AsObject().ContainsKey("finish_reason"))));
        await Eventually.TrueAsync(async () =>
            (string?)(await Gateway.GetJsonAsync($"/v1/chat/completions/{chunks[0]["id"]}"))["choices"]![0]!["message"]!["content"] == "Ok.");
    }

    [Fact]
    public async Task What_it_would_ignore_is_refused()
    {
        Far.Answer = http => FakeUpstream.JsonAsync(http, 200, FakeUpstream.Whole); // whatever is asked
        JsonObject[] asked =
        [
            new() { ["logprobs"] = true },
            new() { ["guided_choice"] = new JsonArray("a", "b") },
            new() { ["response_format"] = JsonNode.Parse("""{"type":"json_schema","json_schema":{"name":"x","schema":{"type":"object"}}}""") },
        ];
        foreach (JsonObject more in asked)
        {
            more["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = "Hi" });
            (int status, JsonNode error) = await Gateway.PostAsync("/v1/chat/completions", more);
            Assert.Equal(400, status);
            TestGateway.AssertOpenAiError(error, "unsupported_by_upstream");
            Assert.Equal(more.First().Key, (string?)error["error"]!["param"]);
        }
        (int lacking, JsonNode route) = await Gateway.PostAsync("/tokenize", new { content = "Hi" });
        Assert.Equal(400, lacking);
        TestGateway.AssertOpenAiError(route, "unsupported_by_upstream");
    }

    [Fact]
    public async Task Other_dialects_speak_to_it_as_well()
    {
        Far.Answer = http => FakeUpstream.JsonAsync(http, 200, FakeUpstream.Whole);
        await Eventually.TrueAsync(() => Gateway.Get<EngineRouter>().IsReady);
        (int status, JsonNode reply) = await Gateway.PostAsync(
            "/v1/messages", new { model = "assistant", max_tokens = 8, messages = new[] { new { role = "user", content = "Hi" } } });
        Assert.True(status == 200, reply.ToJsonString());
        Assert.Equal("Ok.", (string?)reply["content"]![0]!["text"]);
    }
}
