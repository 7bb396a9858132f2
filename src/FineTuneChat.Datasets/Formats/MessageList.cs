using System.Text.Json;
using FineTuneChat.Datasets.Messages;
using FineTuneChat.Datasets.Reports;

namespace FineTuneChat.Datasets.Formats;

/// <summary>
/// A list of messages in any spelling: OpenAI's <c>role</c> and <c>content</c>, ShareGPT's <c>from</c> and <c>value</c>, and mixtures; function calls as
/// <c>tool_calls</c> or as messages of their own.
/// </summary>
internal static class MessageList
{
    public const string AllowedRoles =
        "system, developer, user, human, assistant, gpt, chatgpt, model, bot, ai, tool, function, observation, function_call, tool_call";

    private static readonly string[] RoleKeys = ["role", "from", "sender", "speaker"];
    private static readonly string[] TextKeys = ["content", "value", "text", "message"];

    public static List<ChatMessage> Read(JsonElement list, string name, RowNotes notes)
    {
        IReadOnlyList<JsonElement> items = RowFields.Objects(RowFields.Unpacked(list, name), name);
        var messages = new List<ChatMessage>(items.Count);
        for (int i = 0; i < items.Count; i++)
            messages.Add(ReadMessage(items[i], $"{name}[{i}].", messages, notes));
        return messages.Count > 0 ? messages : throw new RowException($"{name} is empty");
    }

    /// <summary>A reply as a text, a message, or a list of messages.</summary>
    public static IReadOnlyList<ChatMessage> ReadReply(JsonElement row, string key, RowNotes notes)
    {
        JsonElement value = row.TryGetProperty(key, out JsonElement given) ? RowFields.Unpacked(given, key) : default;
        if (value.ValueKind == JsonValueKind.Object && RoleKeys.Any(k => value.Has(k)))
            return [ReadMessage(value, $"{key}.", [], notes)];
        if (IsList(value))
            return Read(value, key, notes);
        return [new ChatMessage(ChatRole.Assistant, row.TextOrJson(key, notes) ?? throw new RowException($"{key} is missing"))];
    }

    /// <summary>Whether a value is a list of messages and of nothing else.</summary>
    public static bool IsList(JsonElement value) => value.ValueKind == JsonValueKind.Array && value.GetArrayLength() > 0
        && value.EnumerateArray().All(item => item.ValueKind == JsonValueKind.Object && RoleKeys.Any(k => item.Has(k)));

    private static ChatMessage ReadMessage(JsonElement message, string place, List<ChatMessage> before, RowNotes notes)
    {
        string roleKey = RoleKeys.FirstOrDefault(k => message.Has(k)) ?? RoleKeys[0];
        string name = message.Text(roleKey, place);
        string textKey = TextKeys.FirstOrDefault(k => message.Has(k)) ?? (roleKey == "from" ? "value" : TextKeys[0]);
        string role = name.Trim().ToLowerInvariant();
        if (role is "function_call" or "tool_call")
        {
            notes.Tell(NoticeKinds.Tools, "has calls of functions: they are kept as calls");
            return new ChatMessage(ChatRole.Assistant, null) { ToolCalls = CallsOf(message, textKey, place) };
        }
        if (RoleOf(role) is not { } known)
            throw new RowException($"{place}{roleKey} is \"{name}\"; allowed are {AllowedRoles}");
        if (message.Has("function_call") || message.Has("tool_calls") || known == ChatRole.Tool)
            notes.Tell(NoticeKinds.Tools, "has calls of functions: they are kept as calls");
        List<ChatToolCall> calls = message.Has("tool_calls") ? ReadCalls(message, place)
            : message.Has("function_call") ? [Call(message.GetProperty("function_call"), $"{place}function_call", 0)] : [];
        string? content = ReadContent(message, textKey, known, place, notes);
        if (content is null && calls.Count == 0)
            throw new RowException($"{place}{textKey} is missing");
        return new ChatMessage(known, content)
        {
            Reasoning = message.OptionalText("reasoning_content", place),
            ToolCalls = calls,
            ToolCallId = message.OptionalText("tool_call_id", place)
                ?? (known == ChatRole.Tool ? before.LastOrDefault()?.ToolCalls.FirstOrDefault()?.Id : null),
            Name = message.OptionalText("name", place),
            Weight = ReadWeight(message, known, place),
        };
    }

    private static ChatRole? RoleOf(string role) => role switch
    {
        "system" or "developer" => ChatRole.System,
        "user" or "human" => ChatRole.User,
        "assistant" or "gpt" or "chatgpt" or "model" or "bot" or "ai" => ChatRole.Assistant,
        "tool" or "function" or "observation" or "tool_response" or "function_response" or "ipython" => ChatRole.Tool,
        _ => null,
    };

    // A text, parts of which each is a text, or any other JSON as its text; images and sound cannot be learned.
    private static string? ReadContent(JsonElement message, string key, ChatRole role, string place, RowNotes notes)
    {
        if (!message.TryGetProperty(key, out JsonElement content) || content.ValueKind is JsonValueKind.String or JsonValueKind.Null)
            return message.OptionalText(key, place);
        if (content.ValueKind == JsonValueKind.Array && content.EnumerateArray().All(p => p.ValueKind == JsonValueKind.Object && p.Has("type")))
            return string.Concat(content.EnumerateArray().Select((part, i) => part.OptionalText("type", $"{place}{key}[{i}].") == "text"
                ? part.Text("text", $"{place}{key}[{i}].")
                : throw new RowException($"{place}{key}[{i}] has type \"{part.OptionalText("type")}\"; only text can be trained on")));
        notes.Tell(NoticeKinds.JsonValues, $"a message of the {role.Name()} is {RowFields.KindOf(content)}: its JSON is taken as the text");
        return RowFields.Json(content);
    }

    private static int? ReadWeight(JsonElement message, ChatRole role, string place)
    {
        if (!message.Has("weight"))
            return null;
        JsonElement weight = message.GetProperty("weight");
        if (weight.ValueKind != JsonValueKind.Number || !weight.TryGetDouble(out double value) || value is not (0 or 1))
            throw new RowException($"{place}weight is {weight.GetRawText()}; allowed are 0 and 1");
        if (value == 1 && role != ChatRole.Assistant)
            throw new RowException($"{place}weight is 1, but only messages of the assistant are learned");
        return (int)value;
    }

    private static List<ChatToolCall> ReadCalls(JsonElement message, string place)
    {
        var calls = new List<ChatToolCall>();
        foreach ((int i, JsonElement call) in message.Objects("tool_calls", place).Index())
        {
            string at = $"{place}tool_calls[{i}].";
            if (!call.TryGetProperty("function", out JsonElement function) || function.ValueKind != JsonValueKind.Object)
                throw new RowException($"{at}function is missing");
            calls.Add(Call(function, $"{at}function", i, call.OptionalText("id", at)));
        }
        return calls;
    }

    /// <summary>The calls in a message that is nothing else: an object, a list of them, or either as text.</summary>
    private static ChatToolCall[] CallsOf(JsonElement message, string key, string place)
    {
        JsonElement value = message.TryGetProperty(key, out JsonElement given) ? RowFields.Unpacked(given, place + key) : default;
        return value.ValueKind switch
        {
            JsonValueKind.Object => [Call(value, place + key, 0)],
            JsonValueKind.Array => [.. RowFields.Objects(value, place + key).Select((call, i) => Call(call, $"{place}{key}[{i}]", i))],
            _ => throw new RowException($"{place}{key} is no call such as {{\"name\":\"…\",\"arguments\":{{…}}}}"),
        };
    }

    private static ChatToolCall Call(JsonElement function, string place, int number, string? id = null)
    {
        if (function.ValueKind != JsonValueKind.Object)
            throw new RowException($"{place} must be an object, not {RowFields.KindOf(function)}");
        string arguments = function.TryGetProperty("arguments", out JsonElement given) && given.ValueKind == JsonValueKind.Object
            ? given.GetRawText()
            : function.Text("arguments", $"{place}.");
        return new ChatToolCall(id ?? $"call_{number}", function.Text("name", $"{place}."), arguments);
    }
}
