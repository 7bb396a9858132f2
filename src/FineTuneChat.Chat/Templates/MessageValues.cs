using System.Text.Json;
using FineTuneChat.Datasets.Messages;
using FineTuneChat.Templates;

namespace FineTuneChat.Chat.Templates;

/// <summary>Messages and tools as templates see them: the dicts of transformers' chat format. Keys and roles are ours, everything else is data.</summary>
internal static class MessageValues
{
    public static Value Of(IReadOnlyList<ChatMessage> messages, TemplateStyle style, int learned) =>
        Value.OfList(messages.Select((message, index) => Of(message, style, index, index == learned)));

    public static Value OfTools(IReadOnlyList<ChatTool> tools) => Value.OfList(tools.Select(tool => Value.OfJson(tool.Definition, Origin.Data)));

    /// <summary>The functions alone.</summary>
    public static Value OfFunctions(IReadOnlyList<ChatTool> tools) =>
        Value.OfList(tools.Select(tool => Value.OfJson(tool.Definition.GetProperty("function"), Origin.Data)));

    private static Value Of(ChatMessage message, TemplateStyle style, int index, bool isLearned)
    {
        Origin origin = isLearned ? ReplyOrigin.Content : message.Role == ChatRole.System ? ReplyOrigin.System(index) : Origin.Data;
        var items = new List<KeyValuePair<string, Value>>
        {
            new("role", Own(message.Role.Name())),
            new("content", Content(message, style, origin)),
        };
        if (message.Reasoning is { } reasoning)
            items.Add(new("reasoning_content", Value.OfText(reasoning, isLearned ? ReplyOrigin.Reasoning : Origin.Data)));
        if (message.ToolCalls.Count > 0)
            items.Add(new("tool_calls", Value.OfList(message.ToolCalls.Select(call => Of(call, style, origin)))));
        if (message.ToolCallId is { } id)
            items.Add(new("tool_call_id", Value.OfText(id, origin)));
        if (message.Name is { } name)
            items.Add(new("name", Value.OfText(name, origin)));
        return Value.OfDict(items);
    }

    private static Value Content(ChatMessage message, TemplateStyle style, Origin origin)
    {
        if (message.Content is { } content)
            return Value.OfText(content, origin);
        return message.ToolCalls.Count > 0 && style.AllowsNoContent ? Value.None : Own("");
    }

    private static Value Of(ChatToolCall call, TemplateStyle style, Origin origin)
    {
        Value arguments = style.ArgumentsAreText ? Value.OfText(call.Arguments, origin) : Arguments(call.Arguments, origin);
        return Value.OfDict(
        [
            new("id", Value.OfText(call.Id, origin)),
            new("type", Own("function")),
            new("function", Value.OfDict([new("name", Value.OfText(call.Name, origin)), new("arguments", arguments)])),
        ]);
    }

    /// <summary>The JSON object that a model wrote as a call's arguments; its text when it is no object.</summary>
    private static Value Arguments(string text, Origin origin)
    {
        try
        {
            using JsonDocument json = JsonDocument.Parse(text);
            return json.RootElement.ValueKind == JsonValueKind.Object ? Value.OfJson(json.RootElement, origin) : Value.OfText(text, origin);
        }
        catch (JsonException)
        {
            return Value.OfText(text, origin);
        }
    }

    private static Value Own(string text) => Value.OfText(text, Origin.Template);
}
