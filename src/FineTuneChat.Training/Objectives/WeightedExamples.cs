using FineTuneChat.Chat.Encoding;

namespace FineTuneChat.Training.Objectives;

/// <summary>What one step learns from: the loss is Σ weight · −log p over the predicted tokens of each example, and an offset.</summary>
/// <param name="Examples">All of them.</param>
/// <param name="Weights">Of each example's predicted tokens, one for all of them; negative where they are to become less likely.</param>
public sealed record WeightedExamples(IReadOnlyList<TrainingExample> Examples, IReadOnlyList<float> Weights)
{
    /// <summary>What the loss is beyond the sum, which only has its gradient. Default: 0.</summary>
    public double Offset { get; init; }

    /// <summary>How far the preferred replies are ahead; null (default) where nothing is compared.</summary>
    public PreferenceFigures? Figures { get; init; }

    /// <summary>Weights that have a loss's gradient, with the offset that makes the sum that loss.</summary>
    /// <param name="examples">All of them.</param>
    /// <param name="weights">−dloss/dlog p of each.</param>
    /// <param name="logProbabilities">Log p of each, as the loss was computed from.</param>
    /// <param name="loss">The loss.</param>
    public static WeightedExamples Of(
        IReadOnlyList<TrainingExample> examples, IReadOnlyList<float> weights, IReadOnlyList<double> logProbabilities, double loss) =>
        new(examples, weights) { Offset = loss + weights.Zip(logProbabilities, (weight, logProbability) => weight * logProbability).Sum() };

    /// <summary>The mean over all predicted tokens.</summary>
    /// <param name="examples">At least one, with something to predict.</param>
    public static WeightedExamples Mean(IReadOnlyList<TrainingExample> examples)
    {
        double total = examples.Sum(e => e.TargetCount);
        return new WeightedExamples(examples, [.. Enumerable.Repeat((float)(1 / total), examples.Count)]);
    }
}

/// <summary>How the model judges what was preferred. A reply's reward is β · log (p / p of the reference).</summary>
/// <param name="Accuracy">Share of the pairs whose preferred reply has the higher reward; null where there are no pairs.</param>
/// <param name="Margin">Mean reward of preferred replies less that of the others; null where one of them is missing.</param>
public sealed record PreferenceFigures(double? Accuracy, double? Margin);
