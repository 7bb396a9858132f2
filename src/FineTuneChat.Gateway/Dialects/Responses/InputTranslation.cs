using System.Text;
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
        var reasoning = new StringBuilder();
        foreach ((int i, InputItem? item) in items.Index())
        {
            string at = $"input[{i}]";
            switch (item?.Type)
            {
                case "reasoning":
                    reasoning.Append(Text(item.Content, at) is { Length: > 0 } text ? text : Text(item.Summary, at));
                    break;
                case "function_call" or "custom_tool_call":
                    AddCall(messages, Call(item), reasoning);
                    break;
                case "function_call_output" or "custom_tool_call_output":
                    messages.Add(new() { Role = "tool", ToolCallId = item.CallId, Content = Text(item.Output, at) });
                    break;
                case null or "message" when item is { Role: "assistant" }:
                    messages.Add(new() { Role = "assistant", Content = Text(item.Content, at), ReasoningContent = Taken(reasoning) });
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

    private static void AddCall(List<RequestMessage> messages, ToolCall call, StringBuilder reasoning)
    {
        if (reasoning.Length > 0 || messages is not [.., { Role: "assistant" } last])
            messages.Add(new() { Role = "assistant", ReasoningContent = Taken(reasoning), ToolCalls = new List<ToolCall> { call } });
        else if (last.ToolCalls is List<ToolCall> calls)
            calls.Add(call);
        else
            messages[^1] = last with { ToolCalls = new List<ToolCall> { call }, Content = last.Content is "" ? null : last.Content };
    }

    private static string? Taken(StringBuilder reasoning)
    {
        string? taken = reasoning.Length == 0 ? null : reasoning.ToString();
        reasoning.Clear();
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
