namespace FineTuneChat.Native.Ggml;

/// <summary>What differs from attention to attention.</summary>
/// <param name="Scale">Factor on the scores, usually 1/√headWidth.</param>
/// <param name="Window">Tokens that a token sees, itself included; 0 = all of its sequence.</param>
/// <param name="Cap">Scores are pressed into ±cap by a tanh (Gemma 2); 0 = they are not.</param>
public readonly record struct AttentionParameters(float Scale, int Window = 0, float Cap = 0)
{
    /// <summary>The first token that token i sees of the sequence that begins at <paramref name="start"/>.</summary>
    internal int FirstSeen(int start, int i) => Window > 0 ? Math.Max(start, i - Window + 1) : start;
}
