using System.Text.Json;
using System.Text.Json.Nodes;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Dialects.Responses;

/// <summary>Items of a response's input as messages: a message with its reasoning before it and its calls after it is one.</summary>
internal static class InputTranslation
{
    /// <exception cref="OpenAiException">400: an item is not whole, or holds what a local model cannot read.</exception>
    public static List<RequestMessage> ToMessages(IReadOnlyList<InputItem> items)
    {
        var messages = new List<RequestMessage>();
        string? reasoning = null;
        foreach ((int i, InputItem? item) in items.Index())
        {
            string at = $"input[{i}]";
            switch (item?.Type)
            {
                case "reasoning":
                    reasoning += Text(item.Content, at) is { Length: > 0 } text ? text : Text(item.Summary, at);
                    break;
                case "function_call" or "custom_tool_call":
                    AddCall(messages, Call(item), ref reasoning);
                    break;
                case "function_call_output" or "custom_tool_call_output":
                    messages.Add(new() { Role = "tool", ToolCallId = item.CallId, Content = Text(item.Output, at) });
                    break;
                case null or "message" when item is { Role: "assistant" }:
                    messages.Add(new() { Role = "assistant", Content = Text(item.Content, at), ReasoningContent = Taken(ref reasoning) });
                    break;
                case null or "message":
                    messages.Add(new()
                    {
                        Role = item?.Role == "system" ? "developer" : item?.Role, // 'system' is what came as instructions
                        Content = item?.Content is null ? null : Text(item.Content, at),
                    });
                    break;
                default: // what only OpenAI's own tools write
                    break;
            }
        }
        return messages;
    }

    private static ToolCall Call(InputItem item) => new()
    {
        Id = item.CallId,
        Type = "function",
        Function = new()
        {
            Name = item.Name,
            Arguments = item.Type == "custom_tool_call" ? new JsonObject { ["input"] = item.Input }.ToJsonString() : item.Arguments ?? "{}",
        },
    };

    private static void AddCall(List<RequestMessage> messages, ToolCall call, ref string? reasoning)
    {
        if (reasoning is null && messages is [.., { Role: "assistant" } last])
            messages[^1] = last with { ToolCalls = [.. last.ToolCalls ?? [], call], Content = last.Content is "" ? null : last.Content };
        else
            messages.Add(new() { Role = "assistant", ReasoningContent = Taken(ref reasoning), ToolCalls = [call] });
    }

    private static string? Taken(ref string? reasoning)
    {
        string? taken = string.IsNullOrEmpty(reasoning) ? null : reasoning;
        reasoning = null;
        return taken;
    }

    private static string Text(JsonElement? content, string at)
    {
        if (content is not { ValueKind: not JsonValueKind.Null } given)
            return "";
        if (given.ValueKind == JsonValueKind.String)
            return given.GetString()!;
        InputPart[] parts;
        try
        {
            parts = given.Deserialize(ResponsesJson.Default.InputPartArray)!;
        }
        catch (JsonException)
        {
            throw OpenAiException.InvalidRequest($"The content of '{at}' must be a string or an array of parts.", at, "invalid_type");
        }
        return string.Concat(parts.Select(part => part?.Text ?? part?.Refusal ?? throw OpenAiException.InvalidRequest(
            $"'{at}' has a part of type '{part?.Type}' without a text. This server's models read text only.", at, "unsupported_value")));
    }
}
