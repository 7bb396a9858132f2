namespace FineTuneChat.Chat.Tools;

/// <summary>The formats of calls that published models were trained on. A new one is a declaration here.</summary>
internal static class ToolFormats
{
    public static readonly ToolFormat Hermes = new("hermes")
    {
        Triggers = ["<tool_call>"],
        Between = ["<tool_call>", "</tool_call>"],
        ItemStart = "<tool_call>\n{\"name\": \"",
        ItemEnd = "}\n</tool_call>",
        Separator = "\n",
        Signs = ["<tool_call>", "\"arguments\""],
    };

    public static readonly ToolFormat Llama = new("llama")
    {
        Triggers = ["{", "<|python_tag|>"],
        OnlyAtStart = true,
        Between = ["<|python_tag|>", ";"],
        NameEnd = "\", \"parameters\": ",
    };

    public static readonly ToolFormat Mistral = new("mistral")
    {
        Triggers = ["[TOOL_CALLS]"],
        Between = ["[TOOL_CALLS]", "[", ",", "]"],
        Open = "[TOOL_CALLS][",
        Separator = ", ",
        Close = "]",
        IdLength = 9,
    };

    public static readonly ToolFormat MistralNamed = new("mistral-named")
    {
        Triggers = ["[TOOL_CALLS]"],
        Between = ["[TOOL_CALLS]"],
        NamesFirst = true,
        ItemStart = "[TOOL_CALLS]",
        IdStart = "[CALL_ID]",
        NameEnd = "[ARGS]",
        ItemEnd = "",
        Separator = "",
        IdLength = 9,
    };

    public static readonly ToolFormat Json = new("json")
    {
        TellsTools = false,
        WritesCalls = false,
        Triggers = ["{"],
        OnlyAtStart = true,
        Open = "{\"tool_calls\": [",
        Separator = ", ",
        Close = "]}",
    };

    /// <summary>All that templates may write, the more particular ones first.</summary>
    public static IReadOnlyList<ToolFormat> All { get; } =
    [
        Tagged("glm", "<tool_call>", "\n", "</tool_call>", new("<arg_key>", "</arg_key>\n<arg_value>", "</arg_value>\n"), signs: ["<arg_key>"]),
        Tagged("qwen-coder", "<tool_call>\n<function=", ">\n", "</function>\n</tool_call>", new("<parameter=", ">\n", "\n</parameter>\n"),
            signs: ["<tool_call>", "<function="]),
        Tagged("seed", "<seed:tool_call>\n<function=", ">\n", "</function>\n</seed:tool_call>", new("<parameter=", ">", "</parameter>\n"),
            signs: ["<seed:tool_call>"]),
        new("minimax")
        {
            Triggers = ["<minimax:tool_call>"],
            Open = "<minimax:tool_call>\n",
            ItemStart = "<invoke name=\"",
            NameEnd = "\">\n",
            ItemEnd = "</invoke>\n",
            Separator = "",
            Close = "</minimax:tool_call>",
            Tags = new("<parameter name=\"", "\">", "</parameter>\n"),
            Signs = ["<minimax:tool_call>"],
        },
        new("kimi")
        {
            Triggers = ["<|tool_calls_section_begin|>", "<|tool_call_begin|>"],
            Between = ["<|tool_calls_section_begin|>", "<|tool_call_begin|>", "functions.", "<|tool_call_end|>", "<|tool_calls_section_end|>"],
            Open = "<|tool_calls_section_begin|>",
            NamesFirst = true,
            ItemStart = "<|tool_call_begin|>functions.",
            IdStart = ":",
            NameEnd = ":#<|tool_call_argument_begin|>",
            ItemEnd = "<|tool_call_end|>",
            Separator = "",
            Close = "<|tool_calls_section_end|>",
            IdsAreNames = true,
            Signs = ["<|im_system|>tool_declare"],
        },
        new("gpt-oss")
        {
            AnswerStart = "<|channel|>final<|message|>",
            OneCallPerMessage = true,
            OnlyAtStart = true,
            Triggers = ["<|channel|>commentary to=functions."],
            NamesFirst = true,
            ItemStart = "<|channel|>commentary to=functions.",
            NameEnd = " <|constrain|>json<|message|>",
            ItemEnd = "",
            Signs = ["<|channel|>analysis<|message|>", "<|channel|>commentary", "functions."],
        },
        DeepSeek("deepseek", "function<｜tool▁sep｜>", "\n```json\n", "\n```"),
        DeepSeek("deepseek-v3.1", "", "<｜tool▁sep｜>", ""),
        new("command-r7b")
        {
            Triggers = ["<|START_ACTION|>"],
            Between = ["<|START_ACTION|>", "[", ",", "]", "<|END_ACTION|>"],
            Open = "<|START_ACTION|>[\n    ",
            ItemStart = "{\"tool_call_id\": \"#\", \"tool_name\": \"",
            NameEnd = "\", \"parameters\": ",
            Separator = ",\n    ",
            Close = "\n]<|END_ACTION|>",
        },
        new("command-r")
        {
            Triggers = ["Action:"],
            Between = ["Action:", "```", "json", "[", ",", "]"],
            Open = "Action: ```json\n[\n    ",
            ItemStart = "{\n        \"tool_name\": \"",
            NameEnd = "\",\n        \"parameters\": ",
            ItemEnd = "\n    }",
            Separator = ",\n    ",
            Close = "\n]```",
        },
        Tagged("minicpm", "<function name=\"", "\">", "</function>", new("<param name=\"", "\">", "</param>"), signs: ["<function name="]),
        new("hunyuan")
        {
            Triggers = ["<tool_calls:opensource>"],
            Open = "<tool_calls:opensource>\n",
            ItemStart = "<tool_call:opensource>",
            NameEnd = "<tool_sep:opensource>\n",
            ItemEnd = "</tool_call:opensource>\n",
            Separator = "",
            Close = "</tool_calls:opensource>",
            Tags = new("<arg_key:opensource>", "</arg_key:opensource>\n<arg_value:opensource>", "</arg_value:opensource>\n"),
        },
        Dsml("deepseek-v3.2", "function_calls"),
        Dsml("deepseek-v4", "tool_calls"),
        new("gigachat")
        {
            Triggers = ["<|function_call|>"],
            Between = ["<|function_call|>"],
            ItemStart = "<|function_call|>{\"name\": \"",
        },
        List("apriel", "<tool_calls>", "</tool_calls>"),
        List("nemotron", "<TOOLCALL>", "</TOOLCALL>"),
        List("phi-4", "<|tool_call|>", "<|/tool_call|>") with { Signs = ["<|tool_call|>", "<|/tool_call|>"] },
        List("granite", "<|tool_call|>", "") with { Signs = ["<|tool_call|>"] },
        List("firefunction", "functools", ""),
        new("minimax-m1")
        {
            Triggers = ["<tool_calls>"],
            Between = ["<tool_calls>", "</tool_calls>"],
            Open = "<tool_calls>\n",
            Separator = "\n",
            Close = "\n</tool_calls>",
        },
        new("apertus")
        {
            Triggers = ["<|tools_prefix|>"],
            Between = ["<|tools_prefix|>", "[", ",", "]", "<|tools_suffix|>"],
            NameIsKey = true,
            Open = "<|tools_prefix|>[",
            ItemStart = "{\"",
            NameEnd = "\": ",
            Separator = ", ",
            Close = "]<|tools_suffix|>",
        },
        new("functionary-v3.1")
        {
            Triggers = ["<function="],
            Between = ["<function=", "</function>"],
            NamesFirst = true,
            ItemStart = "<function=",
            NameEnd = ">",
            ItemEnd = "</function>",
            Separator = "",
        },
        new("functionary-v3.2")
        {
            Triggers = [">>>"],
            Between = [">>>"],
            NamesFirst = true,
            ItemStart = ">>>",
            NameEnd = "\n",
            ItemEnd = "",
            Separator = "",
            TextHeader = "all\n",
        },
        Hermes, Mistral, MistralNamed, Llama,
    ];

    /// <summary>Objects in a list behind a marker.</summary>
    private static ToolFormat List(string name, string open, string close) => new(name)
    {
        Triggers = [open],
        Between = [open, "[", ",", "]", .. close.Length > 0 ? new[] { close } : []],
        Open = open + "[",
        Separator = ", ",
        Close = "]" + close,
        Signs = [open + "["],
    };

    /// <summary>DeepSeek since 3.2: tags that say whether an argument is text.</summary>
    private static ToolFormat Dsml(string name, string block) => new(name)
    {
        Triggers = [$"<｜DSML｜{block}>"],
        Open = $"<｜DSML｜{block}>\n",
        ItemStart = "<｜DSML｜invoke name=\"",
        NameEnd = "\">\n",
        ItemEnd = "</｜DSML｜invoke>\n",
        Separator = "",
        Close = $"</｜DSML｜{block}>",
        Tags = new("<｜DSML｜parameter name=\"", "\" string=\"false\">", "</｜DSML｜parameter>\n") { TextKeyEnd = "\" string=\"true\">" },
        Signs = [$"<｜DSML｜{block}>"],
    };

    private static ToolFormat DeepSeek(string name, string type, string nameEnd, string itemEnd) => new(name)
    {
        Triggers = ["<｜tool▁calls▁begin｜>", "<｜tool▁call▁begin｜>"],
        Between = ["<｜tool▁calls▁begin｜>", "<｜tool▁call▁begin｜>", "function<｜tool▁sep｜>", "```", "<｜tool▁call▁end｜>", "<｜tool▁calls▁end｜>"],
        Open = "<｜tool▁calls▁begin｜>",
        NamesFirst = true,
        ItemStart = "<｜tool▁call▁begin｜>" + type,
        NameEnd = nameEnd,
        ItemEnd = itemEnd + "<｜tool▁call▁end｜>",
        Separator = type.Length > 0 ? "\n" : "",
        Close = "<｜tool▁calls▁end｜>",
    };

    /// <summary>Arguments in tags, all of a call in one more.</summary>
    private static ToolFormat Tagged(string name, string start, string nameEnd, string end, ArgumentTags tags, string[] signs) => new(name)
    {
        Triggers = [start.Split('\n')[0]],
        ItemStart = start,
        NameEnd = nameEnd,
        ItemEnd = end,
        Separator = "\n",
        Tags = tags,
        Signs = signs,
    };
}
