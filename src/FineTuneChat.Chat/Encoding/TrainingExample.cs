namespace FineTuneChat.Chat.Encoding;

/// <summary>One row to train on.</summary>
/// <param name="Tokens">The ids of a conversation, from its beginning to the end of the last turn that is trained on.</param>
/// <param name="Mask">Of the same length: true where the token is a target, that is, belongs to a trained reply or ends its turn.</param>
/// <param name="Turns">Indices of the messages that are trained on in this row, in order.</param>
/// <param name="EmptyTurns">
/// Those of them of which the row holds nothing but the end of turn: the message has no text, or the template does not write what it has.
/// </param>
public sealed record TrainingExample(int[] Tokens, bool[] Mask, IReadOnlyList<int> Turns, IReadOnlyList<int> EmptyTurns)
{
    /// <summary>Number of targets.</summary>
    public int TargetCount => Mask.Count(isTarget => isTarget);
}
