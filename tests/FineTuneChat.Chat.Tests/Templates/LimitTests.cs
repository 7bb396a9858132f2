using FineTuneChat.Chat.Templates;
using FineTuneChat.Datasets.Messages;
using FineTuneChat.Templates;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Chat.Tests.Templates;

/// <summary>Templates that mean harm: each ends in an error, soon, and the process lives.</summary>
public sealed class LimitTests
{
    [Theory]
    [InlineData("{{ range(1000000000) | length }}")]
    [InlineData("{{ range(-100000000000000000000, 100000000000000000000) }}")]
    [InlineData("{% for i in range(100000) %}{% for j in range(100000) %}{% endfor %}{% endfor %}")]
    [InlineData("{% macro f(n) %}{{ f(n + 1) }}{% endmacro %}{{ f(0) }}")]
    [InlineData("{% macro f() %}{% call f() %}{% endcall %}{% endmacro %}{{ f() }}")]
    [InlineData("{% for x in [[[1]]] recursive %}{{ loop([[1]]) }}{% endfor %}")]
    [InlineData("{{ 'a' * 1000000000 }}")]
    [InlineData("{{ ['a'] * 1000000000 }}")]
    [InlineData("{{ 'x'.center(1000000000000) }}")]
    [InlineData("{{ '%999999999s' % 'x' }}")]
    [InlineData("{{ '{:>999999999}'.format('x') }}")]
    [InlineData("{{ 'a\nb' | indent(2000000000) }}")]
    [InlineData("{% set ns = namespace(s='x') %}{% for i in range(100) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}")]
    [InlineData("{% set ns = namespace(s='x' * 100000) %}{{ ns.s.replace('x', ns.s) }}")]
    [InlineData("{% set ns = namespace(l=[1]) %}{% for i in range(100) %}{% set ns.l = ns.l + ns.l %}{% endfor %}")]
    [InlineData("{% set ns = namespace(l=[]) %}{% for i in range(100000) %}{% set ns.l = [ns.l] %}{% endfor %}{{ ns.l }}")]
    [InlineData("{% set ns = namespace(l=[]) %}{% for i in range(40) %}{% set ns.l = [ns.l, ns.l] %}{% endfor %}{{ ns.l | tojson }}")]
    [InlineData("{% set ns = namespace(l=[]) %}{% for i in range(40) %}{% set ns.l = [ns.l, ns.l] %}{% endfor %}{{ ns.l }}")]
    [InlineData(
        "{% set ns = namespace(a=[], b=[]) %}{% for i in range(40) %}{% set ns.a = [ns.a, ns.a] %}{% set ns.b = [ns.b, ns.b] %}{% endfor %}{{ ns.a == ns.b }}")]
    [InlineData("{% set ns = namespace(n=2) %}{% for i in range(100) %}{% set ns.n = ns.n ** ns.n %}{% endfor %}{{ ns.n }}")]
    [InlineData("{% set s = 'ab' * 1000000 %}{% for i in range(100000) %}{{ s[::-1] | length }}{% endfor %}")]
    [InlineData("{% set s = 'ab' * 1000000 %}{% for i in range(100000) %}{% if 'ba' * 10 + 'c' in s %}{% endif %}{% endfor %}")]
    [InlineData("{% for i in range(100000) %}{{ range(100000) | list | sort }}{% endfor %}")]
    [InlineData("{{ range(-(2 ** 126) - 2 ** 126, 2 ** 126) }}")]
    [InlineData("{{ 'ab' * (2 ** 126) }}")]
    [InlineData("{{ 'x'.center(-(2 ** 126) - 2 ** 126) }}{{ '{:d}'.format(-(2 ** 126) - 2 ** 126) }}{{ (2 ** 126) * 4 }}")]
    [InlineData("{{ 'a' * 2000000 }}")] // much from little
    [InlineData("{{ strftime_now('%c' * 400000) }}")]
    [InlineData("{% set f = '%c' * 100 %}{% for i in range(100000) %}{{ strftime_now(f) }}{% endfor %}")]
    [InlineData("{% set s = 'a' * 900000 %}{% set ns = namespace(l=[]) %}{% for i in range(2000) %}{% set ns.l = ns.l + [s[1:]] %}{% endfor %}")]
    [InlineData("{% set s = ' a' * 450000 %}{% set ns = namespace(l=[]) %}{% for i in range(2000) %}{% set ns.l = ns.l + [s | trim] %}{% endfor %}")]
    [InlineData("{% set s = 'a' * 900000 %}{% set ns = namespace(l=[]) %}{% for i in range(2000) %}{% set ns.l = ns.l + [s.partition('a')] %}{% endfor %}")]
    public void A_hostile_template_is_stopped(string source)
    {
        TemplateException e = Assert.Throws<TemplateException>(
            () => new ChatTemplate(source, Short) { Time = new SteppingTime(0) }.Render(new Dictionary<string, Value>()));

        Assert.Equal(TemplateError.Limit, e.Error); // by what is counted: this clock stands still
    }

    [Theory]
    [InlineData("(")]
    [InlineData("[")]
    [InlineData("{1:")]
    [InlineData("-")]
    [InlineData("not ")]
    [InlineData("a[")]
    [InlineData("a(")]
    [InlineData("a|f(")]
    [InlineData("a if ")]
    [InlineData("1 ** ")]
    public void Nesting_without_end_is_refused(string part)
    {
        string expression = "{{ " + string.Concat(Enumerable.Repeat(part, 100_000));

        Assert.Throws<TemplateException>(() => new ChatTemplate(expression + " }}").Render(new Dictionary<string, Value>()));
    }

    [Theory]
    [InlineData("{% if true %}")]
    [InlineData("{% for a in [1] %}")]
    [InlineData("{% set x %}")]
    [InlineData("{% for ((((((((((")]
    public void Blocks_without_end_are_refused(string part) =>
        Assert.Throws<TemplateException>(() => new ChatTemplate(string.Concat(Enumerable.Repeat(part, 20_000))));

    [Theory]
    [InlineData(" + 1", "1")]
    [InlineData(".b", "a")]
    [InlineData("|string", "1")]
    [InlineData(" or 0", "0")]
    [InlineData("[0]", "'a'")]
    [Trait(Tier.Name, Tier.Slow)]
    public void A_chain_as_long_as_a_template_may_be_ends_in_a_value_or_an_error(string part, string start)
    {
        var template = new ChatTemplate("{{ " + start + string.Concat(Enumerable.Repeat(part, 200_000 / part.Length)) + " }}");

        Exception? e = Record.Exception(() => template.Render(new Dictionary<string, Value>()));

        Assert.True(e is null or TemplateException, e?.ToString());
    }

    [Theory]
    [InlineData("{{ [1, 2, 3][1::2 ** 126] }}{{ 'abc'[::-(2 ** 126)] }}{{ [1][2 ** 126] }}", "[2]c")]
    [InlineData("{{ 'a'.ljust(-(2 ** 126)) }}{{ 'abc'.split('b', 2 ** 126) }}", "a['a', 'c']")]
    [InlineData("{{ (2 ** 126) % -3 }}{{ '%x' % -255 }}{{ 5 | round(2 ** 100) }}", "-2-ff5")]
    public void Numbers_at_the_edge_give_what_smaller_ones_give(string source, string expected) =>
        Assert.Equal(expected, new ChatTemplate(source).Render(new Dictionary<string, Value>()).Text);

    [Fact]
    public void Macros_of_deep_blocks_that_call_each_other_are_stopped()
    {
        string open = string.Concat(Enumerable.Repeat("{% for i in [1] %}", 150));
        string close = string.Concat(Enumerable.Repeat("{% endfor %}", 150));

        TemplateException e = Assert.Throws<TemplateException>(
            () => new ChatTemplate($"{{% macro f() %}}{open}{{{{ f() }}}}{close}{{% endmacro %}}{{{{ f() }}}}").Render(new Dictionary<string, Value>()));

        Assert.Equal(TemplateError.Limit, e.Error);
    }

    [Fact]
    public void Rendering_longer_than_allowed_is_stopped()
    {
        var time = new SteppingTime(1);
        var template = new ChatTemplate("{% for i in range(100000) %}{{ i }}{% endfor %}",
            TemplateLimits.Default with { Time = TimeSpan.FromSeconds(3) })
        { Time = time };

        TemplateException e = Assert.Throws<TemplateException>(() => template.Render(new Dictionary<string, Value>()));

        Assert.Contains("3 seconds", e.Message);
    }

    [Fact]
    public void What_may_be_written_grows_with_what_there_is_to_write()
    {
        var template = new ChatTemplate("{{ messages[0].content }}{{ messages[0].content }}");

        Assert.Equal(6_000_000, template.Render([new ChatMessage(ChatRole.User, new string('x', 3_000_000))]).Text.Length);
    }

    [Fact]
    public void A_message_that_a_template_chooses_is_cut()
    {
        var template = new ChatTemplate("{{ raise_exception('x' * 1000000) }}");

        Assert.InRange(Assert.Throws<TemplateException>(() => template.Render(new Dictionary<string, Value>())).Message.Length, 1000, 1100);
    }

    [Fact]
    public void A_source_longer_than_allowed_is_refused() =>
        Assert.Equal(TemplateError.Limit, Assert.Throws<TemplateException>(() => new ChatTemplate(new string('x', (1 << 20) + 1))).Error);

    [Fact]
    public void A_conversation_of_a_thousand_long_messages_stays_far_below_the_limits()
    {
        ChatMessage[] messages = [.. Enumerable.Range(0, 1000).Select(
            i => new ChatMessage(i % 2 == 0 ? ChatRole.User : ChatRole.Assistant, new string('x', 4000)))];

        RenderedPrompt prompt = new ChatTemplate(ChatTemplate.ChatMl).Render(messages);

        Assert.True(prompt.Text.Length > 4_000_000);
    }

    private static TemplateLimits Short { get; } = TemplateLimits.Default with { Steps = 2_000_000, BuiltText = 1 << 26 };

    /// <summary>A clock that goes on by some seconds at each look.</summary>
    private sealed class SteppingTime(long step) : TimeProvider
    {
        private long _seconds;

        public override long TimestampFrequency => 1;

        public override long GetTimestamp() => _seconds += step;
    }
}
