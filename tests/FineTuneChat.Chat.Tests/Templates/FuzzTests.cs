using FineTuneChat.Chat.Templates;
using FineTuneChat.Datasets.Messages;
using FineTuneChat.Templates;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Chat.Tests.Templates;

/// <summary>Templates of any text end in a prompt or in a <see cref="TemplateException"/>, never in anything else.</summary>
[Trait(Tier.Name, Tier.Slow)]
public sealed class FuzzTests
{
    private static readonly string[] Pieces =
    [
        "{{", "}}", "{%", "%}", "{#", "#}", "{{-", "-}}", "{%-", "-%}", "{%+", "for", "in", "if", "elif", "else", "endif", "endfor", "set", "endset", "macro",
            "endmacro", "call", "endcall",
        "filter", "endfilter", "with", "endwith", "raw", "endraw", "generation", "endgeneration", "break", "continue", "recursive", "not", "and", "or", "is",
            "defined", "none", "true", "loop",
        "messages", "m", "x", "y", "content", "range", "namespace", "ns", ".", ",", ":", "=", "==", "+", "-", "*", "/", "//", "%", "**", "~", "|", "(", ")",
            "[", "]", "{", "}", "<", ">=", "!=",
        "'a'", "\"b\"", "'", "\"", "\\", "0", "1", "2.5", "1e9", "0x1f", "99999999999999999999999999999999999999999999", "upper", "tojson", "join", "sort",
            "map", "split", "format", "replace",
        "items", "length", " ", "\n", "\r\n", "\t", "é", "🙂", "\ud83d", "\0", "{{ x }}", "{% for m in messages %}", "{% endfor %}", "{{ m.content }}",
            "{% set x = messages %}", "{% if x %}", "{% endif %}",
        "{{ x | ", "{{ messages[0]", "loop.index", "'%s' % x", "'{}'.format(x)", "x[1:]", "x[::-1]", "raise_exception('x')", "strftime_now('%Y')", "caller()",
            "loop(x)", "varargs", "kwargs",
    ];

    private static readonly TemplateLimits Short = TemplateLimits.Default with
    {
        Steps = 50_000,
        BuiltText = 1 << 22,
        TextLength = 1 << 20,
        Time = TimeSpan.FromSeconds(2)
    };

    [Fact]
    public void Soup_of_template_syntax_ends_in_a_prompt_or_a_template_error()
    {
        var random = new Random(20261120);
        int rendered = 0;
        for (int i = 0; i < 20_000 * Scale.Factor; i++)
            rendered += Render(string.Concat(Enumerable.Range(0, random.Next(1, 30)).Select(_ => Pieces[random.Next(Pieces.Length)]))) ? 1 : 0;
        Assert.True(rendered > 0);
    }

    [Fact]
    public void Damaged_templates_end_in_a_prompt_or_a_template_error()
    {
        var random = new Random(20261121);
        string folder = Path.Combine(Repository.Root, "tests", "FineTuneChat.Chat.Tests", "Templates", "Samples");
        foreach (string file in Directory.GetFiles(folder, "*.jinja"))
        {
            string source = File.ReadAllText(file);
            for (int i = 0; i < 300 * Scale.Factor; i++)
                Render(Damage(source, random));
        }
    }

    private static string Damage(string source, Random random)
    {
        int at = random.Next(source.Length);
        int length = random.Next(Math.Min(20, source.Length - at));
        return random.Next(3) switch
        {
            0 => source.Remove(at, length),
            1 => source.Insert(at, Pieces[random.Next(Pieces.Length)]),
            _ => source.Insert(random.Next(source.Length), source.Substring(at, length)),
        };
    }

    private static bool Render(string source)
    {
        try
        {
            RenderedPrompt prompt = new ChatTemplate(source, Short).Render(
                [new ChatMessage(ChatRole.User, "Hi"), new ChatMessage(ChatRole.Assistant, "Hello"), new ChatMessage(ChatRole.User, "🙂")]);
            Assert.Equal(prompt.Text, string.Concat(prompt.Segments.Select(segment => segment.Text)));
            return true;
        }
        catch (TemplateException)
        {
            return false;
        }
    }
}
