using System.Text.Json;
using FineTuneChat.Chat.Messages;
using FineTuneChat.OpenAi;

namespace FineTuneChat.Engine;

/// <summary><c>tools</c>, <c>tool_choice</c> and <c>parallel_tool_calls</c> of a request, checked.</summary>
/// <param name="Offered">The functions that the model is told of; empty when it may call none.</param>
/// <param name="Callable">Those that it may call: all that are offered, or the one that <c>tool_choice</c> names.</param>
/// <param name="MustCall">Whether the reply must be a call.</param>
/// <param name="Parallel">Whether it may be several.</param>
/// <param name="IsStrict">Whether a tool asks for arguments that follow its schema.</param>
internal sealed record RequestTools(IReadOnlyList<ChatTool> Offered, IReadOnlyList<ChatTool> Callable, bool MustCall, bool Parallel, bool IsStrict)
{
    private const int MaxTools = 128, MaxName = 64;

    /// <exception cref="OpenAiException">400: something is malformed, or asks for what is not there.</exception>
    public static RequestTools Of(ChatCompletionRequest request)
    {
        List<ChatTool> tools = Read(request.Tools);
        JsonElement? choice = request.ToolChoice is { ValueKind: not JsonValueKind.Null } given ? given : null;
        string mode = choice switch
        {
            null => tools.Count > 0 ? "auto" : "none",
            { ValueKind: JsonValueKind.String } text => text.GetString()!,
            { ValueKind: JsonValueKind.Object } => "named",
            _ => "",
        };
        if (mode is not ("none" or "auto" or "required" or "named"))
            throw OpenAiException.InvalidRequest("'tool_choice' must be 'none', 'auto', 'required' or {\"type\":\"function\",\"function\":{\"name\":\"…\"}}.", "tool_choice");
        if (mode is "required" or "named" && tools.Count == 0)
            throw OpenAiException.InvalidRequest("'tool_choice' asks for a call, but there are no 'tools'.", "tool_choice");

        List<ChatTool> callable = mode switch { "none" => [], "named" => [Named(tools, choice!.Value)], _ => tools };
        return new(mode == "none" ? [] : tools, callable, mode is "required" or "named", request.ParallelToolCalls ?? true, callable.Exists(IsStrictTool));
    }

    private static List<ChatTool> Read(JsonElement? wire)
    {
        if (wire is not { ValueKind: not JsonValueKind.Null } list)
            return [];
        if (list.ValueKind != JsonValueKind.Array || list.GetArrayLength() > MaxTools)
            throw OpenAiException.InvalidRequest($"'tools' must be an array of up to {MaxTools} functions.", "tools");
        var tools = new List<ChatTool>();
        foreach ((int i, JsonElement item) in list.EnumerateArray().Index())
        {
            ChatTool tool = ReadTool(i, item);
            if (tools.Exists(t => t.Name == tool.Name))
                throw OpenAiException.InvalidRequest($"'tools' has two functions named '{tool.Name}'.", $"tools[{i}].function.name");
            tools.Add(tool);
        }
        return tools;
    }

    private static ChatTool ReadTool(int index, JsonElement item)
    {
        if (item.ValueKind == JsonValueKind.Object && item.TryGetProperty("type", out JsonElement type) && !(type.ValueKind == JsonValueKind.String && type.GetString() == "function"))
            throw OpenAiException.InvalidRequest($"'tools[{index}].type' must be 'function'.", $"tools[{index}].type");
        ChatTool tool;
        try
        {
            tool = new ChatTool(item);
        }
        catch (ArgumentException)
        {
            throw OpenAiException.InvalidRequest($"'tools[{index}]' must be an object like {{\"type\":\"function\",\"function\":{{\"name\":\"…\",\"parameters\":{{…}}}}}}.", $"tools[{index}]");
        }
        if (tool.Name.Length is 0 or > MaxName || !tool.Name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.'))
            throw OpenAiException.InvalidRequest($"'tools[{index}].function.name' must have 1 to {MaxName} letters, digits, '_', '-' or '.'.", $"tools[{index}].function.name");
        if (item.GetProperty("function").TryGetProperty("parameters", out JsonElement parameters) && parameters.ValueKind is not (JsonValueKind.Object or JsonValueKind.Null))
            throw OpenAiException.InvalidRequest($"'tools[{index}].function.parameters' must be a JSON schema.", $"tools[{index}].function.parameters");
        return tool;
    }

    private static ChatTool Named(List<ChatTool> tools, JsonElement choice)
    {
        string? name = choice.TryGetProperty("function", out JsonElement function) && function.ValueKind == JsonValueKind.Object && function.TryGetProperty("name", out JsonElement text) && text.ValueKind == JsonValueKind.String
            ? text.GetString()
            : throw OpenAiException.InvalidRequest("'tool_choice' as an object must be {\"type\":\"function\",\"function\":{\"name\":\"…\"}}.", "tool_choice");
        return tools.Find(t => t.Name == name)
            ?? throw OpenAiException.InvalidRequest($"'tool_choice' names '{name}', which is not in 'tools'. There are: {string.Join(", ", tools.Select(t => t.Name))}.", "tool_choice");
    }

    private static bool IsStrictTool(ChatTool tool) => tool.Definition.GetProperty("function").TryGetProperty("strict", out JsonElement strict) && strict.ValueKind == JsonValueKind.True;
}
