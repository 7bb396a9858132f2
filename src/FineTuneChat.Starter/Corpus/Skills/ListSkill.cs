namespace FineTuneChat.Starter.Corpus.Skills;

/// <summary>"Name three fruits": the first of a fixed list per kind, so that there is one right answer.</summary>
internal sealed class ListSkill : ISkill
{
    private static readonly Dictionary<Language, string[]> Questions = new()
    {
        [Language.En] =
        [
            "Name {n} {kind}.", "List {n} {kind}.", "Give me {n} {kind}.", "Tell me {n} {kind}.", "Can you name {n} {kind}?", "Can you give me {n} {kind}?",
            "Write a list of {n} {kind}.", "I need {n} {kind}.", "Please name {n} {kind}.", "What are {n} {kind}?",
        ],
        [Language.Es] =
        [
            "Nombra {n} {kind}.", "Dime {n} {kind}.", "Dame {n} {kind}.", "Escribe {n} {kind}.", "¿Puedes nombrar {n} {kind}?", "¿Puedes decirme {n} {kind}?",
            "Haz una lista de {n} {kind}.", "Necesito {n} {kind}.", "Por favor, nombra {n} {kind}.", "Enumera {n} {kind}.",
        ],
    };

    private static readonly Dictionary<Language, string[]> Numbers = new()
    {
        [Language.En] = ["two", "three", "four", "five"],
        [Language.Es] = ["dos", "tres", "cuatro", "cinco"],
    };

    public string Name => "lists";

    public Sample Draw(CorpusRandom random, Language language)
    {
        var row = random.Pick(Table.Get("lists").Rows);
        var count = random.Between(2, 5);
        var number = random.Chance(0.7) ? Numbers[language][count - 2] : $"{count}";
        var values = new Dictionary<string, string> { ["n"] = number, ["kind"] = row[language.Code()] };
        var question = Template.Fill(random.Pick(Questions[language]), values);
        var items = row[$"items_{language.Code()}"].Split(", ")[..count];
        return new Sample(question, question, Template.Capitalised($"{string.Join(", ", items)}."));
    }
}
