using System.Text.Json;
using FineTuneChat.Datasets.Messages;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Engine.Completions;

/// <summary><c>tools</c>, <c>tool_choice</c> and <c>parallel_tool_calls</c> of a request, checked.</summary>
/// <param name="Offered">The functions that the model is told of; empty when it may call none.</param>
/// <param name="Callable">Those that it may call: all that are offered, or those that <c>tool_choice</c> names.</param>
/// <param name="MustCall">Whether the reply must be a call.</param>
/// <param name="Parallel">Whether it may be several; a function that is named is called once.</param>
/// <param name="IsStrict">Whether a tool asks for arguments that follow its schema.</param>
internal sealed record RequestTools(IReadOnlyList<ChatTool> Offered, IReadOnlyList<ChatTool> Callable, bool MustCall, bool Parallel, bool IsStrict)
{
    private const int MaxTools = 128, MaxName = 64;
    private const string OneShape = "{\"type\":\"function\",\"function\":{\"name\":\"…\"}}";
    private const string SomeShape =
        "{\"type\":\"allowed_tools\",\"allowed_tools\":{\"mode\":\"auto\",\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"…\"}}]}}";

    /// <exception cref="OpenAiException">400: something is malformed, or asks for what is not there.</exception>
    public static RequestTools Of(ChatCompletionRequest request)
    {
        List<ChatTool> tools = Read(request.Tools);
        JsonElement? choice = request.ToolChoice is { ValueKind: not JsonValueKind.Null } given ? given : null;
        (string mode, List<ChatTool> callable) = choice switch
        {
            null => (tools.Count > 0 ? "auto" : "none", tools),
            { ValueKind: JsonValueKind.String } text => (text.GetString() is "any" ? "required" : text.GetString()!, tools), // Mistral's word
            { ValueKind: JsonValueKind.Object } named => Named(tools, named),
            _ => ("", tools),
        };
        if (mode is not ("none" or "auto" or "required"))
            throw OpenAiException.InvalidRequest($"'tool_choice' must be 'none', 'auto', 'required', {OneShape} or {SomeShape}.", "tool_choice");
        if (mode is "required" && tools.Count == 0)
            throw OpenAiException.InvalidRequest("'tool_choice' asks for a call, but there are no 'tools'.", "tool_choice");

        if (mode == "none")
            (tools, callable) = ([], []);
        bool namesOne = mode == "required" && choice is { ValueKind: JsonValueKind.Object } one && Text(one, "type") != "allowed_tools";
        return new(tools, callable, mode == "required", !namesOne && (request.ParallelToolCalls ?? true), callable.Exists(tool => tool.IsStrict));
    }

    /// <summary>Whether an argument is text by the schema of its tool; null where that says nothing.</summary>
    public bool? IsText(string tool, string argument) => Callable.FirstOrDefault(t => t.Name == tool)?.Parameters is { } schema
        && Property(schema, "properties") is { } properties && Property(properties, argument) is { } property && Property(property, "type") is { } type
            ? type.ValueKind == JsonValueKind.String && type.GetString() == "string"
            : null;

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
        if (item.ValueKind == JsonValueKind.Object && item.TryGetProperty("type", out JsonElement type)
            && !(type.ValueKind == JsonValueKind.String && type.GetString() == "function"))
            throw OpenAiException.InvalidRequest($"'tools[{index}].type' must be 'function'.", $"tools[{index}].type");
        ChatTool tool;
        try
        {
            tool = new ChatTool(item);
        }
        catch (ArgumentException)
        {
            throw OpenAiException.InvalidRequest(
                $"'tools[{index}]' must be an object like {{\"type\":\"function\",\"function\":{{\"name\":\"…\",\"parameters\":{{…}}}}}}.",
                $"tools[{index}]");
        }
        if (tool.Name.Length is 0 or > MaxName || !tool.Name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.'))
            throw OpenAiException.InvalidRequest($"'tools[{index}].function.name' must have 1 to {MaxName} letters, digits, '_', '-' or '.'.",
                $"tools[{index}].function.name");
        if (item.GetProperty("function").TryGetProperty("parameters", out JsonElement parameters)
            && parameters.ValueKind is not (JsonValueKind.Object or JsonValueKind.Null))
            throw OpenAiException.InvalidRequest($"'tools[{index}].function.parameters' must be a JSON schema.", $"tools[{index}].function.parameters");
        return tool;
    }

    /// <summary>A <c>tool_choice</c> that is an object: one function that must be called, or several with a mode.</summary>
    private static (string Mode, List<ChatTool> Callable) Named(List<ChatTool> tools, JsonElement choice)
    {
        if (Text(choice, "type") != "allowed_tools")
            return ("required", [Find(tools, choice)]);
        if (Property(choice, "allowed_tools") is not { } allowed || Property(allowed, "tools") is not { ValueKind: JsonValueKind.Array } list
            || list.GetArrayLength() == 0)
            throw Misshapen();
        return (Text(allowed, "mode") is "auto" or "required" ? Text(allowed, "mode")! : throw Misshapen(),
            [.. list.EnumerateArray().Select(item => Find(tools, item)).Distinct()]);
    }

    private static ChatTool Find(List<ChatTool> tools, JsonElement named)
    {
        string name = (Property(named, "function") is { } function ? Text(function, "name") : Text(named, "name")) ?? throw Misshapen();
        if (tools.Count == 0)
            throw OpenAiException.InvalidRequest("'tool_choice' asks for a call, but there are no 'tools'.", "tool_choice");
        return tools.Find(t => t.Name == name)
            ?? throw OpenAiException.InvalidRequest(
                $"'tool_choice' names '{name}', which is not in 'tools'. There are: {string.Join(", ", tools.Select(t => t.Name))}.", "tool_choice");
    }

    private static JsonElement? Property(JsonElement of, string name) =>
        of.ValueKind == JsonValueKind.Object && of.TryGetProperty(name, out JsonElement value) ? value : null;

    private static string? Text(JsonElement of, string name) => Property(of, name) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;

    private static OpenAiException Misshapen() =>
        OpenAiException.InvalidRequest($"'tool_choice' as an object must be {OneShape} or {SomeShape}.", "tool_choice");
}
