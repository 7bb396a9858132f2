namespace FineTuneChat.Training.Evaluation;

/// <summary>How well a model predicts the trained tokens of a dataset.</summary>
/// <param name="Loss">Mean −log p per token.</param>
/// <param name="TokenAccuracy">Share of tokens that had the highest probability.</param>
/// <param name="Tokens">Tokens predicted.</param>
/// <param name="Seconds">Time it took.</param>
public sealed record EvaluationResult(double Loss, double TokenAccuracy, int Tokens, double Seconds)
{
    /// <summary>e^loss.</summary>
    public double Perplexity => Math.Exp(Loss);
}
