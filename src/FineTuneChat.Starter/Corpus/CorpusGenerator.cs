using FineTuneChat.Datasets;
using FineTuneChat.Datasets.Messages;
using FineTuneChat.Starter.Corpus.Skills;

namespace FineTuneChat.Starter.Corpus;

/// <summary>
/// Writes the starter's training conversations: endless, and the same for a seed on every machine. Combinations of <see cref="HeldOut"/> never occur.
/// </summary>
internal static class CorpusGenerator
{
    private static readonly (int Item, double Weight)[] Lengths = [(1, 0.45), (2, 0.27), (3, 0.17), (4, 0.11)];

    private static readonly IReadOnlyDictionary<Language, string[]> SystemPrompts = new Dictionary<Language, string[]>
    {
        [Language.En] =
        [
            "You are a helpful assistant.", "You are the FineTuneChat starter.", "Answer briefly.", "You are a friendly assistant.", "Be helpful and brief.",
            "You are an assistant.",
        ],
        [Language.Es] =
        [
            "Eres un asistente útil.", "Eres el modelo inicial de FineTuneChat.", "Responde brevemente.", "Eres un asistente amable.", "Sé útil y breve.",
            "Eres un asistente.",
        ],
    };

    /// <summary>Conversations of one to four exchanges; every assistant message is trained on.</summary>
    public static IEnumerable<Conversation> Generate(ulong seed)
    {
        var random = new CorpusRandom(seed);
        while (true) yield return Next(random);
    }

    /// <summary>
    /// Texts to train a tokenizer on. The directory's names are left out: they recur, would become tokens of their own, and then not resemble a name that a
    /// user teaches.
    /// </summary>
    public static IEnumerable<string> TokenizerTexts(ulong seed, int conversations) =>
        Generate(seed).Take(conversations).SelectMany(c => c.Messages)
            .Where(m => !DirectorySkill.Mentions(m.Content!))
            .SelectMany(m => new[] { $"{m.Role.Name()}\n", m.Content! });

    private static Conversation Next(CorpusRandom random)
    {
        var language = random.Chance(0.55) ? Language.En : Language.Es;
        var system = random.Chance(0.1) ? random.Pick(SystemPrompts[language]) : null;
        var exchanges = new List<Exchange>(); // as typed
        var length = random.Pick(Lengths);
        for (var i = 0; i < length; i++)
        {
            // People change the language now and then; the answer follows the question.
            var spoken = i > 0 && random.Chance(0.05) ? 1 - language : language;
            var skill = random.Pick(SkillWeights.All);
            var sample = DrawTrained(skill, random, spoken);
            if (sample.System is not null)
            {
                if (i > 0) continue; // facts of a system prompt can only open a conversation
                system = sample.System;
            }
            exchanges.AddRange(sample.Exchanges.Select(e => e with { User = Surface.Vary(e.User, skill.Name, spoken, random) }));
        }
        return exchanges.Count == 0 ? Next(random) : ToConversation(system, exchanges);
    }

    private static Sample DrawTrained(ISkill skill, CorpusRandom random, Language language)
    {
        Sample sample;
        do sample = skill.Draw(random, language);
        while (HeldOut.Contains(skill.Name, sample));
        return sample;
    }

    private static Conversation ToConversation(string? system, List<Exchange> exchanges)
    {
        var messages = new List<ChatMessage>();
        if (system is not null) messages.Add(new ChatMessage(ChatRole.System, system));
        foreach (var exchange in exchanges)
        {
            messages.Add(new ChatMessage(ChatRole.User, exchange.User));
            messages.Add(new ChatMessage(ChatRole.Assistant, exchange.Answer) { Weight = exchange.IsLearned ? 1 : 0 });
        }
        return new Conversation(messages);
    }
}
