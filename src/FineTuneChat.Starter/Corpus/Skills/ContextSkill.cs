namespace FineTuneChat.Starter.Corpus.Skills;

/// <summary>Answers from facts in the conversation: a system prompt, an earlier turn or the question's own message states them.</summary>
internal sealed class ContextSkill : ISkill
{
    private static readonly IReadOnlyDictionary<Language, (string Noted, string Role)> Phrases = new Dictionary<Language, (string, string)>
    {
        [Language.En] = ("Thank you. I have noted it.", "You are the assistant of {0}. "),
        [Language.Es] = ("Gracias. Lo he anotado.", "Eres el asistente de {0}. "),
    };

    public string Name => "context";

    public Sample Draw(CorpusRandom random, Language language)
    {
        // One more than is told: in one of eight conversations it is asked for, too.
        var subjects = Subject.DrawSeveral(random.Between(2, 4), random, language);
        var (told, untold) = (subjects.SkipLast(1).ToArray(), subjects[^1]);
        var values = told.Select(s => s.DrawValue(random, language)).ToArray();
        var asked = random.PickSeveral(Enumerable.Range(0, told.Length).ToArray(), random.Between(1, told.Length));
        List<Exchange> exchanges = [.. asked.Select(i => new Exchange(told[i].Ask(random, language), told[i].Answer(values[i], language)))];
        if (random.Chance(0.125)) exchanges.Add(AskUnknown(untold, random, language));

        string? system = null;
        var stated = string.Join(' ', told.Zip(values, (subject, value) => subject.Stated(value, language)));
        switch (random.Below(10))
        {
            case < 4:
                var role = told[0].Attribute.Entity == "company" && random.Chance(0.5);
                system = (role ? string.Format(Phrases[language].Role, told[0].Entity) : "") + stated;
                break;
            case < 7:
                exchanges.Insert(0, new Exchange(stated, Phrases[language].Noted));
                break;
            case < 8:
                // Asked in vain, told, asked again: what a user does who teaches within one chat.
                exchanges.InsertRange(0, [AskUnknown(told[asked[0]], random, language), new Exchange(stated, Phrases[language].Noted)]);
                break;
            default:
                exchanges[0] = exchanges[0] with { User = $"{stated} {exchanges[0].User}" };
                break;
        }
        return new Sample($"{stated} {exchanges[^1].User}", system, exchanges);
    }

    private static Exchange AskUnknown(Subject subject, CorpusRandom random, Language language) =>
        new(subject.Ask(random, language), subject.Unknown(language));
}
