using FineTuneChat.Chat.Encoding;

namespace FineTuneChat.Training.Objectives;

/// <summary>Supervised fine-tuning: the mean −log p over the predicted tokens of all examples of a step.</summary>
/// <param name="examples">One a row.</param>
public sealed class SupervisedObjective(IReadOnlyList<TrainingExample> examples) : Objective
{
    /// <inheritdoc/>
    public override string Method => "sft";

    /// <inheritdoc/>
    public override int Rows => examples.Count;

    /// <inheritdoc/>
    public override IEnumerable<TrainingExample> Wanted => examples;

    /// <inheritdoc/>
    public override IEnumerable<TrainingExample> ExamplesOf(int row) => [examples[row]];

    /// <inheritdoc/>
    public override WeightedExamples Weigh(ReadOnlySpan<int> rows, LogProbabilities policy)
    {
        var chosen = new TrainingExample[rows.Length];
        for (int i = 0; i < rows.Length; i++)
            chosen[i] = examples[rows[i]];
        return WeightedExamples.Mean(chosen);
    }
}
