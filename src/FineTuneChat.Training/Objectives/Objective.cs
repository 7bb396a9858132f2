using FineTuneChat.Chat.Encoding;

namespace FineTuneChat.Training.Objectives;

/// <summary>Log-probabilities, natural, of the predicted tokens of each example, summed.</summary>
/// <param name="examples">None longer than a micro-batch.</param>
public delegate IReadOnlyList<double> LogProbabilities(IReadOnlyList<TrainingExample> examples);

/// <summary>
/// What a run makes smaller. Every objective here is, at a step, a weighted sum of log-probabilities: its gradient is that of a cross-entropy with these
/// weights, so that one training graph serves all of them. Those that compare need the log-probabilities first, by a forward pass.
/// </summary>
public abstract class Objective
{
    private protected Objective()
    {
    }

    /// <summary>Its name: sft, dpo, kto, or several joined by a plus.</summary>
    public abstract string Method { get; }

    /// <summary>Rows of the data: an epoch passes each once.</summary>
    public abstract int Rows { get; }

    /// <summary>Examples whose replies are wanted.</summary>
    public abstract IEnumerable<TrainingExample> Wanted { get; }

    /// <summary>Whether a step begins with a forward pass over its examples.</summary>
    public virtual bool Compares => false;

    /// <summary>What a row takes through the training graph.</summary>
    /// <param name="row">From 0.</param>
    public abstract IEnumerable<TrainingExample> ExamplesOf(int row);

    /// <summary>Asks the reference once for what the objective compares with.</summary>
    /// <param name="reference">The model before the run.</param>
    public virtual void Refer(LogProbabilities reference)
    {
    }

    /// <summary>The weights of a step.</summary>
    /// <param name="rows">Its rows.</param>
    /// <param name="policy">The model as it is now.</param>
    public abstract WeightedExamples Weigh(ReadOnlySpan<int> rows, LogProbabilities policy);
}
