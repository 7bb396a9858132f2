using System.Text.Json;
using System.Text.Json.Nodes;
using FineTuneChat.Gateway.Serving;

namespace FineTuneChat.Gateway.Tools.Mcp;

/// <summary>A tool that this server has for other programs: a route in the words of MCP.</summary>
/// <param name="Name">By which it is called.</param>
/// <param name="Description">What it does, for a model.</param>
/// <param name="Method">Of the route whose scope it needs.</param>
/// <param name="Route">That route.</param>
/// <param name="IsReadOnly">Whether it changes nothing.</param>
/// <param name="Schema">JSON schema of its arguments.</param>
/// <param name="RunAsync">Asks the routes.</param>
internal sealed record OwnTool(
    string Name, string Description, string Method, string Route, bool IsReadOnly, JsonElement Schema, Func<OwnToolCall, Task<JsonNode>> RunAsync)
{
    private const string Chat = "/v1/chat/completions", Conversations = "/api/conversations", Training = "/api/training";
    private const string AssistantArgument = "\"assistant\":{\"type\":\"string\",\"description\":\"The id of an assistant; without it the first one.\"}";

    public static IReadOnlyList<OwnTool> All { get; } =
    [
        new("chat", "Asks the assistant, a local model that learns from its user's ratings. Its answer has the id of the reply, by which it can be rated, and "
                + "of the conversation, with which it goes on.",
            "POST", Chat, false,
            Arguments(
                "\"message\":{\"type\":\"string\",\"minLength\":1},\"conversation\":{\"type\":\"string\",\"description\":\"Goes on with this one.\"},"
                    + "\"max_tokens\":{\"type\":\"integer\",\"minimum\":1},",
                "message"),
            ChatAsync),
        new("rate_reply", "Rates a reply of the assistant: thumbs up, or down, with the reply that was wanted. It learns from that.",
            "POST", "/api/feedback", false,
            Arguments(
                "\"completion_id\":{\"type\":\"string\"},\"rating\":{\"enum\":[\"up\",\"down\",null]},\"correction\":{\"type\":\"string\"},"
                    + "\"comment\":{\"type\":\"string\"}",
                "completion_id\",\"rating", hasAssistant: false),
            async call => Node(await call.SendAsync("POST", "/api/feedback", body: call.Body()))),
        new("search_conversations", "Searches titles and messages of earlier conversations with the assistant, newest first.",
            "GET", Conversations, true,
            Arguments("\"query\":{\"type\":\"string\"},\"limit\":{\"type\":\"integer\",\"minimum\":1,\"maximum\":100},", "query"),
            async call => Node(await call.SendAsync("GET", Conversations, new()
            {
                ["q"] = call.Text("query"),
                ["limit"] = call.Text("limit"),
                [Assistant.Parameter] = call.Text(Assistant.Parameter),
            }))),
        new("start_training", "Trains the assistant on what was rated since, now.",
            "POST", $"{Training}/start", false, Arguments("", ""),
            async call => Node(await call.SendAsync("POST", $"{Training}/start", new() { [Assistant.Parameter] = call.Text(Assistant.Parameter) }))),
        new("training_status", "What waits to be learned, how a training run goes, and what came of the last ones.",
            "GET", Training, true, Arguments("", ""),
            async call => Node(await call.SendAsync("GET", Training, new() { [Assistant.Parameter] = call.Text(Assistant.Parameter) }))),
    ];

    private static async Task<JsonNode> ChatAsync(OwnToolCall call)
    {
        string conversation = call.Text("conversation") ?? Guid.NewGuid().ToString();
        JsonArray messages = [.. call.Text("conversation") is null ? [] : await HistoryAsync(call, conversation)];
        messages.Add(new JsonObject { ["role"] = "user", ["content"] = call.Text("message") });
        var request = new JsonObject { ["messages"] = messages };
        if (call.Text(Assistant.Parameter) is { } assistant)
            request["model"] = assistant;
        if (call.Text("max_tokens") is { } limit)
            request["max_tokens"] = JsonNode.Parse(limit);
        JsonElement reply = await call.SendAsync("POST", Chat, body: request, headers: new() { ["X-Conversation-Id"] = conversation });
        return new JsonObject
        {
            ["reply"] = reply.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString(),
            ["completion_id"] = reply.GetProperty("id").GetString(),
            ["conversation"] = conversation,
        };
    }

    /// <summary>What was said so far, in the branch that is shown.</summary>
    private static async Task<IEnumerable<JsonNode>> HistoryAsync(OwnToolCall call, string conversation)
    {
        JsonElement stored = await call.SendAsync("GET", $"{Conversations}/{{id}}", new() { ["id"] = conversation });
        return stored.GetProperty("messages").EnumerateArray()
            .Select(message => (Role: message.GetProperty("role").GetString(), Content: message.GetProperty("content").GetString()))
            .Where(message => message is { Role: "system" or "user" or "assistant", Content: not null })
            .Select(message => new JsonObject { ["role"] = message.Role, ["content"] = message.Content });
    }

    private static JsonElement Arguments(string properties, string required, bool hasAssistant = true) => JsonElement.Parse(
        $$"""
        {"type":"object","properties":{{{properties}}{{(hasAssistant ? AssistantArgument : "")}}},
        "required":[{{(required.Length > 0 ? $"\"{required}\"" : "")}}],"additionalProperties":false}
        """);

    private static JsonNode Node(JsonElement json) => JsonObject.Create(json)!;
}

/// <summary>A call of one of our tools, by whoever has asked for it.</summary>
internal sealed class OwnToolCall(OwnRoutes routes, HttpContext caller, JsonElement arguments)
{
    /// <summary>An argument as text; null: it was not given.</summary>
    public string? Text(string name) =>
        arguments.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value.ToString() : null;

    /// <summary>The arguments as a route's body.</summary>
    public JsonObject Body() => JsonObject.Create(arguments)!;

    public Task<JsonElement> SendAsync(
        string method, string route, Dictionary<string, string?>? values = null, JsonObject? body = null, Dictionary<string, string>? headers = null) =>
        routes.SendAsync(caller, method, route, values, body, headers);
}
