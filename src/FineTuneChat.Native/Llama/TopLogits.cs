using System.Numerics;

namespace FineTuneChat.Native.Llama;

/// <summary>The largest logits of a row, without sorting the vocabulary.</summary>
public static class TopLogits
{
    /// <summary>Finds the tokens with the largest logits, largest first; of equals the lower token first.</summary>
    /// <param name="logits">[n_vocab]</param>
    /// <param name="tokens">As many as are wanted.</param>
    /// <returns>How many were found: fewer where there are fewer logits.</returns>
    public static int Find(ReadOnlySpan<float> logits, Span<int> tokens)
    {
        int found = 0, token = 0;
        for (; token < logits.Length && found < tokens.Length; token++)
            Insert(logits, tokens, found++, token);
        if (found == 0)
            return 0;

        // Most logits are below the smallest of those found so far: these are skipped a whole vector at a time.
        tokens = tokens[..found];
        for (; token <= logits.Length - Vector<float>.Count; token += Vector<float>.Count)
        {
            if (!Vector.GreaterThanAny(new Vector<float>(logits[token..]), new Vector<float>(logits[tokens[^1]])))
                continue;
            for (int i = token; i < token + Vector<float>.Count; i++)
                Replace(logits, tokens, i);
        }

        for (; token < logits.Length; token++)
            Replace(logits, tokens, token);
        return found;
    }

    private static void Replace(ReadOnlySpan<float> logits, Span<int> tokens, int token)
    {
        if (logits[token] > logits[tokens[^1]])
            Insert(logits, tokens, tokens.Length - 1, token);
    }

    private static void Insert(ReadOnlySpan<float> logits, Span<int> tokens, int place, int token)
    {
        for (; place > 0 && logits[token] > logits[tokens[place - 1]]; place--)
            tokens[place] = tokens[place - 1];
        tokens[place] = token;
    }
}
