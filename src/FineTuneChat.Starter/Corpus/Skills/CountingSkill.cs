namespace FineTuneChat.Starter.Corpus.Skills;

/// <summary>Counting up or down between two numbers to 100, three to ten of them.</summary>
internal sealed class CountingSkill : ISkill
{
    private static readonly Dictionary<Language, string[]> Questions = new()
    {
        [Language.En] =
        [
            "Count from {a} to {b}.", "Please count from {a} to {b}.", "Can you count from {a} to {b}?", "List the numbers from {a} to {b}.",
            "Write the numbers from {a} to {b}.", "Give me the numbers from {a} to {b}.", "Say the numbers from {a} to {b}.",
            "What are the numbers from {a} to {b}?",
        ],
        [Language.Es] =
        [
            "Cuenta de {a} a {b}.", "Por favor, cuenta de {a} a {b}.", "¿Puedes contar de {a} a {b}?", "Cuenta desde {a} hasta {b}.",
            "Escribe los números del {a} al {b}.", "Dime los números del {a} al {b}.", "Enumera los números del {a} al {b}.",
            "¿Cuáles son los números del {a} al {b}?",
        ],
    };

    public string Name => "counting";

    public Sample Draw(CorpusRandom random, Language language)
    {
        var length = random.Between(3, 10);
        var low = random.Chance(0.2) ? 1 : random.Between(0, 101 - length);
        var numbers = Enumerable.Range(low, length);
        if (random.Chance(0.25)) numbers = numbers.Reverse();
        var list = numbers.ToArray();
        var values = new Dictionary<string, string> { ["a"] = $"{list[0]}", ["b"] = $"{list[^1]}" };
        return new Sample($"{list[0]} {list[^1]}", Template.Fill(random.Pick(Questions[language]), values), $"{string.Join(", ", list)}.");
    }
}
