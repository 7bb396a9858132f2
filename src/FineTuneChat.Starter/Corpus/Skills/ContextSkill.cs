namespace FineTuneChat.Starter.Corpus.Skills;

/// <summary>Answers from facts in the conversation: a system prompt, an earlier turn or the question's own message states them.</summary>
internal sealed class ContextSkill : ISkill
{
    private static readonly (string Item, double Weight)[] Entities = [("company", 0.65), ("product", 0.2), ("person", 0.15)];

    private static readonly IReadOnlyDictionary<Language, (string Noted, string Role)> Phrases = new Dictionary<Language, (string, string)>
    {
        [Language.En] = ("Thank you. I have noted it.", "You are the assistant of {0}. "),
        [Language.Es] = ("Gracias. Lo he anotado.", "Eres el asistente de {0}. "),
    };

    public string Name => "context";

    public Sample Draw(CorpusRandom random, Language language)
    {
        var kind = random.Pick(Entities);
        var entity = Values.Draw(kind, random, language);
        var attributes = AttributeFacts.Pick(kind, random.Between(1, 3), random).Distinct().ToArray();
        var facts = attributes.Select(a => Fill(a.Forms[language].Fact, entity, Values.Draw(a.Value, random, language))).ToArray();
        var asked = random.PickSeveral(Enumerable.Range(0, facts.Length).ToArray(), random.Between(1, facts.Length));
        List<Exchange> exchanges = [.. asked.Select(i => new Exchange(Ask(attributes[i], entity, random, language), facts[i]))];

        // One in eight asks for something that the facts do not hold.
        if (random.Chance(0.125) && AttributeFacts.Of(kind).Except(attributes).ToArray() is { Length: > 0 } others)
            exchanges.Add(AskUnknown(random.Pick(others), entity, random, language));

        string? system = null;
        var stated = string.Join(' ', facts);
        switch (random.Below(10))
        {
            case < 4:
                system = (kind == "company" && random.Chance(0.5) ? string.Format(Phrases[language].Role, entity) : "") + stated;
                break;
            case < 7:
                exchanges.Insert(0, new Exchange(stated, Phrases[language].Noted));
                break;
            case < 8:
                // Asked in vain, told, asked again: what a user does who teaches within one chat.
                exchanges.InsertRange(0, [AskUnknown(attributes[asked[0]], entity, random, language), new Exchange(stated, Phrases[language].Noted)]);
                break;
            default:
                exchanges[0] = exchanges[0] with { User = $"{stated} {exchanges[0].User}" };
                break;
        }
        return new Sample($"{stated} {exchanges[^1].User}", system, exchanges);
    }

    private static Exchange AskUnknown(EntityAttribute attribute, string entity, CorpusRandom random, Language language) =>
        new(Ask(attribute, entity, random, language), UnknownSkill.Answer(attribute, entity, language));

    private static string Ask(EntityAttribute attribute, string entity, CorpusRandom random, Language language) =>
        Fill(random.Pick(attribute.Forms[language].Questions), entity, "");

    private static string Fill(string template, string entity, string value) =>
        Template.Fill(template, new Dictionary<string, string> { ["e"] = entity, ["v"] = value });
}
