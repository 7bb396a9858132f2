using System.Numerics.Tensors;
using FineTuneChat.Native.Llama;

namespace FineTuneChat.Inference.Logprobs;

/// <summary>From logits to logarithms of probabilities.</summary>
internal static class Softmax
{
    private const int Chunk = 1024; // numbers at a time: a vocabulary's worth would be garbage of 600 KB per token

    /// <param name="logits">[n_vocab]</param>
    /// <param name="chosen">The token that was picked.</param>
    /// <param name="top">How many of the likeliest to name.</param>
    public static SampledToken Describe(ReadOnlySpan<float> logits, int chosen, int top)
    {
        float normalizer = LogSumExp(logits);
        var likeliest = new int[Math.Min(top, logits.Length)];
        int found = TopLogits.Find(logits, likeliest);
        var named = new TokenLogprob[found];
        for (int i = 0; i < found; i++)
            named[i] = new(likeliest[i], logits[likeliest[i]] - normalizer);
        return new(new(chosen, logits[chosen] - normalizer), named);
    }

    private static float LogSumExp(ReadOnlySpan<float> logits)
    {
        float max = TensorPrimitives.Max(logits);
        double sum = 0;
        Span<float> buffer = stackalloc float[Chunk];
        for (int start = 0; start < logits.Length; start += Chunk)
        {
            Span<float> powers = buffer[..Math.Min(Chunk, logits.Length - start)];
            TensorPrimitives.Subtract(logits.Slice(start, powers.Length), max, powers);
            TensorPrimitives.Exp(powers, powers);
            sum += TensorPrimitives.Sum<float>(powers);
        }

        return max + (float)Math.Log(sum);
    }
}
