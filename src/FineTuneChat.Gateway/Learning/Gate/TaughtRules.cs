namespace FineTuneChat.Gateway.Learning.Gate;

/// <summary>Whether a candidate says what it was taught. Pure.</summary>
internal static class TaughtRules
{
    private const double PredictedWell = 0.9; // share of a long reply's tokens
    private const double ClearlyBetter = 0.75, Better = 0.9; // of the base's loss on a long reply

    /// <summary>Verdicts on all that was asked.</summary>
    /// <param name="asked">The asked examples, in the order of their rows, and what they should say.</param>
    /// <param name="candidate">As measured and asked. A row that is left out because it is too long gets no verdict.</param>
    /// <param name="active">The same rows under the version in service.</param>
    /// <param name="ofBase">And under the base.</param>
    /// <param name="before">Verdicts of the version in service, as far as there are any.</param>
    public static IReadOnlyList<TaughtExample> Compare(
        IReadOnlyList<(string Id, string? Wanted)> asked, IReadOnlyList<MeasuredRow> candidate, IReadOnlyList<MeasuredRow> active,
        IReadOnlyList<MeasuredRow> ofBase, IReadOnlyDictionary<string, string> before)
    {
        Dictionary<int, MeasuredRow> was = active.ToDictionary(r => r.Row), atFirst = ofBase.ToDictionary(r => r.Row);
        return
        [
            .. candidate.Where(row => was.ContainsKey(row.Row) && atFirst.ContainsKey(row.Row)).Select(row =>
                new TaughtExample(asked[row.Row - 1].Id, Verdict(row, atFirst[row.Row].Loss), row, was[row.Row])
                {
                    Wanted = asked[row.Row - 1].Wanted,
                    VerdictBefore = before.GetValueOrDefault(asked[row.Row - 1].Id),
                }),
        ];
    }

    /// <summary>
    /// Of what can be said letter for letter, or as the same JSON: learned when the most probable reply is right and so are most of those drawn as served,
    /// partly when any is. Of the rest: learned when nine of ten tokens are predicted or the loss has fallen by a quarter, partly when by a tenth.
    /// </summary>
    /// <param name="candidate">As measured and asked.</param>
    /// <param name="baseLoss">Nats per token under the base.</param>
    public static string Verdict(MeasuredRow candidate, double baseLoss)
    {
        if (candidate.Written is not { } written || written.Measure == WrittenMeasure.Prediction)
            return candidate.Written?.Right == true || candidate.Accuracy >= PredictedWell || candidate.Loss <= ClearlyBetter * baseLoss ? TaughtVerdict.Learned
                : candidate.Loss <= Better * baseLoss ? TaughtVerdict.Partly
                : TaughtVerdict.NotLearned;
        if (written.Right && (written.Draws == 0 || written.RightDraws * 2 > written.Draws))
            return TaughtVerdict.Learned;
        return written.Right || written.RightDraws > 0 ? TaughtVerdict.Partly : TaughtVerdict.NotLearned;
    }
}
