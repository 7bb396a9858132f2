using FineTuneChat.Chat.Templates.Runtime;
using FineTuneChat.Datasets.Messages;

namespace FineTuneChat.Chat.Templates;

/// <summary>Messages and tools as templates see them: the dicts of transformers' chat format. Keys and roles are ours, everything else is data.</summary>
internal static class MessageValues
{
    public static ListValue Of(IReadOnlyList<ChatMessage> messages, TemplateStyle style, int learned) =>
        new([.. messages.Select((message, index) => Of(message, style, index == learned))]);

    public static Value OfTools(IReadOnlyList<ChatTool> tools) => new ListValue([.. tools.Select(tool => JsonValues.Read(tool.Definition, Origin.Data))]);

    private static DictValue Of(ChatMessage message, TemplateStyle style, bool isLearned)
    {
        Origin origin = isLearned ? Origin.Reply : Origin.Data;
        OrderedDictionary<Value, Value> items = DictValue.Table();
        Add(items, "role", Own(message.Role.Name()));
        Add(items, "content", Content(message, style, origin));
        if (message.Reasoning is { } reasoning)
            Add(items, "reasoning_content", new TextValue(reasoning, isLearned ? Origin.Reasoning : Origin.Data));
        if (message.ToolCalls.Count > 0)
            Add(items, "tool_calls", new ListValue([.. message.ToolCalls.Select(call => Of(call, style, origin))]));
        if (message.ToolCallId is { } id)
            Add(items, "tool_call_id", new TextValue(id, origin));
        if (message.Name is { } name)
            Add(items, "name", new TextValue(name, origin));
        return new DictValue(items);
    }

    private static Value Content(ChatMessage message, TemplateStyle style, Origin origin)
    {
        if (message.Content is { } content)
            return new TextValue(content, origin);
        return message.ToolCalls.Count > 0 && style.AllowsNoContent ? NoneValue.Instance : TextValue.Empty;
    }

    private static DictValue Of(ChatToolCall call, TemplateStyle style, Origin origin)
    {
        OrderedDictionary<Value, Value> function = DictValue.Table();
        Add(function, "name", new TextValue(call.Name, origin));
        Add(function, "arguments", style.ArgumentsAreText ? new TextValue(call.Arguments, origin) : JsonValues.ReadObject(call.Arguments, origin));
        OrderedDictionary<Value, Value> items = DictValue.Table();
        Add(items, "id", new TextValue(call.Id, origin));
        Add(items, "type", Own("function"));
        Add(items, "function", new DictValue(function));
        return new DictValue(items);
    }

    private static void Add(OrderedDictionary<Value, Value> items, string key, Value value) => items[Own(key)] = value;

    private static TextValue Own(string text) => new(text, Origin.Template);
}
