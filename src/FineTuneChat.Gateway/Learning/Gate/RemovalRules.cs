namespace FineTuneChat.Gateway.Learning.Gate;

/// <summary>
/// The gate after something was removed. It must not be known any more (<see cref="ErasedRules"/>). Where nothing else has changed, the candidate need not be
/// better than the version in service at anything: to refuse it would keep what was to go. Pure.
/// </summary>
internal static class RemovalRules
{
    public static GateVerdict Decide(GateInput input, Removal removal, RetrainingSettings limits)
    {
        IEnumerable<Finding> usual = GateRules.Find(input, limits);
        if (removal.IsAll)
            usual = Unless(NoWorse(input, removal, limits), usual);
        GateVerdict verdict = GateRules.Decide(input, [.. usual, .. ErasedRules.Find(removal.Erased, limits.GateErrorRate)]);
        return removal.Erased.Count == 0 ? verdict : verdict with
        {
            Figures = new Dictionary<string, GateFigure>(verdict.Figures)
            {
                ["erased_loss"] = new(removal.Erased.Average(e => e.Candidate.Loss), null, removal.Erased.Average(e => e.Base.Loss)),
            },
        };
    }

    /// <summary>Whether it was refused for what it still knows, and for nothing else.</summary>
    public static bool IsOnlyStillKnown(GateVerdict verdict) =>
        !verdict.Accepted && verdict.ReasonCodes.All(reason => reason.Code.StartsWith(ErasedRules.Codes, StringComparison.Ordinal));

    /// <summary>The codes of the rules at which it is no worse than the version in service, beyond chance and by no more than the same limits.</summary>
    private static HashSet<string> NoWorse(GateInput input, Removal removal, RetrainingSettings limits)
    {
        GateInput besideActive = input with
        {
            General = removal.General!,
            HeldOut = [.. input.HeldOut.Where(row => row.Active is not null).Select(row => row with { Base = row.Active! })],
        };
        HashSet<string> codes = [.. GateRules.Find(besideActive, limits).Where(f => f.Passed).Select(f => f.Reason.Code.Code)];
        TaughtExample[] known = [.. input.Taught.Where(t => t.VerdictBefore is not null)];
        if (known.Length > 0
            && GateFigures.LearnedShare(known) >= known.Average(t => TaughtVerdict.Score(t.VerdictBefore!)) - limits.MaxTaughtLost)
            codes.Add(GateRules.TaughtShare);
        return codes;
    }

    private static IEnumerable<Finding> Unless(HashSet<string> passed, IEnumerable<Finding> findings) => findings.Select(finding =>
        finding.Passed || !passed.Contains(finding.Reason.Code.Code) ? finding : new Finding(
            Passed: true,
            finding.Reason with { Text = $"{finding.Reason.Text} The version in service is no better there, and nothing was added, only removed." }));
}
