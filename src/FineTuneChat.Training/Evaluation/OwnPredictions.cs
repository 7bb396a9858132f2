using System.Numerics.Tensors;
using FineTuneChat.Chat.Encoding;
using FineTuneChat.Native.Llama;

namespace FineTuneChat.Training.Evaluation;

/// <summary>
/// Examples in which a model is to stay as it is: what is learned is not one token each, but how likely the model itself finds which. The loss is the
/// cross-entropy with that, so its gradient is that of KL(base ‖ model) (Hinton et al. 2015, arXiv 1503.02531): zero at the start, and whatever pulls the
/// model away is pulled back. KL from the base is also what predicts forgetting (Shenfeld et al. 2025, "RL's Razor", arXiv 2509.04259).
/// </summary>
public static class OwnPredictions
{
    private const int Most = 8; // tokens of one prediction
    private const float Least = 0.005f; // probability

    /// <summary>The same examples with the model's own predictions as targets.</summary>
    /// <param name="model">The base.</param>
    /// <param name="examples">Where it is to stay as it is.</param>
    /// <param name="threads">Compute threads.</param>
    /// <param name="cancellation">Looked at between batches.</param>
    public static IReadOnlyList<TrainingExample> Of(
        LlamaModel model, IReadOnlyList<TrainingExample> examples, int threads, CancellationToken cancellation)
    {
        if (examples.Count == 0)
            return examples;
        using var decoding = new ExampleDecoding(model, null, examples, threads);
        return
        [
            .. decoding.Decode(cancellation).Select(d =>
                d.Example with { Predictions = [.. d.Example.PredictedFrom.Select(i => Likeliest(d.LogitsOf(i)))] }),
        ];
    }

    /// <summary>The likeliest tokens; their probabilities sum to 1.</summary>
    internal static TokenProbability[] Likeliest(ReadOnlySpan<float> logits)
    {
        var probabilities = new float[logits.Length];
        TensorPrimitives.SoftMax(logits, probabilities);
        var found = new List<TokenProbability>();
        while (found.Count < Most && TensorPrimitives.IndexOfMax<float>(probabilities) is var token && (found.Count == 0 || probabilities[token] >= Least))
        {
            found.Add(new TokenProbability(token, probabilities[token]));
            probabilities[token] = 0;
        }
        float sum = found.Sum(t => t.Probability);
        return [.. found.Select(t => t with { Probability = t.Probability / sum })];
    }
}
