namespace FineTuneChat.Training.Evaluation;

/// <summary>How well a model predicts one example, each token after the right ones before it.</summary>
/// <param name="Loss">Mean −log p of its tokens.</param>
/// <param name="Tokens">Tokens predicted; 0: there was nothing to predict.</param>
/// <param name="Hits">Tokens that had the highest probability.</param>
/// <param name="IsBegun">Whether the first one had: it begins to say what is expected.</param>
/// <param name="IsEnded">Whether the last one had, which is the end of the turn: it stops where it should.</param>
public readonly record struct RowScore(double Loss, int Tokens, int Hits, bool IsBegun, bool IsEnded)
{
    /// <summary>Whether all had: greedy decoding gives the reply letter for letter.</summary>
    public bool IsWhole => Tokens > 0 && Hits == Tokens;

    /// <summary>Two rows of one conversation, one after the other.</summary>
    /// <param name="next">What follows.</param>
    public RowScore With(RowScore next) => Tokens == 0 ? next : next.Tokens == 0 ? this : new(
        (Loss * Tokens + next.Loss * next.Tokens) / (Tokens + next.Tokens), Tokens + next.Tokens, Hits + next.Hits, IsBegun, next.IsEnded);

    internal static RowScore Of(IReadOnlyList<(double Loss, bool IsHit)> tokens) => tokens.Count == 0
        ? default
        : new(tokens.Average(t => t.Loss), tokens.Count, tokens.Count(t => t.IsHit), tokens[0].IsHit, tokens[^1].IsHit);
}
