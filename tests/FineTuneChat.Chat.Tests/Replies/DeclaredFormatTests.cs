using System.Text.Json;
using FineTuneChat.Chat.Replies;
using FineTuneChat.Chat.Templates;
using FineTuneChat.Chat.Tests.Grammars;
using FineTuneChat.Chat.Tools;
using FineTuneChat.Datasets.Messages;
using FineTuneChat.Grammars;

namespace FineTuneChat.Chat.Tests.Replies;

/// <summary>
/// Every declared format: a template that writes calls so is recognised, what the grammar allows is what the template writes, and it is read back.
/// </summary>
public sealed class DeclaredFormatTests
{
    private const string Ulm = """{"city": "Ulm", "days": 2}""";

    private static readonly ChatTool[] Tools =
    [
        Tool("""{"name":"weather","parameters":{"type":"object","properties":{"city":{"type":"string"},"days":{"type":"integer"}},"required":["city"]}}"""),
        Tool("""{"name":"now"}"""),
    ];

    private static ChatTool Tool(string function) => new(JsonElement.Parse($$"""{"type":"function","function":{{function}}}"""));

    private static bool? IsText(string tool, string argument) => argument == "city";

    /// <summary>How published templates write a call; the names are those of the formats.</summary>
    private static readonly Dictionary<string, string> Calls = new()
    {
        ["hermes"] = "<tool_call>\n{\"name\": \"{{ f.name }}\", \"arguments\": {{ f.arguments | tojson }}}\n</tool_call>",
        ["glm"] = "<tool_call>{{ f.name }}{% for k, v in f.arguments.items() %}\n<arg_key>{{ k }}</arg_key>\n<arg_value>{{ v if v is string else v | tojson }}"
            + "</arg_value>{% endfor %}\n</tool_call>",
        ["qwen-coder"] = "<tool_call>\n<function={{ f.name }}>\n{% for k, v in f.arguments.items() %}<parameter={{ k }}>\n{{ v }}\n</parameter>\n{% endfor %}"
            + "</function>\n</tool_call>",
        ["seed"] = "<seed:tool_call>\n<function={{ f.name }}>\n{% for k, v in f.arguments.items() %}<parameter={{ k }}>{{ v }}</parameter>\n{% endfor %}"
            + "</function>\n</seed:tool_call>",
        ["minimax"] = "<minimax:tool_call>\n<invoke name=\"{{ f.name }}\">\n{% for k, v in f.arguments.items() %}"
            + "<parameter name=\"{{ k }}\">{{ v }}</parameter>\n{% endfor %}</invoke>\n</minimax:tool_call>",
        ["minimax-m1"] = "<tool_calls>\n{\"name\": \"{{ f.name }}\", \"arguments\": {{ f.arguments | tojson }}}\n</tool_calls>",
        ["kimi"] = "<|tool_calls_section_begin|><|tool_call_begin|>functions.{{ f.name }}:{{ 0 }}<|tool_call_argument_begin|>{{ f.arguments | tojson }}"
            + "<|tool_call_end|><|tool_calls_section_end|>",
        ["deepseek"] = "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>{{ call.type }}<｜tool▁sep｜>{{ f.name }}\n```json\n{{ f.arguments | tojson }}\n```"
            + "<｜tool▁call▁end｜><｜tool▁calls▁end｜>",
        ["deepseek-v3.1"] = "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>{{ f.name }}<｜tool▁sep｜>{{ '' + f.arguments }}<｜tool▁call▁end｜><｜tool▁calls▁end｜>",
        ["command-r7b"] = "<|START_ACTION|>[\n    {\"tool_call_id\": \"{{ 0 }}\", \"tool_name\": \"{{ f.name }}\", "
            + "\"parameters\": {{ f.arguments | tojson }}}\n]<|END_ACTION|>",
        ["command-r"] = "Action:\n```json\n[\n    {\n        \"tool_name\": \"{{ f.name }}\",\n        \"parameters\": {{ f.arguments | tojson }}\n    }\n]```",
        ["nemotron"] = "<TOOLCALL>[{\"name\": \"{{ f.name }}\", \"arguments\": {{ f.arguments | tojson }}}]</TOOLCALL>",
        ["granite"] = "<|tool_call|>[{\"name\": \"{{ f.name }}\", \"arguments\": {{ f.arguments | tojson }}}]",
        ["phi-4"] = "<|tool_call|>[{\"name\": \"{{ f.name }}\", \"arguments\": {{ f.arguments | tojson }}}]<|/tool_call|>",
        ["firefunction"] = " functools[{\"name\": \"{{ f.name }}\", \"arguments\": {{ f.arguments | tojson }}}]",
        ["apertus"] = "<|tools_prefix|>[{\"{{ f.name }}\": {{ f.arguments | tojson }}}]<|tools_suffix|>",
        ["functionary-v3.1"] = "<function={{ f.name }}>{{ f.arguments | tojson }}</function>",
        ["gpt-oss"] = "<|start|>assistant to=functions.{{ f.name }}<|channel|>commentary json<|message|>{{ f.arguments | tojson }}<|call|>"
            + "{# <|channel|>analysis<|message|> #}",
        ["minicpm"] = "<function name=\"{{ f.name }}\">{% for k, v in f.arguments.items() %}<param name=\"{{ k }}\">{{ v }}</param>{% endfor %}</function>",
        ["hunyuan"] = "<tool_calls:opensource>\n<tool_call:opensource>{{ f.name }}<tool_sep:opensource>\n{% for k, v in f.arguments.items() %}"
            + "<arg_key:opensource>{{ k }}</arg_key:opensource>\n<arg_value:opensource>{{ v }}</arg_value:opensource>\n{% endfor %}</tool_call:opensource>\n"
            + "</tool_calls:opensource>",
        ["deepseek-v3.2"] = Dsml("function_calls"),
        ["deepseek-v4"] = Dsml("tool_calls"),
        ["gigachat"] = "<|function_call|>{\"name\": \"{{ f.name }}\", \"arguments\": {{ f.arguments | tojson }}}",
        ["apriel"] = "<tool_calls>[{\"name\": \"{{ f.name }}\", \"arguments\": {{ f.arguments | tojson }}, \"id\": \"{{ call.id }}\"}]</tool_calls>",
        ["functionary-v3.2"] = ">>>{{ f.name }}\n{{ f.arguments | tojson }}",
        ["llama"] = "{\"name\": \"{{ f.name }}\", \"parameters\": {{ f.arguments | tojson }}}",
        ["mistral"] = "[TOOL_CALLS][{\"name\": \"{{ f.name }}\", \"arguments\": {{ f.arguments | tojson }}, \"id\": \"{{ call.id }}\"}]",
        ["mistral-named"] = "[TOOL_CALLS]{{ f.name }}[ARGS]{{ f.arguments | tojson }}",
    };

    private static string Dsml(string block) => $$$"""
        <｜DSML｜{{{block}}}>
        <｜DSML｜invoke name="{{ f.name }}">
        {% for k, v in f.arguments.items() %}<｜DSML｜parameter name="{{ k }}" string="{{ 'true' if v is string else 'false' }}">{{ v }}</｜DSML｜parameter>
        {% endfor %}</｜DSML｜invoke>
        </｜DSML｜{{{block}}}>
        """;

    public static TheoryData<string> Names() => [.. ToolFormats.All.Select(f => f.Name)];

    private static ToolFormat Format(string name) => ToolFormats.All.Single(f => f.Name == name);

    private static ChatTemplate Template(string name, bool tellsTools = true) => new(
        (tellsTools ? "{% for tool in tools or [] %}{{ tool | tojson }}{% endfor %}" : "")
        + "{% for message in messages %}{{ message.role }}:{{ message.content or '' }}{% for call in message.tool_calls or [] %}{% set f = call.function %}"
        + Calls[name] + "{% endfor %};{% endfor %}");

    private static string Read(ToolFormat format, IEnumerable<string> pieces, bool atOnce = false, bool isCut = false)
    {
        int id = 0;
        var reader = new ReplyReader(ReasoningStart.None, format, ["weather", "now"], () => $"{id++}", atOnce, IsText);
        IEnumerable<ReplyPart> parts = [.. pieces.SelectMany(reader.Read), .. reader.Finish(isCut)];
        return string.Concat(parts.Select(p => p.Call is { } call ? $"|{call.Name}:{call.Arguments}" : p.Arguments ?? p.Text))
            .Replace(" ", "", StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_template_tells_the_format(string name)
    {
        Assert.Equal((name, true), (ToolFormatFinder.Find(Template(name)).Name, ToolFormatFinder.Find(Template(name)).TellsTools));
        if (name == "gpt-oss")
            return; // known by its words, which only a template with tools has
        Assert.Equal((name, false), (ToolFormatFinder.Find(Template(name, tellsTools: false)).Name, ToolFormatFinder.Find(Template(name, false)).TellsTools));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Calls_are_read_as_they_are_written_however_they_are_cut(string name)
    {
        ToolFormat format = Format(name);
        string one = format.Write([("weather", Ulm)]), expected = "|weather:{\"city\":\"Ulm\",\"days\":2}";
        string two = format.Write([("now", "{}"), ("weather", Ulm)]);

        for (int cut = 0; cut <= one.Length; cut++)
            Assert.Equal(expected, Read(format, [one[..cut], one[cut..]]));
        Assert.Equal(expected, Read(format, one.Select(c => c.ToString()), atOnce: true));
        if (format.Separator is not null)
            Assert.Equal("|now:{}" + expected, Read(format, two.Select(c => c.ToString())));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_call_that_a_limit_cuts_is_no_text(string name)
    {
        string one = Format(name).Write([("weather", Ulm)]);

        for (int cut = 2; cut < one.Length; cut++)
            Assert.Contains(Read(Format(name), [one[..cut]], isCut: true), new[] { "", "|weather:{\"city\":\"Ulm\",\"days\":2}" });
    }

    /// <summary>Scraps of a format in any order: nothing throws, and how the text is cut makes no difference.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void Nonsense_throws_nothing(string name)
    {
        ToolFormat format = Format(name);
        string[] scraps =
        [
            .. format.Triggers, .. format.Between, format.Open, format.ItemStart, format.NameEnd, format.ItemEnd, format.Close, "weather",
            "{\"city\": 1}", "{", "}", "\n",
            .. format.Tags is { } tags ? new[] { tags.KeyStart, tags.KeyStart[..^1], tags.KeyEnd, tags.ValueEnd, "city" } : [],
        ];
        var random = new Random(5);
        for (int i = 0; i < 500; i++)
        {
            string[] pieces = [.. Enumerable.Range(0, random.Next(12)).Select(_ => scraps[random.Next(scraps.Length)])];
            string whole = Read(format, [string.Concat(pieces)]);
            Assert.Equal(whole, Read(format, pieces));
            Read(format, pieces, atOnce: true, isCut: true);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Text_without_calls_is_text(string name) =>
        Assert.Equal("Hello,<b>you</b>[1]{\"a\":1}", Read(Format(name), ["Hello, <b>you</b> [1] {\"a\": 1}"]));

    [Theory]
    [MemberData(nameof(Names))]
    public void The_grammar_of_a_forced_call_is_what_the_format_writes(string name)
    {
        ToolFormat format = Format(name);
        var builder = new GrammarBuilder();
        new ReplyGrammar { Format = format, Tools = Tools, MustCall = true }.Write(builder);
        var reader = new GrammarReader(builder.Grammar);

        Assert.True(reader.Allows(format.Write([("weather", Ulm)])));
        Assert.True(reader.Allows(format.Write([("now", "{}")])));
        Assert.False(reader.Allows(format.Write([("other", "{}")])));
        Assert.False(reader.Allows("Hello"));
        if (format.Separator is not null)
            Assert.True(reader.Allows(format.Write([("now", "{}"), ("weather", Ulm)])));
    }

    [Fact]
    public void Tools_that_a_template_does_not_tell_of_are_told_in_the_formats_own_form()
    {
        ToolFormat format = ToolFormatFinder.Find(Template("deepseek", tellsTools: false));
        (IReadOnlyList<ChatMessage> messages, IReadOnlyList<ChatTool> tools) = ToolPrompt.Of(format,
            [
                new(ChatRole.User, "?"), new(ChatRole.Assistant, null) { ToolCalls = [new("1", "now", "{}")] },
                new(ChatRole.Tool, "12:00") { ToolCallId = "1" },
            ],
            Tools);

        Assert.Empty(tools);
        Assert.Contains("<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>function", messages[0].Content, StringComparison.Ordinal);
        Assert.Equal([ChatRole.System, ChatRole.User, ChatRole.Assistant, ChatRole.Tool], messages.Select(m => m.Role));
        Assert.Single(messages[2].ToolCalls);
    }

    [Fact]
    public void A_template_that_only_tells_of_tools_and_how_to_call_them_is_known_by_its_words()
    {
        const string Source = "{% if tools %}Call with <tool_call>\n{\"name\": NAME, \"arguments\": ARGUMENTS}\n</tool_call>{{ tools | tojson }}{% endif %}"
            + "{% for message in messages %}{{ message.role }}:{{ message.content }};{% endfor %}";
        ToolFormat format = ToolFormatFinder.Find(new ChatTemplate(Source));
        (IReadOnlyList<ChatMessage> messages, IReadOnlyList<ChatTool> tools) = ToolPrompt.Of(format,
            [new(ChatRole.User, "?"), new(ChatRole.Assistant, null) { ToolCalls = [new("1", "now", "{}")] }], Tools);

        Assert.Equal(("hermes", 2), (format.Name, tools.Count));
        Assert.Equal("<tool_call>\n{\"name\": \"now\", \"arguments\": {}}\n</tool_call>", messages[1].Content);
    }

    [Fact]
    public void What_the_prompt_has_begun_is_not_written_again()
    {
        ToolFormat format = Format("functionary-v3.2");
        string opening = format.OpeningOf("<|start_header_id|>assistant<|end_header_id|>\n\n>>>");
        var builder = new GrammarBuilder();
        new ReplyGrammar { Format = format, Tools = Tools, Opening = opening }.Write(builder);
        var grammar = new GrammarReader(builder.Grammar);

        Assert.Equal((">>>", ""), (opening, format.OpeningOf("assistant\n")));
        Assert.True(grammar.Allows("now\n{}>>>weather\n" + Ulm));
        Assert.True(grammar.Allows("all\nHello"));
        Assert.Equal("Hello", Text("all\nHello", []));
        Assert.Equal("Hi|now{}", Text("all\nHi>>>now\n{}", ["now"]));
        Assert.Equal("|now{}", Text("now\n{}", ["now"]));

        string Text(string reply, string[] tools)
        {
            var reader = new ReplyReader(ReasoningStart.None, format, tools, () => "1", opening: opening);
            ReplyPart[] parts = [.. reply.SelectMany(c => reader.Read($"{c}")), .. reader.Finish()];
            return string.Concat(parts.Select(p => p.Text ?? $"|{p.Call!.Name}{p.Call.Arguments}"));
        }
    }

    [Fact]
    public void Tools_by_another_name_are_told_by_it()
    {
        var template = new ChatTemplate("{% if xml_tools %}{{ xml_tools | tojson }} <tool_call>{\"name\": N, \"arguments\": A}</tool_call>{% endif %}"
            + "{% for message in messages %}{{ message.content }}{% endfor %}");

        Assert.Contains("[{\"name\": \"weather\"", template.Render([new(ChatRole.User, "?")], Tools).Text, StringComparison.Ordinal);
        Assert.Equal("hermes", ToolFormatFinder.Find(template).Name);
    }

    [Fact]
    public void The_other_template_of_a_model_is_used_when_there_are_tools()
    {
        var template = new ChatTemplate("{% for message in messages %}plain:{{ message.content }};{% endfor %}") { ToolUse = Template("hermes") };

        Assert.Equal("plain:?;", template.Render([new(ChatRole.User, "?")]).Text);
        Assert.EndsWith("user:?;", template.Render([new(ChatRole.User, "?")], Tools).Text, StringComparison.Ordinal);
        Assert.Equal("hermes", ToolFormatFinder.Find(template).Name);
    }
}
