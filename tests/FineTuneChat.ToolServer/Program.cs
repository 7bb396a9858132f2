using System.Text.Json.Nodes;
using FineTuneChat.ToolServer;

// The first argument says how it behaves; see Behaviour.
string behaviour = args is [var given, ..] ? given : Behaviour.Good;
if (behaviour == Behaviour.Crashing)
{
    Console.Error.WriteLine($"The key {Environment.GetEnvironmentVariable("API_KEY")} is not valid.");
    return 3;
}
if (behaviour == Behaviour.Noisy)
    Console.Out.WriteLine("Welcome!\n{\"jsonrpc\":\"2.0\"}\n[1,2]\n{\"jsonrpc\":\"2.0\",\"id\":\"?\",\"result\":7}");
while (Console.In.ReadLine() is { } line)
{
    JsonNode message = JsonNode.Parse(line)!;
    if (message["id"] is not { } id || behaviour == Behaviour.Silent)
        continue; // a notification, or nobody is at home
    string method = (string)message["method"]!;
    JsonNode? result = method switch
    {
        "initialize" => Initialized(message),
        "ping" => new JsonObject(),
        "tools/list" => Lists.Of(behaviour, (string?)message["params"]?["cursor"]),
        "tools/call" => Calls.Run((string)message["params"]!["name"]!, message["params"]!["arguments"]?.AsObject() ?? []),
        _ => null,
    };
    if (result is null && method is "tools/call")
        continue; // it hangs
    var answer = new JsonObject { ["jsonrpc"] = "2.0", ["id"] = id.DeepClone() };
    if (result is null)
        answer["error"] = new JsonObject { ["code"] = -32601, ["message"] = "There is no such method." };
    else
        answer["result"] = result;
    Console.Out.WriteLine(answer.ToJsonString());
}
return 0;

static JsonObject Initialized(JsonNode message) => new()
{
    ["protocolVersion"] = message["params"]?["protocolVersion"]?.DeepClone() ?? "2025-06-18",
    ["capabilities"] = new JsonObject { ["tools"] = new JsonObject() },
    ["serverInfo"] = new JsonObject { ["name"] = "test", ["version"] = "1" },
};
