using System.Text;
using System.Text.Json.Nodes;
using FineTuneChat.Tests.Support;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Tests.Tools;

/// <summary>Tools of the assistant in a chat: offered where the request names them, called by the model, run by the gateway, gone on with.</summary>
[Trait(Tier.Name, Tier.Slow), Collection(ToolChats.Name)]
public sealed class ToolChatTests(ToolChatGateway fixture)
{
    private const string BuiltIn = """{"type":"mcp","server_label":"builtin"}""";

    private TestGateway Gateway => fixture.Gateway;

    [Fact]
    public async Task A_call_is_made_run_and_gone_on_with_in_one_conversation()
    {
        string conversation = Guid.NewGuid().ToString();
        JsonNode question = JsonNode.Parse("""{"role":"user","content":"What time is it?"}""")!;
        JsonNode reply = (await ChatAsync(
            conversation, [question],
            $$$"""
            "tools":[{{{BuiltIn}}}],"parallel_tool_calls":false,"tool_choice":{"type":"function","function":{"name":"builtin__current_time"}}
            """)).Body["choices"]![0]!["message"]!;
        JsonNode call = Assert.Single(reply["tool_calls"]!.AsArray())!;
        Assert.Equal("builtin__current_time", (string?)call["function"]!["name"]);

        // The arguments follow the schema by grammar; what they say, a random model has made up.
        Assert.All(JsonNode.Parse((string)call["function"]!["arguments"]!)!.AsObject(), argument => Assert.Equal("time_zone", argument.Key));
        (int status, JsonNode result) = await Gateway.PostAsync(
            "/api/tools/call", new { server = "builtin", tool = "current_time", arguments = new { time_zone = "UTC" } });
        Assert.True(status == 200, result.ToJsonString());
        Assert.Matches(@"^\w+day, \d{4}-\d\d-\d\d \d\d:\d\d:\d\d \+00:00$", (string?)result["content"]);

        var answered = new JsonObject { ["role"] = "tool", ["tool_call_id"] = (string?)call["id"], ["content"] = (string?)result["content"] };
        var asked = new JsonObject { ["role"] = "assistant", ["content"] = null, ["tool_calls"] = new JsonArray(call.DeepClone()) };
        (status, JsonNode last) = await ChatAsync(conversation, [question.DeepClone(), asked, answered], $"\"tools\":[{BuiltIn}],\"tool_choice\":\"none\"");
        Assert.True(status == 200, last.ToJsonString());

        JsonNode stored = await Gateway.GetJsonAsync($"/api/conversations/{conversation}");
        Assert.Empty(stored["other_messages"]!.AsArray()); // the call that is sent back is the one that was logged
        Assert.Equal(["user", "assistant", "tool", "assistant"], stored["messages"]!.AsArray().Select(message => (string?)message!["role"]));
        Assert.Equal((string?)call["id"], (string?)stored["messages"]![1]!["tool_calls"]![0]!["id"]);
        Assert.Equal((string?)call["id"], (string?)stored["messages"]![2]!["tool_call_id"]);
        Assert.Equal("builtin__current_time", (string?)stored["request"]!["tools"]![0]!["function"]!["name"]); // as it would train
    }

    [Fact]
    public async Task Only_what_the_request_names_is_offered_beside_the_clients_own_tools()
    {
        const string Own = """{"type":"function","function":{"name":"mine","parameters":{"type":"object","properties":{}}}}""";
        string conversation = Guid.NewGuid().ToString();
        (int status, JsonNode body) = await ChatAsync(
            conversation, [Question()], $$"""
            "tools":[{{Own}},{"type":"mcp","server_label":"builtin","allowed_tools":["calculate"]}]
            """);
        Assert.True(status == 200, body.ToJsonString());
        JsonNode stored = await Gateway.GetJsonAsync($"/api/conversations/{conversation}");
        Assert.Equal(["mine", "builtin__calculate"], stored["request"]!["tools"]!.AsArray().Select(tool => (string?)tool!["function"]!["name"]));

        conversation = Guid.NewGuid().ToString();
        await ChatAsync(conversation, [Question()], """ "temperature":0 """);
        Assert.Null((await Gateway.GetJsonAsync($"/api/conversations/{conversation}"))["request"]!["tools"]); // nobody asked for them
    }

    [Theory]
    [InlineData("""[{"type":"mcp","server_label":"files"}]""", "assistant", 404, "server_not_found", "It has builtin.")]
    [InlineData("""[{"type":"mcp"}]""", "assistant", 400, "missing_required_parameter", "server_label")]
    [InlineData("""[{"type":"mcp","server_label":"x","server_url":"http://127.0.0.1"}]""", "assistant", 400, "unsupported_parameter", "configured here")]
    [InlineData("""[{"type":"mcp","server_label":"builtin","allowed_tools":[7]}]""", "assistant", 400, "invalid_type", "list of names")]
    [InlineData("""[{"type":"mcp","server_label":"builtin"}]""", "random", 400, "invalid_value", "'random' is no assistant")]
    public async Task A_server_that_cannot_be_meant_is_a_clear_error(string tools, string model, int status, string code, string message)
    {
        (int answered, JsonNode body) = await ChatAsync(Guid.NewGuid().ToString(), [Question()], $"\"model\":\"{model}\",\"tools\":{tools}");
        Assert.Equal(status, answered);
        TestGateway.AssertOpenAiError(body, code);
        Assert.Contains(message, (string?)body["error"]!["message"], StringComparison.Ordinal);
    }

    private static JsonNode Question() => JsonNode.Parse("""{"role":"user","content":"Hello"}""")!;

    private async Task<(int Status, JsonNode Body)> ChatAsync(string conversation, JsonNode[] messages, string more)
    {
        string body = $$"""{"messages":{{new JsonArray(messages).ToJsonString()}},"max_tokens":200,{{more}}}""";
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions")
        {
            Content = new StringContent(body, Encoding.UTF8, "application/json"),
        };
        request.Headers.Add("X-Conversation-Id", conversation);
        using HttpResponseMessage answer = await Gateway.Client.SendAsync(request);
        return ((int)answer.StatusCode, JsonNode.Parse(await answer.Content.ReadAsStringAsync())!);
    }
}
