using FineTuneChat.Chat.Encoding;

namespace FineTuneChat.Training.Objectives;

/// <summary>Several objectives at once: a step's rows may be of any of them, and each row weighs the same.</summary>
public sealed class MixedObjective : Objective
{
    private readonly IReadOnlyList<Objective> _parts;
    private readonly int[] _first; // row of each part; in the end, rows in all

    /// <summary>Those that have rows, one after the other.</summary>
    /// <param name="parts">At least one of them has rows.</param>
    public MixedObjective(params IEnumerable<Objective> parts)
    {
        _parts = [.. parts.Where(part => part.Rows > 0)];
        _first = new int[_parts.Count + 1];
        for (int i = 0; i < _parts.Count; i++)
            _first[i + 1] = _first[i] + _parts[i].Rows;
    }

    /// <inheritdoc/>
    public override string Method => string.Join('+', _parts.Select(part => part.Method));

    /// <inheritdoc/>
    public override int Rows => _first[^1];

    /// <inheritdoc/>
    public override IEnumerable<TrainingExample> Wanted => _parts.SelectMany(part => part.Wanted);

    /// <inheritdoc/>
    public override bool Compares => _parts.Any(part => part.Compares);

    /// <inheritdoc/>
    public override IEnumerable<TrainingExample> ExamplesOf(int row)
    {
        int part = PartOf(row);
        return _parts[part].ExamplesOf(row - _first[part]);
    }

    /// <inheritdoc/>
    public override void Refer(LogProbabilities reference)
    {
        foreach (Objective part in _parts)
            part.Refer(reference);
    }

    /// <inheritdoc/>
    public override WeightedExamples Weigh(ReadOnlySpan<int> rows, LogProbabilities policy)
    {
        List<TrainingExample> examples = [];
        List<float> weights = [];
        double offset = 0;
        PreferenceFigures? figures = null;
        foreach (IGrouping<int, int> own in rows.ToArray().ToLookup(PartOf))
        {
            WeightedExamples step = _parts[own.Key].Weigh([.. own.Select(row => row - _first[own.Key])], policy);
            float share = (float)own.Count() / rows.Length;
            examples.AddRange(step.Examples);
            weights.AddRange(step.Weights.Select(weight => weight * share));
            offset += step.Offset * share;
            figures = new PreferenceFigures(figures?.Accuracy ?? step.Figures?.Accuracy, figures?.Margin ?? step.Figures?.Margin);
        }
        return new WeightedExamples(examples, weights) { Offset = offset, Figures = figures };
    }

    private int PartOf(int row)
    {
        int found = Array.BinarySearch(_first, row);
        return found >= 0 ? found : ~found - 1;
    }
}
