namespace FineTuneChat.Training.Graphs;

/// <summary>What one pass over a micro-batch gave.</summary>
/// <param name="Loss">Σ weight · −log p(label).</param>
/// <param name="NegativeLogLikelihood">Σ −log p(label), unweighted, over predictions with positive weight.</param>
/// <param name="Hits">Predictions with positive weight whose label had the highest logit.</param>
/// <param name="Predictions">Predictions with positive weight.</param>
public readonly record struct MicroBatchResult(double Loss, double NegativeLogLikelihood, int Hits, int Predictions);
