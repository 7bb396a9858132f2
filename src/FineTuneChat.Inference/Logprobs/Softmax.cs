using System.Numerics.Tensors;

namespace FineTuneChat.Inference.Logprobs;

/// <summary>From logits to logarithms of probabilities.</summary>
internal static class Softmax
{
    /// <param name="logits">[n_vocab]</param>
    /// <param name="chosen">The token that was picked.</param>
    /// <param name="top">How many of the likeliest to name.</param>
    public static SampledToken Describe(ReadOnlySpan<float> logits, int chosen, int top)
    {
        float normalizer = LogSumExp(logits);
        var likeliest = new TokenLogprob[Math.Min(top, logits.Length)];
        float[] rest = logits.ToArray();
        for (int i = 0; i < likeliest.Length; i++)
        {
            int token = TensorPrimitives.IndexOfMax<float>(rest);
            likeliest[i] = new(token, logits[token] - normalizer);
            rest[token] = float.NegativeInfinity;
        }

        return new(new(chosen, logits[chosen] - normalizer), likeliest);
    }

    private static float LogSumExp(ReadOnlySpan<float> logits)
    {
        float max = TensorPrimitives.Max(logits);
        double sum = 0;
        foreach (float logit in logits)
            sum += Math.Exp(logit - max);
        return max + (float)Math.Log(sum);
    }
}
