namespace FineTuneChat.Starter.Corpus.Skills;

/// <summary>
/// Admits not to know what nobody has told. Question wording does not change the answer, so that a correction of one wording carries over to the others.
/// </summary>
internal sealed class UnknownSkill : ISkill
{
    public string Name => "unknown";

    public Sample Draw(CorpusRandom random, Language language)
    {
        var subject = Subject.Draw(random, language);
        var question = subject.Ask(random, language);
        return new Sample(question, question, subject.Unknown(language));
    }
}
