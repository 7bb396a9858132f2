namespace FineTuneChat.Training.Batches;

/// <summary>A conversation ready for training.</summary>
/// <param name="Ids">Its token ids.</param>
/// <param name="Weights">For each token, the weight of predicting it; 0: it is context only. The first is never predicted.</param>
public sealed record EncodedExample(int[] Ids, float[] Weights)
{
    /// <summary>Replies of which nothing but the end of the turn is predicted: they have no text.</summary>
    public int EmptyReplies { get; init; }

    /// <summary>Tokens that are predicted with a weight above zero.</summary>
    public int Predictions => Weights.Skip(1).Count(w => w > 0);
}
