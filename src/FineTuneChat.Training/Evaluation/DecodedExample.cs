using FineTuneChat.Chat.Encoding;
using FineTuneChat.Native.Llama;

namespace FineTuneChat.Training.Evaluation;

/// <summary>An example that has been through a model.</summary>
/// <param name="context">Of the model.</param>
/// <param name="example">It.</param>
/// <param name="first">Index of its first token in the batch.</param>
internal sealed class DecodedExample(LlamaContext context, TrainingExample example, int first)
{
    public TrainingExample Example => example;

    /// <summary>Of the token at an index of <see cref="TrainingExample.PredictedFrom"/>.</summary>
    public ReadOnlySpan<float> LogitsOf(int index) => context.LogitsOf(first + index);
}
