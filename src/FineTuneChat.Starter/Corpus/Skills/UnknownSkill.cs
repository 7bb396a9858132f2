namespace FineTuneChat.Starter.Corpus.Skills;

/// <summary>
/// Admits not to know an attribute of something made up. Question wording does not change the answer, so that a correction of one wording carries over to the
/// others.
/// </summary>
internal sealed class UnknownSkill : ISkill
{
    private static readonly (string Item, double Weight)[] Entities = [("company", 0.6), ("product", 0.25), ("person", 0.15)];

    public string Name => "unknown";

    public Sample Draw(CorpusRandom random, Language language)
    {
        var kind = random.Pick(Entities);
        var attribute = AttributeFacts.Pick(kind, 1, random)[0];
        string entity;
        do entity = Values.Draw(kind, random, language);
        while (DirectorySkill.Knows(entity));
        var question = Template.Fill(random.Pick(attribute.Forms[language].Questions), Slots(entity));
        return new Sample(question, question, Answer(attribute, entity, language));
    }

    /// <summary>The one answer to every question for an attribute that nobody has told.</summary>
    public static string Answer(EntityAttribute attribute, string entity, Language language)
    {
        var what = attribute.Forms[language].Unknown;
        var template = language == Language.En
            ? $"I don't know {what}. You can teach me: write a better reply."
            : $"No sé {what}. Puedes enseñarme: escribe una respuesta mejor.";
        return Template.Fill(template, Slots(entity));
    }

    private static Dictionary<string, string> Slots(string entity) => new() { ["e"] = entity };
}
