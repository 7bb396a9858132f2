namespace FineTuneChat.Starter.Corpus;

/// <summary>One thing that the starter can do.</summary>
internal interface ISkill
{
    /// <summary>The name in the weights table and in the report.</summary>
    string Name { get; }

    /// <summary>A random example, held out or not.</summary>
    Sample Draw(CorpusRandom random, Language language);
}
