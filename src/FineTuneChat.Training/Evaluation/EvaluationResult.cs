namespace FineTuneChat.Training.Evaluation;

/// <summary>How well a model predicts the trained tokens of a dataset, each after the right ones before it.</summary>
/// <param name="Loss">Mean −log p per token.</param>
/// <param name="TokenAccuracy">Share of tokens that had the highest probability.</param>
/// <param name="Tokens">Tokens predicted.</param>
/// <param name="Seconds">Time it took.</param>
public sealed record EvaluationResult(double Loss, double TokenAccuracy, int Tokens, double Seconds)
{
    /// <summary>e^loss.</summary>
    public double Perplexity => Math.Exp(Loss);

    /// <summary>Share of replies whose first token had the highest probability: what it starts to say is what was expected.</summary>
    public double OpeningAccuracy { get; init; }

    /// <summary>Share of replies of which each token had the highest probability: greedy decoding gives them letter for letter.</summary>
    public double ReplyAccuracy { get; init; }

    /// <summary>Share of replies at whose end the end of the turn had the highest probability: it stops where it should.</summary>
    public double StopRate { get; init; }
}
