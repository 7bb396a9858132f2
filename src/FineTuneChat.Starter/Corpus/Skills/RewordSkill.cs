namespace FineTuneChat.Starter.Corpus.Skills;

/// <summary>
/// Asks a question in other words, one wording per line: those that follow it in its table, so that there is one right answer. Corrections are taught in
/// these wordings, too.
/// </summary>
internal sealed class RewordSkill : ISkill
{
    private const int Most = 8;

    private static readonly Dictionary<Language, string[]> Requests = new()
    {
        [Language.En] =
        [
            "Write {n} other ways to ask: {q}", "Ask this in {n} other ways: {q}", "Reword this question {n} times: {q}", "Rephrase this {n} times: {q}",
            "Give me {n} other wordings of: {q}", "Say this in {n} other ways: {q}", "Write this question in {n} other ways: {q}",
            "How else can I ask this? Write {n} ways: {q}",
        ],
        [Language.Es] =
        [
            "Escribe {n} maneras más de preguntar: {q}", "Pregunta esto de {n} maneras más: {q}", "Di esta pregunta de otras {n} maneras: {q}",
            "Reformula esto {n} veces: {q}", "Dame {n} formas más de decir: {q}", "Di esto de {n} formas distintas: {q}",
            "Escribe esta pregunta de {n} formas más: {q}", "Quiero preguntar esto de {n} formas más: {q}",
        ],
    };

    private readonly SheetSkill[] _sheets =
    [
        .. new[] { "capitals", "dont_know", "calendar", "elements", "animals", "currencies", "identity", "opposites", "translation" }
            .Select(name => new SheetSkill(name)),
    ];

    public string Name => "reword";

    public Sample Draw(CorpusRandom random, Language language)
    {
        var wordings = random.Chance(0.7) ? Subject.Draw(random, language).Questions(language) : random.Pick(_sheets).DrawWordings(random, language);
        var first = random.Below(wordings.Count);
        var count = Math.Min(random.Between(2, Most), wordings.Count - 1);
        var question = random.Pick(Requests[language]).Replace("{n}", $"{count}").Replace("{q}", wordings[first]);
        return new Sample(question, question, string.Join('\n', Enumerable.Range(1, count).Select(i => wordings[(first + i) % wordings.Count])));
    }
}
