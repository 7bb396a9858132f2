namespace FineTuneChat.Starter.Corpus.Skills;

/// <summary>Which of two numbers to 100 is larger or smaller.</summary>
internal sealed class ComparisonSkill : ISkill
{
    private static readonly Dictionary<(Language, bool Larger), (string[] Questions, string Answer)> Forms = new()
    {
        [(Language.En, true)] =
        ([
            "Which is larger, {a} or {b}?", "Which is bigger, {a} or {b}?", "Which number is larger, {a} or {b}?", "Which number is greater: {a} or {b}?",
            "What is larger, {a} or {b}?", "Which is more, {a} or {b}?", "Tell me the larger number: {a} or {b}.", "Is {a} or {b} larger?",
        ], "{x} is larger than {y}."),
        [(Language.En, false)] =
        ([
            "Which is smaller, {a} or {b}?", "Which number is smaller, {a} or {b}?", "Which is less, {a} or {b}?", "What is smaller, {a} or {b}?",
            "Which number is lower: {a} or {b}?", "Tell me the smaller number: {a} or {b}.", "Is {a} or {b} smaller?", "Of {a} and {b}, which is smaller?",
        ], "{x} is smaller than {y}."),
        [(Language.Es, true)] =
        ([
            "¿Cuál es mayor, {a} o {b}?", "¿Qué número es mayor, {a} o {b}?", "¿Cuál es más grande, {a} o {b}?", "¿Qué es más, {a} o {b}?",
            "¿Qué es mayor, {a} o {b}?", "Dime el número mayor: {a} o {b}.", "¿Es mayor {a} o {b}?", "Entre {a} y {b}, ¿cuál es mayor?",
        ], "{x} es mayor que {y}."),
        [(Language.Es, false)] =
        ([
            "¿Cuál es menor, {a} o {b}?", "¿Qué número es menor, {a} o {b}?", "¿Cuál es más pequeño, {a} o {b}?", "¿Qué es menos, {a} o {b}?",
            "¿Qué es menor, {a} o {b}?", "Dime el número menor: {a} o {b}.", "¿Es menor {a} o {b}?", "Entre {a} y {b}, ¿cuál es menor?",
        ], "{x} es menor que {y}."),
    };

    public string Name => "comparison";

    public Sample Draw(CorpusRandom random, Language language)
    {
        var (a, b) = (random.Between(0, 100), random.Between(0, 99));
        if (b >= a) b++; // never equal
        var larger = random.Chance(0.5);
        var (x, y) = larger == a > b ? (a, b) : (b, a);
        var values = new Dictionary<string, string> { ["a"] = $"{a}", ["b"] = $"{b}", ["x"] = $"{x}", ["y"] = $"{y}" };
        var (questions, answer) = Forms[(language, larger)];
        return new Sample($"{(larger ? '>' : '<')} {a} {b}", Template.Fill(random.Pick(questions), values), Template.Fill(answer, values));
    }
}
