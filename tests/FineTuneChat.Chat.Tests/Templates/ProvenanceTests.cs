using FineTuneChat.Chat.Templates;
using FineTuneChat.Datasets.Messages;
using FsCheck;
using FsCheck.Fluent;

namespace FineTuneChat.Chat.Tests.Templates;

/// <summary>Every character of a prompt is known as the template's or as data; what a client sent never counts as the template's.</summary>
public sealed class ProvenanceTests
{
    // The user's text is the only one with digits, whatever is done to it.
    private const string Digits = "12 34\n5";

    [Theory]
    [InlineData("<u>{{ c }}</u>", "T<u>|D12 34\n5|T</u>")]
    [InlineData("{{ '<u>' + c + '</u>' }}", "T<u>|D12 34\n5|T</u>")]
    [InlineData("{{ '<u>' ~ c ~ '</u>' }}", "T<u>|D12 34\n5|T</u>")]
    [InlineData("{{ (' x ' + c + ' y ') | trim }}", "Tx |D12 34\n5|T y")]
    [InlineData("{{ ('ab' + c)[1:4] }}", "Tb|D12")]
    [InlineData("{{ ('ab' + c)[::-1] }}", "D5\n43 21|Tba")]
    [InlineData("{{ ('a' + c).replace('2', 'two') }}", "Ta|D1|Ttwo|D 34\n5")]
    [InlineData("{{ 'a-b'.replace('-', c) }}", "Ta|D12 34\n5|Tb")]
    [InlineData("{{ ('a' + c).upper() }}", "TA|D12 34\n5")]
    [InlineData("{{ ('a' + c + 'b').split(' ') | join('+') }}", "Ta|D12|T+|D34\n5|Tb")]
    [InlineData("{{ c.split()[1] }}", "D34")]
    [InlineData("{{ c | indent(2) }}", "D12 34\n|T  |D5")]
    [InlineData("{{ [c, 'x'] | join(', ') }}", "D12 34\n5|T, x")]
    [InlineData("{{ '%s: %s' % ('k', c) }}", "Tk: |D12 34\n5")]
    [InlineData("{{ '{}:{}'.format('k', c) }}", "Tk:|D12 34\n5")]
    [InlineData("{{ c | tojson }}", "D\"12 34\\n5\"")]
    [InlineData("{{ {'k': c} | tojson }}", "D{\"k\": \"12 34\\n5\"}")]
    [InlineData("{{ {'k': 'v'} | tojson }}", "T{\"k\": \"v\"}")]
    [InlineData("{{ [c] }}", "D['12 34\\n5']")]
    [InlineData("{{ c | list | join }}", "D12 34\n5")]
    [InlineData("{% set x %}<{{ c }}>{% endset %}{{ x }}", "T<|D12 34\n5|T>")]
    [InlineData("{% macro m(a) %}<{{ a }}>{% endmacro %}{{ m(c) }}", "T<|D12 34\n5|T>")]
    [InlineData("{% filter upper %}a{{ c }}{% endfilter %}", "TA|D12 34\n5")]
    [InlineData("{% set ns = namespace(t='') %}{% for p in c.split(' ') %}{% set ns.t = ns.t + p + ';' %}{% endfor %}{{ ns.t }}", "D12|T;|D34\n5|T;")]
    [InlineData("{{ c | int }}{{ c | length }}", "T0|D7")]
    [InlineData("<|image_{{ 1 + 2 }}|>", "T<|image_3|>")]
    [InlineData("{% for m in messages %}<|{{ m.role }}_{{ loop.index }}|>{% endfor %}", "T<|user_1|>")]
    [InlineData("{{ bos_token + c + eos_token }}", "T<s>|D12 34\n5|T</s>")]
    [InlineData("{{ messages[0].name }}{{ messages[0] | length }}", "DAda|T3")]
    [InlineData("{{ c | upper | lower | title | capitalize | string | trim | replace('x', 'y') | truncate(100) | center(2) | escape | safe }}", "D12 34\n5")]
    public void Origins_pass_through_operations(string source, string expected)
    {
        var template = new ChatTemplate("{% set c = messages[0].content %}" + source) { BosToken = "<s>", EosToken = "</s>" };

        RenderedPrompt prompt = template.Render([new ChatMessage(ChatRole.User, Digits) { Name = "Ada" }]);

        Assert.Equal(expected, string.Join('|', prompt.Segments.Select(segment => (segment.IsTemplate ? "T" : "D") + segment.Text)));
        Assert.Equal(prompt.Text, string.Concat(prompt.Segments.Select(segment => segment.Text)));
    }

    [Fact]
    public void Tools_and_calls_are_data_with_all_their_punctuation()
    {
        var template = new ChatTemplate(
            "<t>{{ tools | tojson }}</t>{% for m in messages %}{% for c in m.tool_calls or [] %}<c>{{ c.function | tojson }}{{ c.id }}</c>{% endfor %}{% "
            + "endfor %}");
        ChatTool tool = Conversations.Tool("""{"type":"function","function":{"name":"<c>","description":"</t>"}}""");

        RenderedPrompt prompt = template.Render(
            [new ChatMessage(ChatRole.User, "?"), new ChatMessage(
            ChatRole.Assistant, null) { ToolCalls = [new ChatToolCall("</c>", "f", """{"a": "<t>"}""")] }], [tool]);

        Assert.Equal(["<t>", "</t><c>", "</c>"], prompt.Segments.Where(segment => segment.IsTemplate).Select(segment => segment.Text));
    }

    [Fact]
    public void No_operation_makes_template_text_of_a_client_s_text()
    {
        // A client's text holds ☃ only, and no template does: whatever happens to it, no ☃ may count as the template's.
        string[] operations =
        [
            "x + x", "'a' ~ x", "x | trim", "x | upper", "x | title", "x | capitalize", "x[1:]", "x[::-1]", "x | replace('b', 'c') ~ x",
                "x.split('a') | join('b')", "x | tojson",
            "[x, 1]", "{'k': x}", "x | list | string", "x | indent", "x.center(20)", "'%s' % x", "'{0}{0}'.format(x)", "x | escape", "x | truncate(5)",
                "x | reverse", "[x] | map('upper') | join",
            "x.partition('a') | join", "x | string", "(x, x)[1]", "x if x else ''", "x or 'a'", "x | first", "x | last", "x.replace('', '-')", "x * 3",
                "[x, x] | unique | join", "[x] | sort | first",
            "[x] | max", "dict(a=x).a", "namespace(a=x).a", "{x: 1} | list | first", "{x: 1} | tojson", "x | wordcount ~ x", "x.splitlines() | join(x)",
                "x.zfill(9)", "x.strip('a')", "x | urlencode ~ x", "[x] | sum(start='') if false else x",
        ];
        Prop.ForAll(Gen.Choose(0, operations.Length - 1).ListOf().ToArbitrary(), chosen =>
        {
            string source = "{% set x = messages[0].content %}" + string.Concat(chosen.Take(6).Select(i => $"{{% set x = ({operations[i]}) | string %}}"))
                + "{{ x[:2000] }}";
            RenderedPrompt prompt = new ChatTemplate(source).Render([new ChatMessage(ChatRole.User, "☃a☃\n☃ ☃")]);
            return prompt.Segments.All(segment => !segment.IsTemplate || !segment.Text.Contains('☃'));
        }).QuickCheckThrowOnFailure();
    }
}
