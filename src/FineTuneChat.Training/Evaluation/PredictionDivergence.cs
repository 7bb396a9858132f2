using System.Numerics.Tensors;
using FineTuneChat.Chat.Encoding;
using FineTuneChat.Native.Llama;

namespace FineTuneChat.Training.Evaluation;

/// <summary>How far a model's predictions have moved from those of another, such as its base.</summary>
public static class PredictionDivergence
{
    /// <summary>Mean Kullback-Leibler divergence Σ p · log(p / q) over the predicted tokens.</summary>
    /// <param name="reference">The model p, of the same vocabulary.</param>
    /// <param name="model">The model q.</param>
    /// <param name="adapter">An adapter to apply to q, or null.</param>
    /// <param name="examples">What to predict.</param>
    /// <param name="threads">Compute threads.</param>
    /// <param name="cancellation">Looked at between batches.</param>
    /// <exception cref="InvalidDataException">The vocabularies differ, or predictions are not finite.</exception>
    public static double Mean(
        LlamaModel reference, LlamaModel model, LoadedAdapter? adapter, IReadOnlyList<TrainingExample> examples, int threads, CancellationToken cancellation)
    {
        if (reference.Vocabulary.Count != model.Vocabulary.Count)
            throw new InvalidDataException(
                $"{reference.Path} has {reference.Vocabulary.Count} tokens, {model.Path} {model.Vocabulary.Count}: their predictions cannot be compared.");
        using ExampleDecoding p = new(reference, null, examples, threads), q = new(model, adapter, examples, threads);
        double sum = 0;
        int tokens = 0;
        foreach ((DecodedExample ofP, DecodedExample ofQ) in p.Decode(cancellation).Zip(q.Decode(cancellation)))
        {
            foreach (int i in ofP.Example.PredictedFrom)
            {
                sum += Of(ofP.LogitsOf(i), ofQ.LogitsOf(i));
                tokens++;
            }
        }

        if (!double.IsFinite(sum))
            throw new InvalidDataException(FiniteWeights.FaultOf(reference.Path, model.Path, adapter?.Path));
        return tokens == 0 ? 0 : sum / tokens;
    }

    /// <summary>Of one prediction from another, both given as logits.</summary>
    internal static double Of(ReadOnlySpan<float> p, ReadOnlySpan<float> q)
    {
        double normalizerP = LogNormalizer(p), normalizerQ = LogNormalizer(q), sum = 0;
        for (int i = 0; i < p.Length; i++)
        {
            double logP = p[i] - normalizerP;
            sum += Math.Exp(logP) * (logP - (q[i] - normalizerQ));
        }

        return sum;
    }

    /// <summary>log Σ exp.</summary>
    internal static double LogNormalizer(ReadOnlySpan<float> logits)
    {
        float highest = TensorPrimitives.Max(logits);
        double sum = 0;
        foreach (float logit in logits)
            sum += Math.Exp(logit - highest);
        return Math.Log(sum) + highest;
    }
}
