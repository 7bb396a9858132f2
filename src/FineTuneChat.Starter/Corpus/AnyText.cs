using System.Text;

namespace FineTuneChat.Starter.Corpus;

/// <summary>
/// Texts without rhyme or reason: words in any order, marks, file names, code, numbers, other scripts. Who copies them has to write every token of the
/// vocabulary, so that none stays without a direction of its own in the head.
/// </summary>
internal static class AnyText
{
    private static readonly string[] Short = ["name", "person", "word", "code", "company", "phone", "email", "time", "price", "digits", "number", "date"];

    private static readonly string[] Marks =
        ("[ ] { } _ \" # / ; < = > ` ( ) * + - . , : "
        + "| \\ & % $ @ ! ~ ^ ' « » “ ” ‘ ’ … – — • · € £ ¥ ° § × ÷ ± ≤ ≥ ≠ → ← ✓ ✗ "
        + "[] () {} <> == != <= >= => -> && || // /* */ -- ++ += ## ### ** __ ``` \"\" '' :: ... ); }; }, ], \": \", \"}] {\" [{ }} ]] </ />").Split(' ');

    private static readonly string[] Endings = "txt md json csv pdf cs py js html css xml yml sql png jpg zip log xlsx docx gguf".Split(' ');

    private static readonly string[] Glue = "_ _ _ - - . / \" ' ( [ : , + = | 1 7".Split(' ');

    private static readonly string[] Code =
    [
        "{a} = {b}({n}, \"{c}\");", "if ({a} < {n}) { {b} += 1; }", "for (int i = 0; i < {n}; i++) {b}[i] = i * {n};",
        "def {a}({b}, {c}=None):\n    return {b} + {n}",
        "<{a} class=\"{b}\">{c}</{a}>", "SELECT {a}, {b} FROM {c} WHERE {a} = {n};", "#include <{a}.h>", "var {a} = new {B}<{C}>();", "`{a}`",
        "**{a}** and _{b}_",
        "- [ ] {a}\n- [x] {b}", "| {a} | {b} |\n|---|---|\n| {n} | {c} |", "[{a}](https://www.{b}.com/{c}?id={n}#{a})", "git commit -m \"{a} {b}\"",
        "{\"{a}\": {n}, \"{b}\": [\"{c}\", true, null]}", "{ \"{a}\": \"{b}\" }", "[{n}, {n}, -{n}.5]", "{a}_{b}_{c}", "{a}.{b}.{C}", "${a} && {b}",
        "/{a}/{b}/{c}.{e}",
        "C:\\{A}\\{b}\\{c}.{e}", "{a}-{b}.{e}", "{A}{B}.{e}", "~/{a}/{b}_{n}.{e}", "https://{a}.org/{b}", "{a}@{b}.com", "# {A}\n\n{b}",
        "1. {a}\n2. {b}\n3. {c}",
        "\"{a}\", '{b}'", "{a}: {b}\n{c}: {n}", "{a},{b},{c}\n{n},{n},{n}", "console.log(\"{a}\");", "print(f\"{a}: {\" + {b} + \"}\")", "{n} % {n} == 0",
        "#{a} #{b} @{c}", "{n}/{n} = {n}.{n}", "while (!{a}) { {b}(); }", "public int {A} { get; set; }", "<!-- {a} -->", "{a} => {b}.{C}()",
        "x^2 + {n}x - {n} = 0",
    ];

    private static readonly (int Item, double Weight)[] Lengths = [(0, 0.6), (1, 0.16), (2, 0.12), (3, 0.12)];

    private static readonly (int First, int Last)[] Scripts =
    [
        (0xC0, 0x17F), (0x391, 0x3C9), (0x410, 0x44F), (0x5D0, 0x5EA), (0x621, 0x64A), (0x905, 0x939), (0xE01, 0xE2E), (0x3041, 0x3096), (0x30A1, 0x30FA),
        (0x4E00, 0x9FA0), (0xAC00, 0xD7A3), (0x1F300, 0x1F64F), (0x1F680, 0x1F6C5), (0x2190, 0x21FF), (0x2200, 0x22FF), (0x2600, 0x26FF),
    ];

    public static string Draw(CorpusRandom random, Language language) => random.Below(20) switch
    {
        < 4 => string.Join(' ', Enumerable.Range(0, random.Between(1, 3)).Select(_ => Values.Draw(random.Pick(Short), random, language))),
        < 8 => string.Join(random.Chance(0.9) ? " " : "\n", Enumerable.Range(0, random.Between(3, 12)).Select(_ => Lexicon.Any(random))),
        < 10 => string.Join(random.Chance(0.6) ? " " : "", Enumerable.Range(0, random.Between(2, 8)).Select(_ => random.Pick(Marks))),
        < 12 => CodeLine(random, language),
        < 17 => Glued(random),
        17 => string.Join(' ', Enumerable.Range(0, random.Between(1, 4)).Select(_ => $"{random.Below(random.Chance(0.5) ? 100 : 10_000)}")),
        _ => Foreign(random),
    };

    /// <summary>Words and pieces of words with marks in place of blanks, as in names of files and variables.</summary>
    private static string Glued(CorpusRandom random) =>
        string.Concat(Enumerable.Range(0, random.Between(2, 10)).Select(i => (i == 0 ? "" : random.Pick(Glue)) + Lexicon.Fragment(random)));

    private static string CodeLine(CorpusRandom random, Language language)
    {
        var text = new StringBuilder();
        var template = random.Pick(Code);
        for (var i = 0; i < template.Length; i++)
        {
            if (i + 2 < template.Length && template[i] == '{' && template[i + 2] == '}' && Part(template[i + 1]) is { } part)
            {
                text.Append(part);
                i += 2;
            }
            else
            {
                text.Append(template[i]);
            }
        }
        return text.ToString();

        string? Part(char slot) => slot switch
        {
            'n' => $"{random.Below(1000)}",
            'e' => random.Pick(Endings),
            'a' or 'b' or 'c' => Word(),
            'A' or 'B' or 'C' => Template.Capitalised(Word()),
            _ => null,
        };

        string Word() => random.Chance(0.5) ? Lexicon.Words(1, random, language) : Lexicon.Fragment(random);
    }

    /// <summary>Letters of another script, or any characters at all.</summary>
    private static string Foreign(CorpusRandom random)
    {
        var (first, last) = random.Pick(Scripts);
        var isAny = random.Chance(0.5);
        return string.Concat(Enumerable.Range(0, random.Between(1, 8))
            .Select(_ => (isAny ? AnyRune(random) : new Rune(random.Between(first, last))).ToString()));
    }

    private static Rune AnyRune(CorpusRandom random)
    {
        // Of all lengths in UTF-8; the shortest are the most often drawn, because control characters have no other place.
        int[] ends = [0x80, 0x800, 0x10000, 0x110000];
        var length = random.Pick(Lengths);
        Rune rune;
        while (!Rune.TryCreate(random.Between(length == 0 ? 1 : ends[length - 1], ends[length] - 1), out rune) || rune.Value is '\r' or 0xFEFF)
        {
        }
        return rune;
    }
}
