namespace FineTuneChat.Starter.Corpus.Skills;

/// <summary>
/// Answers a question as it was answered before in the conversation, however it is worded now and whatever the answer was. It trains the path from any
/// wording to an answer that somebody has given, which is what a correction needs.
/// </summary>
internal sealed class TaughtSkill : ISkill
{
    public string Name => "taught";

    public Sample Draw(CorpusRandom random, Language language)
    {
        var subjects = Subject.DrawSeveral(random.Between(1, 4), random, language);
        var answers = subjects.Select(s => Answer(s, random, language)).ToArray();
        List<Exchange> exchanges = [.. subjects.Zip(answers, (s, answer) => new Exchange(s.Ask(random, language), answer) { IsLearned = false })];
        foreach (var i in random.PickSeveral(Enumerable.Range(0, answers.Length).ToArray(), random.Between(1, Math.Min(2, answers.Length))))
            exchanges.Add(new Exchange(subjects[i].Ask(random, language), answers[i]));
        return new Sample(string.Join(' ', exchanges.Select(e => $"{e.User} {e.Answer}")), null, exchanges);
    }

    /// <summary>The fact, or what somebody else might want to hear.</summary>
    private static string Answer(Subject subject, CorpusRandom random, Language language) => random.Below(10) switch
    {
        < 5 => subject.Answer(subject.DrawValue(random, language), language),
        < 7 => $"{Template.Capitalised(subject.DrawValue(random, language))}.",
        < 9 => $"{Template.Capitalised(Values.Draw("phrase", random, language))}.",
        _ => AnyText.Draw(random, language),
    };
}
