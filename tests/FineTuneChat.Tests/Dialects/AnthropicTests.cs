using System.Text.Json.Nodes;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Tests.Dialects;

/// <summary>Anthropic's Messages API.</summary>
[Collection(DialectTests.Name), Trait(Tier.Name, Tier.Slow)]
public sealed class AnthropicTests(DialectGateway gateway)
{
    private static readonly object[] Weather =
    [
        new
        {
            name = "weather", description = "Tells it.",
            input_schema = new { type = "object", properties = new { city = new { @enum = new[] { "Ulm" } } }, required = new[] { "city" } },
        },
    ];

    [Fact]
    public async Task A_reply_has_its_text_its_reason_and_counts_that_count_tokens_knows_before()
    {
        var request = new
        {
            model = "assistant",
            system = new[] { new { type = "text", text = "Be brief.", cache_control = new { type = "ephemeral" } } },
            messages = new[] { new { role = "user", content = "Hi" } },
            metadata = new { user_id = "x" },
            context_management = new { },
            max_tokens = 6,
        };

        (_, JsonNode count) = await gateway.PostAsync("/v1/messages/count_tokens", request);
        (int status, JsonNode reply) = await gateway.PostAsync("/v1/messages?beta=true", request);

        Assert.True(status == 200, reply.ToJsonString());
        Assert.Equal(("message", "assistant", "assistant@0"), ((string?)reply["type"], (string?)reply["role"], (string?)reply["model"]));
        Assert.Equal("text", (string?)reply["content"]![0]!["type"]);
        Assert.Equal("max_tokens", (string?)reply["stop_reason"]);
        Assert.Equal(6, (int)reply["usage"]!["output_tokens"]!);
        Assert.Equal((int)count["input_tokens"]!, (int)reply["usage"]!["input_tokens"]! + (int)reply["usage"]!["cache_read_input_tokens"]!);
    }

    [Fact]
    public async Task A_stream_has_Anthropics_events_in_order_and_the_text_of_the_whole_reply()
    {
        var request = new { model = "assistant", messages = new[] { new { role = "user", content = "Hello" } }, max_tokens = 8, temperature = 0 };

        (_, JsonNode whole) = await gateway.PostAsync("/v1/messages", request);
        (string Name, JsonNode Data)[] events = await gateway.EventsAsync(
            "/v1/messages", new { request.model, request.messages, request.max_tokens, request.temperature, stream = true });

        Assert.All(events, e => Assert.Equal(e.Name, (string?)e.Data["type"]));
        Assert.Equal(["message_start", "ping", "content_block_start"], events.Take(3).Select(e => e.Name));
        Assert.Equal(["content_block_stop", "message_delta", "message_stop"], events.TakeLast(3).Select(e => e.Name));
        Assert.All(events[3..^3], e => Assert.Equal(("content_block_delta", "text_delta"), (e.Name, (string?)e.Data["delta"]!["type"])));
        Assert.Equal((string?)whole["content"]![0]!["text"], string.Concat(events[3..^3].Select(e => (string?)e.Data["delta"]!["text"])));
        Assert.Equal(("max_tokens", 8), ((string?)events[^2].Data["delta"]!["stop_reason"], (int)events[^2].Data["usage"]!["output_tokens"]!));
    }

    [Fact]
    public async Task A_reply_is_rated_by_the_id_that_its_client_saw_streamed_or_not()
    {
        var request = new { model = "assistant", messages = new[] { new { role = "user", content = "Rate me" } }, max_tokens = 3 };

        (_, JsonNode whole) = await gateway.PostAsync("/v1/messages", request);
        (string Name, JsonNode Data)[] events =
            await gateway.EventsAsync("/v1/messages", new { request.model, request.messages, request.max_tokens, stream = true });

        string id = (string)events[0].Data["message"]!["id"]!;
        Assert.StartsWith("msg_", id, StringComparison.Ordinal);
        Assert.Equal("chatcmpl-" + id["msg_".Length..], (string?)(await gateway.RateAsync(id))["completion_id"]);
        await gateway.RateAsync((string?)whole["id"]);
    }

    [Fact]
    public async Task A_call_of_a_tool_and_its_result_go_forth_and_back()
    {
        var first = new { role = "user", content = "Weather?" };
        var request = new
        {
            model = "assistant",
            messages = new object[] { first },
            max_tokens = 200,
            tools = Weather,
            tool_choice = new { type = "any", disable_parallel_tool_use = true },
        };

        (int status, JsonNode reply) = await gateway.PostAsync("/v1/messages", request);
        Assert.True(status == 200, reply.ToJsonString());
        JsonNode call = reply["content"]!.AsArray().Last()!;
        (string Name, JsonNode Data)[] events = await gateway.EventsAsync(
            "/v1/messages", new { request.model, request.messages, request.max_tokens, request.tools, request.tool_choice, stream = true });
        (status, JsonNode after) = await gateway.PostAsync("/v1/messages", new
        {
            request.model,
            request.max_tokens,
            request.tools,
            tool_choice = new { type = "none" },
            messages = new object[]
            {
                first, new { role = "assistant", content = reply["content"] },
                new
                {
                    role = "user",
                    content = new object[]
                    {
                        new { type = "tool_result", tool_use_id = call["id"], content = new[] { new { type = "text", text = "sunny" } } },
                        new { type = "text", text = "So?" },
                    },
                },
            },
        });

        Assert.Equal(("tool_use", "weather", "Ulm"), ((string?)call["type"], (string?)call["name"], (string?)call["input"]!["city"]));
        Assert.Equal("tool_use", (string?)reply["stop_reason"]);
        string pieces = string.Concat(events.Where(e => (string?)e.Data["delta"]?["type"] == "input_json_delta")
            .Select(e => (string?)e.Data["delta"]!["partial_json"]));
        Assert.Equal("Ulm", (string?)JsonNode.Parse(pieces)!["city"]);
        Assert.True(status == 200, after.ToJsonString());
        JsonNode logged = await gateway.Gateway.GetJsonAsync($"/v1/chat/completions/chatcmpl-{((string)after["id"]!)["msg_".Length..]}/messages");
        Assert.Equal(["user", "assistant", "tool", "user"], logged["data"]!.AsArray().Select(m => (string?)m!["role"]));
    }

    [Fact]
    public async Task A_reply_that_was_begun_is_gone_on_with()
    {
        (int status, JsonNode reply) = await gateway.PostAsync("/v1/messages", new
        {
            max_tokens = 4,
            messages = new[] { new { role = "user", content = "Hi" }, new { role = "assistant", content = "Hello, I" } },
        });

        Assert.True(status == 200, reply.ToJsonString());
        JsonNode stored = await gateway.Gateway.GetJsonAsync($"/v1/chat/completions/chatcmpl-{((string)reply["id"]!)["msg_".Length..]}");
        Assert.StartsWith("Hello, I", (string?)stored["choices"]![0]!["message"]!["content"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"model":"nobody","messages":[{"role":"user","content":"Hi"}]}""", 404, "not_found_error")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"image","source":{}}]}]}""", 400, "invalid_request_error")]
    [InlineData("""{"messages":[]}""", 400, "invalid_request_error")]
    [InlineData("""{"messages":[null]}""", 400, "invalid_request_error")]
    [InlineData("""{"messages":[{"role":"user","content":[null]}]}""", 400, "invalid_request_error")]
    [InlineData("""{"messages":[{"role":"user","content":"Hi"}],"temperature":9,"stream":true}""", 400, "invalid_request_error")]
    [InlineData("""nonsense""", 400, "invalid_request_error")]
    public async Task Errors_have_Anthropics_shape(string body, int status, string type)
    {
        (int answered, JsonNode error) = await gateway.PostAsync("/v1/messages", body);

        Assert.Equal((status, "error", type), (answered, (string?)error["type"], (string?)error["error"]!["type"]));
        Assert.False(string.IsNullOrWhiteSpace((string?)error["error"]!["message"]));
    }
}
