using FineTuneChat.Chat.Encoding;

namespace FineTuneChat.Training.Objectives;

/// <summary>A reply that somebody liked, or did not.</summary>
/// <param name="Reply">The conversation with the reply at its end.</param>
/// <param name="IsGood">Whether such replies are wanted.</param>
public sealed record RatedReply(TrainingExample Reply, bool IsGood);

/// <summary>
/// Kahneman-Tversky optimisation (<see cref="PreferenceLoss.Kto"/>): the mean over the rated replies of a step. The rarer kind weighs more, so that both
/// kinds weigh the same in all (section 4.2 of the paper).
/// </summary>
public sealed class RatedObjective : Objective
{
    private readonly IReadOnlyList<RatedReply> _rated;
    private readonly PreferenceOptions _options;
    private readonly TrainingExample[] _mismatched;
    private readonly double _good, _bad;
    private IReadOnlyList<double> _reference = [], _mismatchedReference = [];

    /// <summary>KTO over rated replies.</summary>
    /// <param name="rated">One a row.</param>
    /// <param name="options">Its constants.</param>
    /// <param name="longest">The most tokens of an example.</param>
    public RatedObjective(IReadOnlyList<RatedReply> rated, PreferenceOptions options, int longest)
    {
        (_rated, _options) = (rated, options);
        _mismatched = [.. rated.Select((row, i) => Mismatched(row.Reply, rated[(i + 1) % rated.Count].Reply, longest))];
        double good = rated.Count(r => r.IsGood), bad = rated.Count - good;
        _good = good > 0 && bad > good ? bad / good : 1;
        _bad = bad > 0 && good > bad ? good / bad : 1;
    }

    /// <inheritdoc/>
    public override string Method => "kto";

    /// <inheritdoc/>
    public override int Rows => _rated.Count;

    /// <inheritdoc/>
    public override IEnumerable<TrainingExample> Wanted => _rated.Where(r => r.IsGood).Select(r => r.Reply);

    /// <inheritdoc/>
    public override bool Compares => true;

    /// <inheritdoc/>
    public override IEnumerable<TrainingExample> ExamplesOf(int row) => [_rated[row].Reply];

    /// <inheritdoc/>
    public override void Refer(LogProbabilities reference)
    {
        _reference = reference([.. _rated.Select(r => r.Reply)]);
        _mismatchedReference = reference(_mismatched);
    }

    /// <inheritdoc/>
    public override WeightedExamples Weigh(ReadOnlySpan<int> rows, LogProbabilities policy)
    {
        int count = rows.Length;
        var examples = new TrainingExample[2 * count]; // the replies, then those that do not belong to their questions
        for (int i = 0; i < count; i++)
            (examples[i], examples[count + i]) = (_rated[rows[i]].Reply, _mismatched[rows[i]]);
        IReadOnlyList<double> now = policy(examples);

        double drift = 0;
        for (int i = 0; i < count; i++)
            drift += (now[count + i] - _mismatchedReference[rows[i]]) / count;
        drift = Math.Max(0, drift);

        var weights = new float[count];
        double loss = 0;
        List<double> good = [], bad = [];
        for (int i = 0; i < count; i++)
        {
            bool isGood = _rated[rows[i]].IsGood;
            double ratio = now[i] - _reference[rows[i]], tokens = examples[i].TargetCount, supervised = isGood ? _options.SupervisedWeight : 0;
            (double own, double slope) = PreferenceLoss.Kto(ratio, drift, isGood, isGood ? _good : _bad, _options.Beta);
            loss += own - (supervised * now[i] / tokens);
            weights[i] = (float)((-slope + (supervised / tokens)) / count);
            (isGood ? good : bad).Add(_options.Beta * ratio);
        }
        double? margin = good.Count > 0 && bad.Count > 0 ? good.Average() - bad.Average() : null;
        return WeightedExamples.Of(examples[..count], weights, now, loss / count) with { Figures = new PreferenceFigures(Accuracy: null, margin) };
    }

    /// <summary>The question of one row with the reply of another: how likely such became tells how far the model has gone, whatever is rated.</summary>
    private static TrainingExample Mismatched(TrainingExample question, TrainingExample reply, int longest)
    {
        int asked = Array.IndexOf(question.Mask, true), from = Array.IndexOf(reply.Mask, true);
        int[] tokens = [.. question.Tokens[..asked], .. reply.Tokens[from..]];
        bool[] mask = [.. question.Mask[..asked], .. reply.Mask[from..]];
        int surplus = Math.Max(0, tokens.Length - longest);
        return new TrainingExample(tokens[surplus..], mask[surplus..]);
    }
}
