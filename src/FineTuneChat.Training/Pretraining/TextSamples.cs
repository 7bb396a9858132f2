using FineTuneChat.Native.Llama;
using FineTuneChat.Training.Evaluation;

namespace FineTuneChat.Training.Pretraining;

/// <summary>Lets a model file go on with texts, by the same <c>llama_decode</c> that serves it.</summary>
public static class TextSamples
{
    private const int Tokens = 60;
    private const float Temperature = 0.8f, TopP = 0.95f; // usual for texts

    /// <summary>One continuation of each prompt, the same ones for the same file.</summary>
    /// <param name="path">The model's file.</param>
    /// <param name="step">Steps that it has learned for.</param>
    /// <param name="prompts">Beginnings of texts.</param>
    /// <param name="threads">Compute threads.</param>
    public static IReadOnlyList<PretrainSample> Write(string path, int step, IReadOnlyList<string> prompts, int threads)
    {
        using LlamaModel model = LlamaModel.Load(path);
        ReplyTask[] tasks = [.. prompts.Select(prompt => new ReplyTask(model.Vocabulary.Tokenize(prompt, addSpecial: true, parseSpecial: false), Tokens)
        {
            Samplers = [() => new SamplerChain(model).AddTopP(TopP).AddTemperature(Temperature).AddDistribution(seed: 1)],
        })];
        IReadOnlyList<IReadOnlyList<WrittenReply>> written = ReplyWriting.Run(model, null, tasks, threads, CancellationToken.None);
        return [.. prompts.Zip(written, (prompt, replies) => new PretrainSample(step, prompt, replies[^1].Text))];
    }
}
