using FineTuneChat.Datasets.Messages;

namespace FineTuneChat.Starter.Corpus;

/// <summary>A held-out question.</summary>
/// <param name="Skill">The name of the skill that it examines.</param>
/// <param name="Prompt">The conversation up to and including the question.</param>
/// <param name="Expected">The reply that counts as right, letter for letter.</param>
internal sealed record ExamQuestion(string Skill, IReadOnlyList<ChatMessage> Prompt, string Expected);

/// <summary>Asks combinations that the corpus never holds.</summary>
internal static class SkillExam
{
    private const int DrawsPerQuestion = 2_000;

    /// <summary>
    /// Up to <paramref name="perSkill"/> different held-out questions of every skill, the same for a seed; fewer only where a skill holds fewer combinations.
    /// </summary>
    public static IReadOnlyList<ExamQuestion> Questions(int perSkill, ulong seed) => [.. SkillWeights.All.SelectMany(s => OfSkill(s.Item, perSkill, seed))];

    private static List<ExamQuestion> OfSkill(ISkill skill, int count, ulong seed)
    {
        var random = new CorpusRandom(seed);
        var asked = new HashSet<string>();
        var questions = new List<ExamQuestion>();
        for (var draw = 0; draw < count * DrawsPerQuestion && questions.Count < count; draw++)
        {
            var sample = skill.Draw(random, random.Chance(0.5) ? Language.En : Language.Es);
            if (HeldOut.Contains(skill.Name, sample) && asked.Add(HeldOut.Normalised(sample.Key!))) questions.Add(ToQuestion(skill.Name, sample));
        }
        return questions;
    }

    private static ExamQuestion ToQuestion(string skill, Sample sample)
    {
        var prompt = new List<ChatMessage>();
        if (sample.System is not null) prompt.Add(new ChatMessage(ChatRole.System, sample.System));
        foreach (var exchange in sample.Exchanges)
        {
            prompt.Add(new ChatMessage(ChatRole.User, exchange.User));
            prompt.Add(new ChatMessage(ChatRole.Assistant, exchange.Answer));
        }
        prompt.RemoveAt(prompt.Count - 1);
        return new ExamQuestion(skill, prompt, sample.Exchanges[^1].Answer);
    }
}
