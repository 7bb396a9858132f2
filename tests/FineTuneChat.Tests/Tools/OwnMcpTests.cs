using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using FineTuneChat.Gateway.Access;
using FineTuneChat.Tests.Support;
using FineTuneChat.TestSupport;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace FineTuneChat.Tests.Tools;

/// <summary><c>/mcp</c> as other programs see it, through the official client.</summary>
[Trait(Tier.Name, Tier.Slow), Collection(ToolChats.Name)]
public sealed class OwnMcpTests(ToolChatGateway fixture)
{
    [Fact]
    public async Task A_program_chats_rates_searches_and_sees_what_training_does()
    {
        await using McpClient client = await ConnectAsync(fixture.Gateway);
        Assert.Equal(
            ["chat", "rate_reply", "search_conversations", "start_training", "training_status"], (await client.ListToolsAsync()).Select(tool => tool.Name));

        JsonNode reply = await CallAsync(client, "chat", new() { ["message"] = "Is there a crocodile?", ["max_tokens"] = 4 });
        JsonNode next = await CallAsync(
            client, "chat", new() { ["message"] = "And now?", ["max_tokens"] = 4, ["conversation"] = (string?)reply["conversation"] });
        Assert.Equal((string?)reply["conversation"], (string?)next["conversation"]);
        JsonNode stored = await fixture.Gateway.GetJsonAsync($"/api/conversations/{reply["conversation"]}");
        Assert.Equal(["user", "assistant", "user", "assistant"], stored["messages"]!.AsArray().Select(message => (string?)message!["role"]));

        JsonNode rating = await CallAsync(
            client, "rate_reply",
            new() { ["completion_id"] = (string?)reply["completion_id"], ["rating"] = "down", ["correction"] = "There is one in the river." });
        Assert.Equal(("down", "accepted"), ((string?)rating["rating"], (string?)rating["example_status"]));
        JsonNode found = await CallAsync(client, "search_conversations", new() { ["query"] = "crocodile", ["limit"] = 5 });
        Assert.Equal((string?)reply["conversation"], (string?)Assert.Single(found["data"]!.AsArray())!["id"]);
        Assert.Equal(1, (int?)(await CallAsync(client, "training_status", []))["waiting"]!["new"]);
    }

    [Theory]
    [InlineData("chat", "{}", "'arguments.message' is missing")]
    [InlineData("chat", """{"message":"x","conversation":"nobody-knows-it"}""", "There is no conversation 'nobody-knows-it'")]
    [InlineData("chat", """{"message":"x","assistant":"nobody"}""", "The model 'nobody' does not exist")]
    [InlineData("rate_reply", """{"completion_id":"chatcmpl-none","rating":"up"}""", "There is no reply 'chatcmpl-none'")]
    [InlineData("rate_reply", """{"completion_id":"chatcmpl-none","rating":"great"}""", "must be one of")]
    [InlineData("training_status", """{"assistant":"nobody"}""", "There is no assistant 'nobody'")]
    public async Task What_a_route_refuses_is_the_tools_error(string tool, string arguments, string message)
    {
        await using McpClient client = await ConnectAsync(fixture.Gateway);
        CallToolResult result = await client.CallToolAsync(
            tool, JsonNode.Parse(arguments)!.AsObject().ToDictionary(argument => argument.Key, argument => (object?)argument.Value));
        Assert.True(result.IsError);
        Assert.Contains(message, Text(result), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_sees_and_does_what_its_scopes_allow()
    {
        using var folder = new TemporaryFolder();
        ApiKey key;
        await using (TestGateway first = await TestGateway.StartWithoutEngineAsync(folder))
        {
            await first.Get<ApiKeyStore>().CreateAsync("owner", [Scopes.Admin]);
            key = await first.Get<ApiKeyStore>().CreateAsync("chatter", [Scopes.Chat]);
        }
        await using TestGateway gateway = await TestGateway.StartWithoutEngineAsync(folder, ("Security:RequireKey", "true"));
        await using McpClient client = await ConnectAsync(gateway, key.Key!);
        Assert.Equal(["chat", "search_conversations"], (await client.ListToolsAsync()).Select(tool => tool.Name));
        CallToolResult result = await client.CallToolAsync("start_training");
        Assert.True(result.IsError);
        Assert.Equal("The API key 'chatter' may chat; this needs train.", Text(result));
        await Assert.ThrowsAnyAsync<Exception>(() => ConnectAsync(gateway, "wrong"));
    }

    [Theory]
    [InlineData("Host", "evil.example")]
    [InlineData("Origin", "https://evil.example")]
    public async Task Pages_of_other_sites_are_kept_out(string header, string value)
    {
        const string Body = """{"jsonrpc":"2.0","id":1,"method":"tools/list"}""";
        using var request = new HttpRequestMessage(HttpMethod.Post, "/mcp") { Content = new StringContent(Body, Encoding.UTF8, "application/json") };
        request.Headers.TryAddWithoutValidation(header, value);
        request.Headers.TryAddWithoutValidation("Accept", "application/json, text/event-stream");
        using HttpResponseMessage answer = await fixture.Gateway.Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
    }

    [Fact]
    public async Task It_is_a_server_of_tools_for_an_assistant_too()
    {
        (int status, JsonNode body) = await fixture.Gateway.PostAsync(
            "/api/tools/servers", new { name = "self", url = new Uri(fixture.Gateway.Client.BaseAddress!, "/mcp") });
        Assert.True(status == 200, body.ToJsonString());
        (status, body) = await fixture.Gateway.PostAsync("/api/tools/call", new { server = "self", tool = "training_status", arguments = new { } });
        Assert.True(status == 200, body.ToJsonString());
        Assert.Contains("\"policy\"", (string?)body["content"], StringComparison.Ordinal);
        await fixture.Gateway.SendAsync(HttpMethod.Delete, "/api/tools/servers/self");
    }

    private static async Task<McpClient> ConnectAsync(TestGateway gateway, string? key = null) => await McpClient.CreateAsync(new HttpClientTransport(new()
    {
        Endpoint = new Uri(gateway.Client.BaseAddress!, "/mcp"),
        TransportMode = HttpTransportMode.StreamableHttp,
        AdditionalHeaders = key is null ? null : new Dictionary<string, string> { ["Authorization"] = $"Bearer {key}" },
    }));

    private static async Task<JsonNode> CallAsync(McpClient client, string tool, Dictionary<string, object?> arguments)
    {
        CallToolResult result = await client.CallToolAsync(tool, arguments);
        Assert.False(result.IsError == true, Text(result));
        return JsonNode.Parse(Text(result))!;
    }

    private static string Text(CallToolResult result) => Assert.IsType<TextContentBlock>(Assert.Single(result.Content)).Text;
}
