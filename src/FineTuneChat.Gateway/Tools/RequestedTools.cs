using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using FineTuneChat.Gateway.Access;
using FineTuneChat.Gateway.Serving;
using FineTuneChat.Gateway.Tools.Servers;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Tools;

/// <summary>
/// Server-side tools in a chat request. The rule: they are offered only where the assistant has the server <em>and</em> the request names it, as OpenAI's
/// Responses API names one, <c>{"type":"mcp","server_label":"files","allowed_tools":["read"]}</c>. Everything else in <c>tools</c> is the client's own.
/// </summary>
internal sealed class RequestedTools(ToolBox tools, AssistantRegistry assistants) : IAssistantTools
{
    private const string Tools = "tools", Type = "type", Mcp = "mcp", Label = "server_label", Allowed = "allowed_tools";

    public async Task<byte[]> PutIntoAsync(Caller caller, ChatCompletionRequest request, byte[] body, CancellationToken cancellation)
    {
        if (request.Tools is not { ValueKind: JsonValueKind.Array } asked || !asked.EnumerateArray().Any(IsServer))
            return body;
        Assistant assistant = AssistantOf(caller, request.Model);
        var offered = new JsonArray();
        foreach ((int i, JsonElement tool) in asked.EnumerateArray().Index())
        {
            if (IsServer(tool))
                foreach (OfferedTool one in await ChosenAsync(assistant, tool, $"{Tools}[{i}]", cancellation))
                    offered.Add(Function(one));
            else
                offered.Add(JsonNode.Parse(tool.GetRawText()));
        }
        JsonObject completed = JsonNode.Parse(body)!.AsObject();
        if (offered.Count > 0)
            completed[Tools] = offered;
        else
            completed.Remove(Tools);
        return Encoding.UTF8.GetBytes(completed.ToJsonString(RelaxedJson.Options));
    }

    private Assistant AssistantOf(Caller caller, string? model)
    {
        string id = AssistantNames.Split(model)?.Assistant ?? ModelName.WithoutTag(model) ?? caller.FirstAssistant;
        return caller.MayAsk(id) && assistants.Find(id) is { } assistant
            ? assistant
            : throw OpenAiException.InvalidRequest($"'{id}' is no assistant, so it has no servers of tools. Ask an assistant, or send functions.", Tools);
    }

    private async Task<IEnumerable<OfferedTool>> ChosenAsync(Assistant assistant, JsonElement asked, string param, CancellationToken cancellation)
    {
        foreach (JsonProperty property in asked.EnumerateObject())
            if (property.Name is not (Type or Label or Allowed or "require_approval" or "server_description"))
                throw OpenAiException.UnsupportedParameter(
                    $"{param}.{property.Name}", "Servers of tools are configured here, by their administrator: name one with 'server_label'.");
        if (!asked.TryGetProperty(Label, out JsonElement label) || label.ValueKind != JsonValueKind.String)
            throw OpenAiException.MissingParameter($"{param}.{Label}", ": the name of a server of tools");
        string[]? allowed = Names(asked, param);
        ToolServerSettings[] all = [.. tools.ServersOf(assistant.Id)];
        ToolServerSettings settings = Array.Find(all, s => s.Name == label.GetString()) ?? throw OpenAiException.InvalidRequest(
            $"The assistant '{assistant.Id}' has no server of tools '{ToolText.Shown(label.GetString()!)}'. "
                + (all.Length == 0 ? "It has none." : $"It has {string.Join(", ", all.Select(s => s.Name))}."),
            $"{param}.{Label}", "server_not_found", StatusCodes.Status404NotFound);
        ServerTools server = await tools.ListAsync(assistant.Id, settings, cancellation);
        if (server.Problem is { } problem)
            throw OpenAiException.BadGateway($"The server of tools '{settings.Name}' cannot be used: {problem}", "tool_server_failed");
        return server.Tools.Where(tool => allowed is null || allowed.Contains(tool.Name));
    }

    private static string[]? Names(JsonElement asked, string param)
    {
        if (!asked.TryGetProperty(Allowed, out JsonElement names) || names.ValueKind == JsonValueKind.Null)
            return null;
        if (names.ValueKind != JsonValueKind.Array || names.EnumerateArray().Any(name => name.ValueKind != JsonValueKind.String))
            throw OpenAiException.InvalidRequest($"'{param}.{Allowed}' must be a list of names of tools.", $"{param}.{Allowed}", "invalid_type");
        return [.. names.EnumerateArray().Select(name => name.GetString()!)];
    }

    private static bool IsServer(JsonElement tool) =>
        tool.ValueKind == JsonValueKind.Object && tool.TryGetProperty(Type, out JsonElement type) && type.ValueEquals(Mcp);

    private static JsonObject Function(OfferedTool tool) => new()
    {
        [Type] = "function",
        ["function"] = new JsonObject
        {
            ["name"] = tool.Function,
            ["description"] = tool.Description,
            ["parameters"] = JsonNode.Parse(tool.Parameters.GetRawText()),
        },
    };
}
