namespace FineTuneChat.Inference.Speculation;

/// <summary>Tokens that were guessed and computed along with those that were sampled.</summary>
/// <param name="Drafted">All of them.</param>
/// <param name="Accepted">Those that the sampler then chose.</param>
/// <param name="Predicted">Those that came from <see cref="GenerationRequest.Predicted"/>.</param>
/// <param name="PredictedAccepted">Of these, those that the sampler chose.</param>
public readonly record struct DraftCounts(int Drafted, int Accepted, int Predicted, int PredictedAccepted)
{
    /// <summary>Of both together.</summary>
    public static DraftCounts operator +(DraftCounts a, DraftCounts b) =>
        new(a.Drafted + b.Drafted, a.Accepted + b.Accepted, a.Predicted + b.Predicted, a.PredictedAccepted + b.PredictedAccepted);
}
