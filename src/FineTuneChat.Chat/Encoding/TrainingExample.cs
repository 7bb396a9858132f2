namespace FineTuneChat.Chat.Encoding;

/// <summary>A token with its probability.</summary>
/// <param name="Token">Its id.</param>
/// <param name="Probability">0 to 1.</param>
public readonly record struct TokenProbability(int Token, float Probability);

/// <summary>One row to train on: a conversation, or as much of it as its first trained replies need.</summary>
/// <param name="Tokens">The ids of a conversation, from its beginning to the end of the last turn that is trained on.</param>
/// <param name="Mask">
/// The loss mask, of the same length: true where the token is a target, that is, belongs to a trained reply or ends its turn. The first token is never
/// predicted, whatever its mask.
/// </param>
public sealed record TrainingExample(int[] Tokens, bool[] Mask)
{
    /// <summary>Indices of the messages that are trained on in this row, in order.</summary>
    public IReadOnlyList<int> Turns { get; init; } = [];

    /// <summary>
    /// Those of <see cref="Turns"/> of which the row holds nothing but the end of turn: the message has no text, or the template does not write what it has.
    /// </summary>
    public IReadOnlyList<int> EmptyTurns { get; init; } = [];

    /// <summary>
    /// What is to be predicted at each of <see cref="PredictedFrom"/> in place of the one token that stands there: tokens whose probabilities sum to 1. Null
    /// (default): the token.
    /// </summary>
    public IReadOnlyList<TokenProbability[]>? Predictions { get; init; }

    /// <summary>Number of tokens that are predicted.</summary>
    public int TargetCount => Mask.Skip(1).Count(isTarget => isTarget);

    /// <summary>Indices of the tokens whose successor is predicted.</summary>
    public IEnumerable<int> PredictedFrom => Enumerable.Range(0, Math.Max(0, Tokens.Length - 1)).Where(i => Mask[i + 1]);
}
