using FineTuneChat.Chat.Templates;
using FineTuneChat.Datasets.Messages;
using FineTuneChat.Templates;

namespace FineTuneChat.Chat.Tools;

/// <summary>How a model writes its calls of tools: as JSON objects with some text around them.</summary>
public sealed record ToolFormat
{
    /// <summary>Hermes and Qwen: each call in a tag of its own, anywhere in the reply.</summary>
    public static readonly ToolFormat Hermes = new("hermes")
    {
        Triggers = ["<tool_call>"],
        Between = ["<tool_call>", "</tool_call>"],
        ItemStart = "<tool_call>\n",
        ItemEnd = "\n</tool_call>",
        Separator = "\n",
    };

    /// <summary>Llama 3.x: the reply is one object, and the arguments are called parameters.</summary>
    public static readonly ToolFormat Llama = new("llama")
    {
        Triggers = ["{", "<|python_tag|>"],
        OnlyAtStart = true,
        Between = ["<|python_tag|>", ";"],
        ArgumentsKey = "parameters",
    };

    /// <summary>Mistral: a list behind a marker.</summary>
    public static readonly ToolFormat Mistral = new("mistral")
    {
        Triggers = ["[TOOL_CALLS]"],
        Between = ["[TOOL_CALLS]", "[", ",", "]"],
        Open = "[TOOL_CALLS][",
        Separator = ", ",
        Close = "]",
        IdLength = 9,
    };

    /// <summary>Mistral since 2025: each call has a marker, then its name, then its arguments.</summary>
    public static readonly ToolFormat MistralNamed = new("mistral-named")
    {
        Triggers = ["[TOOL_CALLS]"],
        Between = ["[TOOL_CALLS]"],
        NamesFirst = true,
        ItemStart = "[TOOL_CALLS]",
        Separator = "",
        IdLength = 9,
    };

    /// <summary>Models whose template knows no tools: the prompt explains them, see <see cref="ToolPrompt"/>.</summary>
    public static readonly ToolFormat Json = new("json")
    {
        Triggers = ["{"],
        OnlyAtStart = true,
        Open = "{\"tool_calls\": [",
        Separator = ", ",
        Close = "]}",
    };

    private const string Mark = "needle";

    private ToolFormat(string name) => Name = name;

    /// <summary>Its name in logs and tests.</summary>
    public string Name { get; }

    /// <summary>Texts that may be control tokens of a model; in this format they are text.</summary>
    public IReadOnlyList<string> Markers =>
        [.. Triggers.Concat(Between).Concat(NamesFirst ? [CallHeader.Id, CallHeader.Arguments] : []).Where(text => text.Length > 1).Distinct()];

    /// <summary>What calls begin with.</summary>
    internal IReadOnlyList<string> Triggers { get; private init; } = [];

    /// <summary>Calls stand at the beginning of the reply, with nothing before them.</summary>
    internal bool OnlyAtStart { get; private init; }

    /// <summary>What may stand around the objects, besides white space.</summary>
    internal IReadOnlyList<string> Between { get; private init; } = [];

    internal string Open { get; private init; } = "";

    internal string ItemStart { get; private init; } = "";

    internal string ItemEnd { get; private init; } = "";

    /// <summary>Between two calls; null when there is never more than one.</summary>
    internal string? Separator { get; private init; }

    internal string Close { get; private init; } = "";

    internal string ArgumentsKey { get; private init; } = "arguments";

    /// <summary>The name stands before the JSON, which is the arguments alone; see <see cref="CallHeader"/>.</summary>
    internal bool NamesFirst { get; private init; }

    /// <summary>Letters and digits that an id has; null for any.</summary>
    internal int? IdLength { get; private init; }

    /// <summary>
    /// The format that a template writes calls in; <see cref="Json"/> when it writes none that is known, or does not tell the model of its
    /// tools.
    /// </summary>
    public static ToolFormat Of(ChatTemplate template)
    {
        const string Definition = """
            {"type":"function","function":{"name":"MARK","description":"?","parameters":{"type":"object",
             "properties":{"a":{"type":"string","description":"?"}}}}}
            """;
        ChatTool tool = new(System.Text.Json.JsonElement.Parse(Definition.Replace("MARK", Mark, StringComparison.Ordinal)));
        ChatMessage user = new(ChatRole.User, "?");
        if (!template.WritesToolCalls || !Written(template, [user], [tool]).Contains(Mark, StringComparison.Ordinal))
            return Json;
        string call = Written(template, [user, new(ChatRole.Assistant, null) { ToolCalls = [new("call12345", Mark, """{"a":"b"}""")] }], []);
        return call switch
        {
            _ when call.Contains(Hermes.ItemStart.TrimEnd(), StringComparison.Ordinal) => Hermes,
            _ when call.Contains(MistralNamed.ItemStart + Mark + "[", StringComparison.Ordinal)
                && call.Contains(CallHeader.Arguments, StringComparison.Ordinal) => MistralNamed,
            _ when call.Contains(Mistral.Open, StringComparison.Ordinal) => Mistral,
            _ when call.Contains($"\"{Llama.ArgumentsKey}\"", StringComparison.Ordinal) => Llama,
            _ => Json,
        };
    }

    private static string Written(ChatTemplate template, ChatMessage[] messages, ChatTool[] tools)
    {
        try
        {
            return template.Render(messages, tools, addGenerationPrompt: false).Text;
        }
        catch (TemplateException)
        {
            return "";
        }
    }
}
