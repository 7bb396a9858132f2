using FineTuneChat.Chat.Encoding;

namespace FineTuneChat.Training.Objectives;

/// <summary>Two replies to the same conversation.</summary>
/// <param name="Chosen">The preferred one.</param>
/// <param name="Rejected">The other.</param>
public sealed record PreferencePair(TrainingExample Chosen, TrainingExample Rejected);

/// <summary>Direct preference optimisation (<see cref="PreferenceLoss.Dpo"/>): the mean over the pairs of a step.</summary>
public sealed class PairObjective : Objective
{
    private readonly IReadOnlyList<PreferencePair> _pairs;
    private readonly PreferenceOptions _options;
    private readonly TrainingExample[] _replies; // 2i: the chosen one of pair i, 2i + 1: the rejected one
    private IReadOnlyList<double> _reference = [];

    /// <summary>DPO over pairs.</summary>
    /// <param name="pairs">One a row.</param>
    /// <param name="options">Its constants.</param>
    public PairObjective(IReadOnlyList<PreferencePair> pairs, PreferenceOptions options)
    {
        (_pairs, _options) = (pairs, options);
        _replies = [.. pairs.SelectMany(pair => (TrainingExample[])[pair.Chosen, pair.Rejected])];
    }

    /// <inheritdoc/>
    public override string Method => "dpo";

    /// <inheritdoc/>
    public override int Rows => _pairs.Count;

    /// <inheritdoc/>
    public override IEnumerable<TrainingExample> Wanted => _pairs.Select(pair => pair.Chosen);

    /// <inheritdoc/>
    public override bool Compares => true;

    /// <inheritdoc/>
    public override IEnumerable<TrainingExample> ExamplesOf(int row) => _replies[(2 * row)..((2 * row) + 2)];

    /// <inheritdoc/>
    public override void Refer(LogProbabilities reference) => _reference = reference(_replies);

    /// <inheritdoc/>
    public override WeightedExamples Weigh(ReadOnlySpan<int> rows, LogProbabilities policy)
    {
        var replies = new TrainingExample[2 * rows.Length];
        for (int i = 0; i < rows.Length; i++)
            (replies[2 * i], replies[(2 * i) + 1]) = (_replies[2 * rows[i]], _replies[(2 * rows[i]) + 1]);
        IReadOnlyList<double> now = policy(replies);

        var weights = new float[replies.Length];
        double loss = 0, margins = 0, ahead = 0;
        for (int i = 0; i < rows.Length; i++)
        {
            int chosen = 2 * i, rejected = chosen + 1;
            double chosenTokens = replies[chosen].TargetCount, perChosen = _options.LengthNormalized ? chosenTokens : 1;
            double perRejected = _options.LengthNormalized ? replies[rejected].TargetCount : 1;
            double margin = ((now[chosen] - _reference[2 * rows[i]]) / perChosen) - ((now[rejected] - _reference[(2 * rows[i]) + 1]) / perRejected);
            (double own, double slope) = PreferenceLoss.Dpo(margin, _options);
            loss += own - (_options.SupervisedWeight * now[chosen] / chosenTokens);
            weights[chosen] = (float)(((-slope / perChosen) + (_options.SupervisedWeight / chosenTokens)) / rows.Length);
            weights[rejected] = (float)(slope / perRejected / rows.Length);
            margins += _options.Beta * margin;
            ahead += margin > 0 ? 1 : 0;
        }
        return WeightedExamples.Of(replies, weights, now, loss / rows.Length) with
        {
            Figures = new PreferenceFigures(ahead / rows.Length, margins / rows.Length),
        };
    }
}
