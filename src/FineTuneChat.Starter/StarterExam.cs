using FineTuneChat.Chat.Encoding;
using FineTuneChat.Native.Llama;
using FineTuneChat.Starter.Corpus;
using FineTuneChat.Training.Evaluation;

namespace FineTuneChat.Starter;

/// <summary>Asks a model what the corpus never said, through llama.cpp as it serves.</summary>
public static class StarterExam
{
    private const int LongestReply = 96;

    /// <summary>Another seed than any corpus, so that questions do not follow its order.</summary>
    private const ulong Seed = 20_26;

    /// <summary>Examines a model file.</summary>
    /// <param name="path">The GGUF file.</param>
    /// <param name="perSkill">Questions of each skill.</param>
    /// <param name="threads">Compute threads.</param>
    public static SkillReport Run(string path, int perSkill, int threads)
    {
        IReadOnlyList<ExamQuestion> questions = SkillExam.Questions(perSkill, Seed);
        using LlamaModel model = LlamaModel.Load(path);
        ConversationEncoder encoder = ConversationEncoder.OfModel(model);
        IReadOnlyList<GreedyReply> replies = GreedyReplies.Generate(
            model, null, [.. questions.Select(q => encoder.EncodePrompt(q.Prompt))], LongestReply, threads, CancellationToken.None);
        return new SkillReport([.. questions.Zip(replies, (question, reply) => new ExamReply(question, reply.Text))]);
    }
}
