using System.Globalization;

namespace FineTuneChat.Gateway.Learning.Gate;

/// <summary>
/// Decides whether a candidate may serve: it must have learned what was accepted, must not have lost what the base could, and must write
/// replies that end, are of a sensible length and, where they should be JSON, are. Pure.
/// </summary>
internal static class GateRules
{
    public static GateVerdict Decide(GateInput input, RetrainingSettings limits)
    {
        Finding[] findings = [.. Learned(input), .. Kept(input, limits), .. Written(input, limits)];
        bool isAccepted = findings.All(f => f.Passed);
        Reason[] told = [.. findings.Where(f => f.Passed == isAccepted).Select(f => f.Reason)];
        return new()
        {
            Accepted = isAccepted,
            Reasons = [.. told.Select(r => r.Text)],
            ReasonCodes = [.. told.Select(r => r.Code)],
            Figures = Figures(input),
        };
    }

    /// <summary>1. It must be better at what was accepted.</summary>
    private static IEnumerable<Finding> Learned(GateInput input)
    {
        (double candidate, double active) = (input.CandidateLearning.Loss, input.ActiveLearning.Loss);
        string learning = input.IsHeldOut ? "held-out accepted replies" : "the accepted replies themselves (too few to hold any out)";
        yield return new(candidate < active, Reason.Of(
            $"{Learning(input)}_loss",
            $"Loss on {learning}: {Show(candidate)}, version in service {Show(active)}; it must be lower.",
            ("candidate", candidate), ("active", active)));
    }

    /// <summary>2. It must not be much worse at what the base said to general questions.</summary>
    private static IEnumerable<Finding> Kept(GateInput input, RetrainingSettings limits)
    {
        (Measure candidate, Measure active) = (input.CandidateRegression, input.ActiveRegression);
        if (candidate.Tokens == 0)
        {
            yield return new(true, Reason.Of("regression_none", "The base gave no usable reply to the general questions: nothing to compare there."));
            yield break;
        }
        yield return new(candidate.Loss - active.Loss <= limits.MaxRegressionLoss, Reason.Of(
            "regression_loss",
            $"Loss on the base's own replies to general questions: {Show(candidate.Loss)}, version in service {Show(active.Loss)}; "
            + $"it may rise by {Show(limits.MaxRegressionLoss)}.",
            ("candidate", candidate.Loss), ("active", active.Loss), ("limit", limits.MaxRegressionLoss)));
        yield return Share(
            "regression_token_accuracy", "Tokens of the base's own replies that it still predicts",
            candidate.TokenAccuracy, active.TokenAccuracy, limits.MaxRegressionAccuracy);
        yield return Share(
            "regression_opening_accuracy", "General questions that it still begins to answer as the base did",
            candidate.OpeningAccuracy, active.OpeningAccuracy, limits.MaxRegressionOpenings);
        yield return Share(
            "regression_stop_rate", "Replies of the base that it still ends where the base did",
            candidate.StopRate, active.StopRate, limits.MaxRegressionStops);
    }

    /// <summary>3. What it writes when it is asked must end, and be neither far too long nor far too short; JSON where the data is JSON.</summary>
    private static IEnumerable<Finding> Written(GateInput input, RetrainingSettings limits)
    {
        foreach ((string kind, string asked, Measure of, Measure against) in (IEnumerable<(string, string, Measure, Measure)>)
            [
                ("accepted", "accepted replies", input.CandidateLearning, input.ActiveLearning),
                ("regression", "replies to general questions", input.CandidateRegression, input.ActiveRegression),
            ])
        {
            if (of.Generated is not { } candidate || against.Generated is not { } active)
                continue;
            if (candidate.Replies == 0 || active.Replies == 0)
            {
                yield return new(true, Reason.Of(
                    $"{kind}_written_none",
                    $"None of the {asked} is short enough to be written anew ({limits.WrittenTokens / 2} tokens): ends and lengths were not looked at.",
                    ("limit", limits.WrittenTokens / 2)));
                continue;
            }

            yield return Share(
                $"{kind}_written_stop_rate", $"Of {candidate.Replies} {asked} that it wrote anew, those that it ended by itself",
                candidate.StopRate, active.StopRate, limits.MaxWrittenStops);

            double least = Math.Min(1, active.RelativeLength) / limits.MaxWrittenLength, most = Math.Max(1, active.RelativeLength) * limits.MaxWrittenLength;
            yield return new(candidate.RelativeLength >= least && candidate.RelativeLength <= most, Reason.Of(
                $"{kind}_written_length",
                $"The {asked} that it wrote anew are {Times(candidate.RelativeLength)} as long as expected, "
                + $"those of the version in service {Times(active.RelativeLength)}; allowed are {Times(least)} to {Times(most)}.",
                ("candidate", candidate.RelativeLength), ("active", active.RelativeLength), ("least", least), ("most", most)));

            if (kind == "accepted" && candidate.JsonShare >= limits.WrittenJsonShare && candidate.ValidJson is { } valid)
                yield return Share(
                    "accepted_written_json_rate", "The accepted replies are JSON; of those that it wrote anew, valid JSON",
                    valid, active.ValidJson ?? 0, limits.MaxWrittenJson);
        }
    }

    /// <summary>A share that may fall below that of the version in service, but not by more than the limit.</summary>
    private static Finding Share(string code, string what, double candidate, double active, double limit) => new(active - candidate <= limit, Reason.Of(
        code,
        $"{what}: {Percent(candidate)}, version in service {Percent(active)}; it may lose {Percent(limit)}.",
        ("candidate", candidate), ("active", active), ("limit", limit)));

    private static Dictionary<string, GateFigure> Figures(GateInput input)
    {
        var figures = new Dictionary<string, GateFigure>();
        Add($"{Learning(input)}_loss", m => m.Loss, input.CandidateLearning, input.ActiveLearning);
        Add($"{Learning(input)}_token_accuracy", m => m.TokenAccuracy, input.CandidateLearning, input.ActiveLearning);
        AddWritten("accepted", input.CandidateLearning, input.ActiveLearning);
        Add("accepted_written_json_rate", m => m.Generated?.ValidJson, input.CandidateLearning, input.ActiveLearning);
        if (input.CandidateRegression.Tokens > 0)
        {
            Add("regression_loss", m => m.Loss, input.CandidateRegression, input.ActiveRegression);
            Add("regression_token_accuracy", m => m.TokenAccuracy, input.CandidateRegression, input.ActiveRegression);
            Add("regression_opening_accuracy", m => m.OpeningAccuracy, input.CandidateRegression, input.ActiveRegression);
            Add("regression_stop_rate", m => m.StopRate, input.CandidateRegression, input.ActiveRegression);
            AddWritten("regression", input.CandidateRegression, input.ActiveRegression);
        }
        return figures;

        void AddWritten(string kind, Measure candidate, Measure active)
        {
            Add($"{kind}_written_stop_rate", m => m.Generated is { Replies: > 0 } g ? g.StopRate : null, candidate, active);
            Add($"{kind}_written_length", m => m.Generated is { Replies: > 0 } g ? g.RelativeLength : null, candidate, active);
        }

        void Add(string name, Func<Measure, double?> value, Measure candidate, Measure active)
        {
            if (value(candidate) is { } of && value(active) is { } against)
                figures[name] = new(of, against);
        }
    }

    private static string Learning(GateInput input) => input.IsHeldOut ? "held_out" : "accepted";

    private static string Show(double value) => value.ToString("0.000", CultureInfo.InvariantCulture);

    private static string Percent(double share) => (share * 100).ToString("0.0", CultureInfo.InvariantCulture) + " %";

    private static string Times(double factor) => factor.ToString("0.00", CultureInfo.InvariantCulture) + " times";

    private sealed record Finding(bool Passed, Reason Reason);
}
