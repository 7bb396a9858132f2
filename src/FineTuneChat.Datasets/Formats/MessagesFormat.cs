using System.Text.Json;
using FineTuneChat.Datasets.Messages;

namespace FineTuneChat.Datasets.Formats;

/// <summary>OpenAI's fine-tuning format: <c>{"messages":[{"role","content","weight"?}],"tools"?}</c>.</summary>
internal static class MessagesFormat
{
    public static Conversation Read(JsonElement row)
    {
        var messages = row.Objects("messages").Select((m, i) => ReadMessage(m, $"messages[{i}].")).ToArray();
        return messages.Length > 0 ? new Conversation(messages, row.Has("tools") ? ReadTools(row) : []) : throw new RowException("messages is empty");
    }

    private static ChatMessage ReadMessage(JsonElement message, string place)
    {
        var name = message.Text("role", place);
        if (!ChatRoles.TryParse(name, out var role)) throw new RowException($"{place}role is \"{name}\"; allowed are {ChatRoles.Allowed}");
        var calls = message.Has("tool_calls") ? ReadCalls(message, place) : [];
        var content = ReadContent(message, place);
        if (content is null && calls.Count == 0) throw new RowException($"{place}content is missing");
        return new ChatMessage(role, content)
        {
            Reasoning = message.OptionalText("reasoning_content", place),
            ToolCalls = calls,
            ToolCallId = message.OptionalText("tool_call_id", place),
            Name = message.OptionalText("name", place),
            Weight = ReadWeight(message, role, place),
        };
    }

    // A text, or parts of which each is a text; images and sound cannot be learned.
    private static string? ReadContent(JsonElement message, string place)
    {
        if (!message.TryGetProperty("content", out var content) || content.ValueKind != JsonValueKind.Array) return message.OptionalText("content", place);
        var parts = message.Objects("content", place).Select((part, i) => part.OptionalText("type") == "text"
            ? part.Text("text", $"{place}content[{i}].")
            : throw new RowException($"{place}content[{i}] has type \"{part.OptionalText("type")}\"; only text can be trained on"));
        return string.Concat(parts);
    }

    private static int? ReadWeight(JsonElement message, ChatRole role, string place)
    {
        if (!message.Has("weight")) return null;
        var weight = message.GetProperty("weight");
        if (weight.ValueKind != JsonValueKind.Number || !weight.TryGetDouble(out var value) || value is not (0 or 1))
            throw new RowException($"{place}weight is {weight.GetRawText()}; allowed are 0 and 1");
        if (value == 1 && role != ChatRole.Assistant) throw new RowException($"{place}weight is 1, but only messages of the assistant are learned");
        return (int)value;
    }

    private static List<ChatToolCall> ReadCalls(JsonElement message, string place)
    {
        var calls = new List<ChatToolCall>();
        foreach (var (call, i) in message.Objects("tool_calls", place).Select((c, i) => (c, i)))
        {
            var at = $"{place}tool_calls[{i}].";
            if (!call.TryGetProperty("function", out var function) || function.ValueKind != JsonValueKind.Object)
                throw new RowException($"{at}function is missing");
            var arguments = function.TryGetProperty("arguments", out var given) && given.ValueKind == JsonValueKind.Object
                ? given.GetRawText()
                : function.Text("arguments", $"{at}function.");
            calls.Add(new ChatToolCall(call.OptionalText("id", at) ?? $"call_{i}", function.Text("name", $"{at}function."), arguments));
        }
        return calls;
    }

    private static List<ChatTool> ReadTools(JsonElement row)
    {
        try
        {
            return [.. row.Objects("tools").Select(t => new ChatTool(t))];
        }
        catch (ArgumentException e)
        {
            throw new RowException($"tools: {e.Message.Split(" (Parameter")[0].TrimEnd('.')}");
        }
    }
}
