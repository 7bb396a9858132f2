using System.Numerics.Tensors;

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
        TokenLogprob[] likeliest = Largest(logits, Math.Min(top, logits.Length));
        for (int i = 0; i < likeliest.Length; i++)
            likeliest[i] = likeliest[i] with { Logprob = likeliest[i].Logprob - normalizer };
        return new(new(chosen, logits[chosen] - normalizer), likeliest);
    }

    /// <summary>The largest logits, largest first; of equals the lower token first.</summary>
    private static TokenLogprob[] Largest(ReadOnlySpan<float> logits, int count)
    {
        var largest = new TokenLogprob[count];
        int found = 0;
        for (int token = 0; token < logits.Length && count > 0; token++)
        {
            if (found == count && !(logits[token] > largest[^1].Logprob))
                continue;
            int place = found < count ? found++ : count - 1;
            for (; place > 0 && logits[token] > largest[place - 1].Logprob; place--)
                largest[place] = largest[place - 1];
            largest[place] = new(token, logits[token]);
        }

        return largest;
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
