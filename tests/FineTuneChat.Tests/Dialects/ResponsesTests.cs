using System.Text.Json.Nodes;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Tests.Dialects;

/// <summary>OpenAI's Responses API.</summary>
[Collection(DialectTests.Name), Trait(Tier.Name, Tier.Slow)]
public sealed class ResponsesTests(DialectGateway gateway)
{
    private static readonly object Cities =
        new { type = "object", properties = new { city = new { @enum = new[] { "Ulm" } } }, required = new[] { "city" }, additionalProperties = false };

    private static readonly object Weather = new
    {
        type = "function",
        name = "weather",
        strict = true,
        parameters = Cities,
    };

    [Fact]
    public async Task A_stream_has_OpenAIs_events_in_order_and_ends_with_the_whole_response()
    {
        var request = new { model = "assistant", input = "Hello", instructions = "Be brief.", max_output_tokens = 8, temperature = 0 };

        (_, JsonNode whole) = await gateway.PostAsync("/v1/responses", request);
        (string Name, JsonNode Data)[] events = await gateway.EventsAsync(
            "/v1/responses", new { request.model, request.input, request.instructions, request.max_output_tokens, request.temperature, stream = true });

        Assert.All(events, e => Assert.Equal(e.Name, (string?)e.Data["type"]));
        Assert.Equal(Enumerable.Range(0, events.Length), events.Select(e => (int)e.Data["sequence_number"]!));
        Assert.Equal(
            ["response.created", "response.in_progress", "response.output_item.added", "response.content_part.added"], events.Take(4).Select(e => e.Name));
        Assert.Equal(
            ["response.output_text.done", "response.content_part.done", "response.output_item.done", "response.incomplete"],
            events.TakeLast(4).Select(e => e.Name));
        Assert.All(events[4..^4], e => Assert.Equal("response.output_text.delta", e.Name));
        string text = (string)whole["output"]![0]!["content"]![0]!["text"]!;
        Assert.Equal(text, string.Concat(events[4..^4].Select(e => (string?)e.Data["delta"])));
        Assert.Equal(text, (string?)events[^1].Data["response"]!["output"]![0]!["content"]![0]!["text"]);
        Assert.Equal(("incomplete", "max_output_tokens"), ((string?)whole["status"], (string?)whole["incomplete_details"]!["reason"]));
        Assert.Equal(("Be brief.", 8), ((string?)whole["instructions"], (int)whole["usage"]!["output_tokens"]!));
    }

    [Fact]
    public async Task A_response_is_stored_goes_on_is_rated_and_erased_by_its_id()
    {
        (_, JsonNode first) = await gateway.PostAsync(
            "/v1/responses", new { model = "assistant", input = "One", instructions = "First.", max_output_tokens = 3, metadata = new { a = "b" } });
        string id = (string)first["id"]!;
        (int status, JsonNode second) = await gateway.PostAsync(
            "/v1/responses", new { model = "assistant", input = "Two", instructions = "Second.", previous_response_id = id, max_output_tokens = 3 });
        Assert.True(status == 200, second.ToJsonString());

        JsonNode stored = await gateway.Gateway.GetJsonAsync($"/v1/responses/{id}");
        JsonNode logged = await gateway.Gateway.GetJsonAsync($"/v1/chat/completions/chatcmpl-{((string)second["id"]!)["resp_".Length..]}/messages");
        await gateway.RateAsync(id);
        (int erased, string text) = await gateway.SendAsync(HttpMethod.Delete, $"/v1/responses/{(string?)second["id"]}");
        (int gone, _) = await gateway.SendAsync(HttpMethod.Get, $"/v1/responses/{(string?)second["id"]}");
        (int unknown, JsonNode error) = await gateway.PostAsync("/v1/responses", new { input = "Hi", previous_response_id = "resp_none" });

        Assert.Equal(first["output"]!.ToJsonString(), stored["output"]!.ToJsonString());
        Assert.Equal(("First.", "b"), ((string?)stored["instructions"], (string?)stored["metadata"]!["a"]));
        string said = (string)first["output"]![0]!["content"]![0]!["text"]!;
        Assert.Equal(["Second.", "One", said, "Two"], logged["data"]!.AsArray().Select(m => (string?)m!["content"]));
        Assert.Equal(id, (string?)second["previous_response_id"]);
        Assert.Equal((200, 404, 404, "not_found"), (erased, gone, unknown, (string?)error["error"]!["code"]));
        Assert.Contains("\"deleted\":true", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Calls_and_their_results_are_items_and_unknown_tools_are_left_out()
    {
        var message = new { role = "user", content = new[] { new { type = "input_text", text = "Weather?" } } };
        var request = new
        {
            model = "assistant",
            input = new object[] { message },
            tools = new object[] { Weather, new { type = "web_search" }, new { type = "local_shell" } },
            tool_choice = new { type = "function", name = "weather" },
            parallel_tool_calls = false,
            store = true,
            include = new[] { "reasoning.encrypted_content" },
            prompt_cache_key = "x",
            client_metadata = new { },
            reasoning = new { effort = "low" },
        };

        (int status, JsonNode reply) = await gateway.PostAsync("/v1/responses", request);
        Assert.True(status == 200, reply.ToJsonString());
        JsonNode call = reply["output"]!.AsArray().Single()!;
        (string Name, JsonNode Data)[] events = await gateway.EventsAsync(
            "/v1/responses", new { request.model, request.input, request.tools, request.tool_choice, request.parallel_tool_calls, stream = true });
        (status, JsonNode after) = await gateway.PostAsync("/v1/responses", new
        {
            model = "assistant",
            max_output_tokens = 3,
            store = true,
            input = new object[]
            {
                message, new { type = "reasoning", summary = Array.Empty<object>(), content = new[] { new { type = "reasoning_text", text = "Hm." } } },
                call.DeepClone(), new { type = "function_call_output", call_id = (string?)call["call_id"], output = "sunny" },
                new { type = "item_reference", id = "x" },
            },
        });

        Assert.Equal(("function_call", "weather"), ((string?)call["type"], (string?)call["name"]));
        Assert.Equal("Ulm", (string?)JsonNode.Parse((string)call["arguments"]!)!["city"]);
        Assert.Equal(["function"], reply["tools"]!.AsArray().Select(t => (string?)t!["type"]));
        string pieces = string.Concat(events.Where(e => e.Name == "response.function_call_arguments.delta").Select(e => (string?)e.Data["delta"]));
        Assert.Equal("Ulm", (string?)JsonNode.Parse(pieces)!["city"]);
        Assert.Equal("function_call", (string?)events[^1].Data["response"]!["output"]![0]!["type"]);
        Assert.True(status == 200, after.ToJsonString());
        JsonNode logged = await gateway.Gateway.GetJsonAsync($"/v1/chat/completions/chatcmpl-{((string)after["id"]!)["resp_".Length..]}/messages");
        Assert.Equal(["user", "assistant", "tool"], logged["data"]!.AsArray().Select(m => (string?)m!["role"]));
        Assert.Equal((string?)call["call_id"], (string?)logged["data"]![2]!["tool_call_id"]);
    }

    [Fact]
    public async Task An_answer_follows_the_format_and_nothing_is_kept_with_store_false()
    {
        (int status, JsonNode reply) = await gateway.PostAsync("/v1/responses", new
        {
            model = "assistant",
            input = "City?",
            store = false,
            text = new { format = new { type = "json_schema", name = "city", strict = true, schema = Cities } },
        });

        Assert.True(status == 200, reply.ToJsonString());
        Assert.Equal("Ulm", (string?)JsonNode.Parse((string)reply["output"]![0]!["content"]![0]!["text"]!)!["city"]);
        Assert.Equal(("completed", "city"), ((string?)reply["status"], (string?)reply["text"]!["format"]!["name"]));
        Assert.Equal(404, (await gateway.SendAsync(HttpMethod.Get, $"/v1/responses/{(string?)reply["id"]}")).Status);
    }

    [Theory]
    [InlineData("""{"model":"nobody","input":"Hi"}""", 404)]
    [InlineData("""{"input":[]}""", 400)]
    [InlineData("""{"input":[null]}""", 400)]
    [InlineData("""{"input":7}""", 400)]
    [InlineData("""{"input":[{"role":"user","content":[{"type":"input_image","image_url":"x"}]}]}""", 400)]
    [InlineData("""{"input":"Hi","background":true}""", 400)]
    [InlineData("""{"input":"Hi","text":{"format":{"type":"json_schema","name":"x"}}}""", 400)]
    public async Task Errors_have_OpenAIs_shape(string body, int status)
    {
        (int answered, JsonNode error) = await gateway.PostAsync("/v1/responses", body);

        Assert.True(status == answered, error.ToJsonString());
        Assert.False(string.IsNullOrWhiteSpace((string?)error["error"]!["message"]));
    }
}
