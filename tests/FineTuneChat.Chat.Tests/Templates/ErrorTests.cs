using FineTuneChat.Chat.Templates;
using FineTuneChat.Datasets.Messages;
using FineTuneChat.Templates;

namespace FineTuneChat.Chat.Tests.Templates;

/// <summary>Errors say where, what, and what is allowed.</summary>
public sealed class ErrorTests
{
    [Theory]
    [InlineData("a\n  {% foreach x in y %}", 2, 6, "'foreach' is unknown; allowed are for, if, set, macro")]
    [InlineData("{{ 'abc }}", 1, 4, "this string has no end")]
    [InlineData("{% if a %}\n{% for b in c %}\n{% endif %}", 3, 1, "'{% endfor %}' expected, to close 'for', but 'endif' stands here")]
    [InlineData("{% if a %}", 1, 11, "'{% endif %}' expected, to close 'if', but the end of the template stands here")]
    [InlineData("x{% endfor %}", 1, 5, "'endfor' stands here without the block that it belongs to")]
    [InlineData("{{ 1 + }}", 1, 8, "a value (a name, a string, a number, a list, a dict or an expression in parentheses) expected")]
    [InlineData("{{ a b }}", 1, 6, "an operator or '}}' expected after this expression, but 'b' stands here")]
    [InlineData("{{ a $ b }}", 1, 6, "the character '$' has no meaning inside a tag")]
    [InlineData("\n\n{{ a", 3, 1, "this tag has no end; it is closed by '}}'")]
    [InlineData("{# a", 1, 1, "this comment has no end")]
    [InlineData("{% raw %} a", 1, 1, "this raw block has no end")]
    [InlineData("{% break %}", 1, 4, "'break' and 'continue' stand inside a loop only")]
    [InlineData("{{ [1, 2) }}", 1, 9, "')' closes a bracket that is not open")]
    [InlineData("{{ 999999999999999999999999999999999999999999 }}", 1, 4, "no whole number of at most 127 bits")]
    [InlineData("{% for loop in x %}{% endfor %}", 1, 8, "choose another name")]
    [InlineData("{% include 'secrets' %}", 1, 4, "the statement 'include' is unknown")]
    public void A_template_that_cannot_be_read_is_refused_with_place_and_remedy(string source, int line, int column, string message)
    {
        TemplateException e = Assert.Throws<TemplateException>(() => new ChatTemplate(source));

        Assert.Equal((TemplateError.Syntax, line, column), (e.Error, e.Line, e.Column));
        Assert.Contains(message, e.Message);
        Assert.StartsWith($"Template, line {line}, column {column}: ", e.Message);
    }

    [Theory]
    [InlineData("{{ messages | nofilter }}", 15, "the filter 'nofilter' is unknown; allowed are abs, attr, batch")]
    [InlineData("{{ messages is notest }}", 13, "the test 'notest' is unknown; allowed are !=, <, <=")]
    [InlineData("{{ x.y }}", 5, "'x' is undefined")]
    [InlineData("{{ messages[0].nothing.more }}", 23, "this dict has no 'nothing'")]
    [InlineData("{{ 'a' + 1 }}", 8, "'+' does not work between str and int")]
    [InlineData("{{ 1 < 'a' }}", 4, "'<' does not work between int and str")]
    [InlineData("{% for x in 5 %}{% endfor %}", 4, "int cannot be looped over; a list, a tuple, a dict or a string can")]
    [InlineData("{{ messages.append(1) }}", 19, "'append' would change a list; a template can change nothing but a namespace()")]
    [InlineData("{{ messages[0].update({}) }}", 22, "'update' would change a dict")]
    [InlineData("{% set messages.x = 1 %}", 8, "only attributes of a namespace() can be set")]
    [InlineData("{{ 'a'.upper }}{{ 'a'.nothing() }}", 30, "this str has no 'nothing'")]
    [InlineData("{% macro m(a) %}{% endmacro %}{{ m(1, 2) }}", 35, "'m' takes 1 arguments, not 2")]
    [InlineData("{% macro m(a) %}{% endmacro %}{{ m(b=2) }}", 35, "'m' has no argument 'b'; allowed: a")]
    [InlineData("{{ 'a'.split(on='b') }}", 13, "the argument 'on' is unknown, allowed: sep, maxsplit")]
    [InlineData("{% set a, b = [1] %}", 8, "1 values cannot be bound to 2 names")]
    [InlineData("{{ 1 // 0 }}", 6, "division by zero")]
    [InlineData("{{ '%d' % 'x' }}", 9, "'%d' needs a number, not str")]
    [InlineData("{{ [1, 'a'] | sort }}", 15, "'<' does not work between")]
    [InlineData("{{ range | tojson }}", 12, "function cannot be written as JSON")]
    public void A_template_that_fails_says_where_and_why(string source, int column, string message)
    {
        TemplateException e = Assert.Throws<TemplateException>(() => new ChatTemplate("\n" + source).Render([new ChatMessage(ChatRole.User, "Hi")]));

        Assert.Equal((TemplateError.Evaluation, 2, column), (e.Error, e.Line, e.Column));
        Assert.Contains(message, e.Message);
    }

    [Fact]
    public void A_template_that_refuses_a_conversation_says_so_in_its_own_words()
    {
        var template = new ChatTemplate("{% if messages | length < 5 %}{{ raise_exception('Say more!') }}{% endif %}{{ messages[0].content }}");

        TemplateException e = Assert.Throws<TemplateException>(() => template.Render([new ChatMessage(ChatRole.Assistant, "Hi")]));

        Assert.Equal((TemplateError.Raised, "Say more!"), (e.Error, e.Reason));
    }

    [Theory]
    [InlineData("{{ ''.__class__.__mro__ }}")]
    [InlineData("{{ messages.__class__ }}{{ self.__init__.__globals__ }}")]
    [InlineData("{{ cycler.__init__.__globals__.os.popen('id').read() }}")]
    [InlineData("{{ namespace.__init__ }}{{ ().GetType().Assembly }}")]
    [InlineData("{{ 'x'.GetType() }}")]
    [InlineData("{{ 'x'['GetType']() }}")]
    [InlineData("{{ '{0.__class__.__init__.__globals__}'.format(range) }}")]
    [InlineData("{{ messages | attr('__class__') | attr('__subclasses__') }}")]
    public void Ways_out_of_the_sandbox_lead_nowhere(string source)
    {
        string text = "";
        try
        {
            text = new ChatTemplate(source).Render([new ChatMessage(ChatRole.User, "Hi")]).Text;
        }
        catch (TemplateException)
        {
            // Refused: as good.
        }
        Assert.Equal("", text);
    }
}
