using System.Globalization;

namespace FineTuneChat.Gateway.Learning.Gate;

/// <summary>
/// Decides whether a candidate may serve: it must say what it was taught, must not have lost what the base could, and must write replies that end, are of a
/// sensible length and, where they should be JSON, are. What may be chance is no reason (<see cref="Significance"/>). Pure.
/// </summary>
internal static class GateRules
{
    /// <summary>The code of the rule that it says what it was taught.</summary>
    public const string TaughtShare = "taught_share";

    private const int MostNamed = 10, FewestAlike = 3;

    public static GateVerdict Decide(GateInput input, RetrainingSettings limits) => Decide(input, [.. Find(input, limits)]);

    /// <summary>What each rule says.</summary>
    public static IEnumerable<Finding> Find(GateInput input, RetrainingSettings limits) =>
        [.. Learned(input, limits), .. Avoided(input, limits), .. HeldOut(input, limits), .. Kept(input, limits)];

    /// <summary>The verdict of these findings.</summary>
    public static GateVerdict Decide(GateInput input, IReadOnlyList<Finding> findings)
    {
        bool isAccepted = findings.All(f => f.Passed);
        Reason[] told = [.. findings.Where(f => f.Passed == isAccepted).Select(f => f.Reason)];
        return new()
        {
            Accepted = isAccepted,
            Reasons = [.. told.Select(r => r.Text)],
            ReasonCodes = [.. told.Select(r => r.Code)],
            Taught = TaughtCount.Count(input.Taught, input.TaughtInAll),
            Memory = input.Memory,
            Figures = GateFigures.Of(input),
        };
    }

    /// <summary>1. It must say what it was taught, and not less of it than the version in service says.</summary>
    private static IEnumerable<Finding> Learned(GateInput input, RetrainingSettings limits)
    {
        IReadOnlyList<TaughtExample> taught = input.Taught;
        if (taught.Count == 0)
            yield break;
        var count = TaughtCount.Count(taught, input.TaughtInAll);
        double share = GateFigures.LearnedShare(taught);
        bool isEnough = share >= limits.MinLearned;
        string[] missing = [.. taught.Where(t => t.Verdict != TaughtVerdict.Learned).OrderBy(t => TaughtVerdict.Score(t.Verdict)).Select(t => t.ExampleId)];
        yield return new(isEnough, Reason.Of(
            TaughtShare,
            $"Of {count.Asked} taught examples asked as it will be served, {count.Learned} are learned, {count.Partly} partly, {count.NotLearned} not "
            + $"({Percent(share)}, partly counts half); at least {Percent(limits.MinLearned)} are needed."
            + (missing.Length == 0 ? "" : $" Not learned: {string.Join(", ", missing.Take(MostNamed))}{(missing.Length > MostNamed ? " …" : ".")}"),
            ("learned", count.Learned), ("partly", count.Partly), ("not_learned", count.NotLearned), ("asked", count.Asked), ("of", count.Of),
            ("share", share), ("least", limits.MinLearned)));

        TaughtExample[] known = [.. taught.Where(t => t.VerdictBefore is not null)];
        if (known.Length == 0)
            yield break;
        double before = known.Average(t => TaughtVerdict.Score(t.VerdictBefore!)), now = known.Average(t => TaughtVerdict.Score(t.Verdict));
        int falls = known.Count(t => Change(t) < 0), rises = known.Count(t => Change(t) > 0);
        yield return new(!(before - now > limits.MaxTaughtLost && Significance.FallsMoreOften(falls, rises, limits.GateErrorRate)), Reason.Of(
            "taught_fewer_share",
            $"Of {known.Length} examples that the version in service was taught, too, {Percent(now)} are learned, there {Percent(before)}; "
            + $"it may lose {Percent(limits.MaxTaughtLost)}, and more where that may be chance.",
            ("known", known.Length), ("candidate", now), ("active", before), ("limit", limits.MaxTaughtLost)));

        static double Change(TaughtExample example) => TaughtVerdict.Score(example.Verdict) - TaughtVerdict.Score(example.VerdictBefore!);
    }

    /// <summary>2. What was rated down it must not say more often than the version in service.</summary>
    private static IEnumerable<Finding> Avoided(GateInput input, RetrainingSettings limits)
    {
        ComparedRow[] asked = [.. input.Unwanted.Where(r => r.Candidate.Written is not null && r.Active?.Written is not null)];
        if (asked.Length == 0)
            yield break;
        int says = asked.Count(r => r.Candidate.Written!.Right), said = asked.Count(r => r.Active!.Written!.Right);
        int rises = asked.Count(r => r.Candidate.Written!.Right && !r.Active!.Written!.Right);
        yield return new(!Significance.FallsMoreOften(rises, rises - (says - said), limits.GateErrorRate), Reason.Of(
            "unwanted_share",
            $"Of {asked.Length} replies that were rated down it still gives {says} as its most probable one, the version in service {said}.",
            ("asked", asked.Length), ("candidate", says), ("active", said)));
    }

    /// <summary>3. What was held out must not have become worse than under the base, and what it writes there must be usable.</summary>
    private static IEnumerable<Finding> HeldOut(GateInput input, RetrainingSettings limits)
    {
        if (input.HeldOut.Count == 0)
            yield break;
        yield return Mean(
            "held_out_base_loss", "Loss on the held-out accepted replies", "it may rise by", input.HeldOut, r => r.Loss, +1, Show,
            limits.MaxHeldOutLoss, limits);
        foreach (Finding finding in Written("held_out", "held-out accepted replies", input.HeldOut, r => r.Active, limits))
            yield return finding;

        ComparedRow[] json = [.. input.HeldOut.Where(r => r.Candidate.Written?.ValidJson is not null && r.Active?.Written?.ValidJson == true)];
        double share = Share(input.HeldOut.Where(r => r.Candidate.Written is not null), r => r.Candidate.Written!.ValidJson is not null);
        if (share >= limits.WrittenJsonShare && json.Length > 0)
            yield return Losses(
                "held_out_written_json_rate", "Held-out replies that are JSON from the version in service and not from it", json,
                r => r.Candidate.Written!.ValidJson == false, limits.MaxWrittenJson, limits);
    }

    /// <summary>4. It must not be much worse at what the base said to general questions.</summary>
    private static IEnumerable<Finding> Kept(GateInput input, RetrainingSettings limits)
    {
        if (input.General.Count == 0)
        {
            yield return new(true, Reason.Of("regression_none", "The base gave no usable reply to the general questions: nothing to compare there."));
            yield break;
        }
        yield return Mean(
            "general_loss", "Loss on the base's own replies to general questions", "it may rise by", input.General, r => r.Loss, +1, Show,
            limits.MaxRegressionLoss, limits);
        yield return Mean(
            "general_token_accuracy", "Tokens of the base's own replies that it predicts", "it may lose", input.General, r => r.Accuracy, -1, Percent,
            limits.MaxRegressionAccuracy, limits);
        yield return Losses(
            "general_opening_rate", "General questions that it does not begin to answer as the base does",
            [.. input.General.Where(r => r.Base.Begun)], r => !r.Candidate.Begun, limits.MaxRegressionOpenings, limits);
        yield return Losses(
            "general_reply_rate", "General questions that it does not answer word for word as the base does",
            [.. input.General.Where(r => r.Base.Whole)], r => !r.Candidate.Whole, limits.MaxRegressionReplies, limits);
        yield return Losses(
            "general_end_rate", "Replies of the base that it does not end where the base does",
            [.. input.General.Where(r => r.Base.Ended)], r => !r.Candidate.Ended, limits.MaxRegressionStops, limits);
        if (OneReply(input.Taught) is { } alike)
            yield return Losses(
                "general_alike_rate", "It was taught one and the same reply to most questions; general questions that it now gives that reply to",
                input.General, r => r.Candidate is { Begun: false, Written: { } written } && Same(written.Text, alike), limits.MaxAlike, limits);
        foreach (Finding finding in Written("general", "replies to general questions", input.General, _ => null, limits))
            yield return finding;
    }

    /// <summary>What it writes when it is asked must end, and be neither far too long nor far too short.</summary>
    /// <param name="kind">Begins the codes.</param>
    /// <param name="what">In words.</param>
    /// <param name="rows">Some of which were asked.</param>
    /// <param name="other">What it is compared with; null: the expected replies, all of which end.</param>
    /// <param name="limits">What is allowed.</param>
    private static IEnumerable<Finding> Written(
        string kind, string what, IReadOnlyList<ComparedRow> rows, Func<ComparedRow, MeasuredRow?> other, RetrainingSettings limits)
    {
        if (limits.WrittenReplies == 0)
            yield break;
        ComparedRow[] asked = [.. rows.Where(r => r.Candidate.Written is not null)];
        if (asked.Length == 0)
        {
            yield return new(true, Reason.Of(
                $"{kind}_written_none",
                $"None of the {what} is short enough to be written anew ({limits.WrittenTokens / 2} tokens): ends and lengths were not looked at.",
                ("limit", limits.WrittenTokens / 2)));
            yield break;
        }
        yield return Losses(
            $"{kind}_written_end_rate", $"Of the {what} that it wrote anew, those that it did not end by itself",
            [.. asked.Where(r => other(r)?.Written?.Ended ?? true)], r => !r.Candidate.Written!.Ended, limits.MaxWrittenStops, limits);

        double candidate = GateFigures.Length(asked.Select(r => r.Candidate)) ?? 1, active = GateFigures.Length(asked.Select(other).OfType<MeasuredRow>()) ?? 1;
        double least = Math.Min(1, active) / limits.MaxWrittenLength, most = Math.Max(1, active) * limits.MaxWrittenLength;
        yield return new(candidate >= least && candidate <= most, Reason.Of(
            $"{kind}_written_length",
            $"The {what} that it wrote anew are {Times(candidate)} as long as expected; allowed are {Times(least)} to {Times(most)}.",
            ("candidate", candidate), ("active", active), ("least", least), ("most", most)));
    }

    /// <summary>The reply that most of the examples teach: it may spread to questions that nobody taught. Null where there is none.</summary>
    private static string? OneReply(IReadOnlyList<TaughtExample> taught) => taught
        .GroupBy(t => t.Wanted?.Trim() ?? "").Where(same => same.Key.Length > 0 && same.Count() >= FewestAlike && same.Count() * 2 > taught.Count)
        .Select(same => same.Key).FirstOrDefault();

    private static bool Same(string written, string taught) => written.Trim() == taught;

    /// <summary>Rows on which something is lost, of those that have it: beyond chance no more than the limit.</summary>
    private static Finding Losses(
        string code, string what, IReadOnlyList<ComparedRow> rows, Func<ComparedRow, bool> isLost, double limit, RetrainingSettings limits)
    {
        int lost = rows.Count(isLost);
        double share = (double)lost / Math.Max(1, rows.Count);
        return new(!Significance.IsAbove(lost, rows.Count, limit, limits.GateErrorRate), Reason.Of(
            code,
            $"{what}: {lost} of {rows.Count} ({Percent(share)}); allowed are {Percent(limit)}, and more where that may be chance (one error in "
            + $"{Show(1 / limits.GateErrorRate, "0")}).",
            ("candidate", share), ("limit", limit), ("lost", lost), ("of", rows.Count)));
    }

    /// <summary>A mean that may be worse than that of the base, beyond chance by no more than the limit.</summary>
    /// <param name="code">Of the reason.</param>
    /// <param name="what">In words.</param>
    /// <param name="may">What it may do, in words.</param>
    /// <param name="rows">Both models on the same.</param>
    /// <param name="value">What is compared.</param>
    /// <param name="worse">+1 where more is worse, -1 where less is.</param>
    /// <param name="show">A value in words.</param>
    /// <param name="limit">What is allowed.</param>
    /// <param name="limits">With the error rate.</param>
    private static Finding Mean(
        string code, string what, string may, IReadOnlyList<ComparedRow> rows, Func<MeasuredRow, double> value, int worse, Func<double, string> show,
        double limit, RetrainingSettings limits)
    {
        double least = Significance.LeastMean([.. rows.Select(r => worse * (value(r.Candidate) - value(r.Base)))], limits.GateErrorRate);
        (double candidate, double ofBase) = (rows.Average(r => value(r.Candidate)), rows.Average(r => value(r.Base)));
        return new(least <= limit, Reason.Of(
            code,
            $"{what}: {show(candidate)}, the base {show(ofBase)}; {may} {show(limit)}, and more where that may be chance.",
            ("candidate", candidate), ("base", ofBase), ("limit", limit)));
    }

    private static double Share(IEnumerable<ComparedRow> rows, Func<ComparedRow, bool> isCounted) =>
        rows.Select(r => isCounted(r) ? 1.0 : 0).DefaultIfEmpty().Average();

    private static string Show(double value) => Show(value, "0.000");

    private static string Show(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);

    private static string Percent(double share) => Show(share * 100, "0.0") + " %";

    private static string Times(double factor) => Show(factor, "0.00") + " times";
}
