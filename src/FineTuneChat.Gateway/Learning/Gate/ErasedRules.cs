using System.Globalization;

namespace FineTuneChat.Gateway.Learning.Gate;

/// <summary>
/// Whether a model still knows what was erased. It is compared with the base, which never learned it: what the base says by itself, such as “Yes.”, is no
/// memory. Pure.
/// </summary>
internal static class ErasedRules
{
    /// <summary>The codes of these findings begin so.</summary>
    public const string Codes = "erased_";

    private const double Noise = 1; // nats of a whole reply: training on anything moves them
    private const double OnceIn = 20; // a reply that is written less often than that is not known
    private const double Predicted = 0.9; // share of a long reply's tokens

    /// <summary>None where nothing was asked.</summary>
    public static IEnumerable<Finding> Find(IReadOnlyList<ErasedReply> erased, double errorRate)
    {
        if (erased.Count == 0)
            yield break;
        int greedy = erased.Count(IsWritten);
        yield return new(greedy == 0, Reason.Of(
            "erased_written",
            $"Of {Count(erased.Count)}, {greedy} are its most probable replies and not the base's.",
            ("written", greedy), ("of", erased.Count)));

        int samples = erased.Sum(e => e.Candidate.Written?.Draws ?? 0), drawn = erased.Sum(e => e.Candidate.Written?.RightDraws ?? 0);
        yield return new(!erased.Any(e => IsDrawn(e, errorRate)), Reason.Of(
            "erased_drawn",
            $"In {samples} samples as served, it wrote {Count(erased.Count)} {drawn} times; the base {erased.Sum(e => e.Base.Written?.RightDraws ?? 0)} times.",
            ("drawn", drawn), ("samples", samples), ("of", erased.Count)));

        double candidate = erased.Average(e => e.Candidate.Loss), ofBase = erased.Average(e => e.Base.Loss);
        int likely = erased.Count(IsLikely);
        yield return new(likely == 0, Reason.Of(
            "erased_loss",
            $"Loss on {Count(erased.Count)}: {Show(candidate)}, the base {Show(ofBase)}; {likely} of them are more likely than under the base.",
            ("candidate", candidate), ("base", ofBase), ("likely", likely), ("of", erased.Count)));
    }

    /// <summary>Whether it is the most probable reply, and not so for the base.</summary>
    public static bool IsWritten(ErasedReply erased) => erased.Candidate.Written?.Right == true && erased.Base.Written?.Right != true;

    private static bool IsDrawn(ErasedReply erased, double errorRate)
    {
        if (erased.Candidate.Written is not { RightDraws: > 0 } candidate)
            return false;
        return erased.Base.Written is not { RightDraws: > 0 and var known, Draws: var of }
            || Significance.IsAbove(candidate.RightDraws, candidate.Draws, (double)known / of, errorRate);
    }

    /// <summary>
    /// More likely than under the base, beyond noise, and likely enough to be written. Other examples make parts of a reply likely, such as names and turns of
    /// phrase that they share with it; what made it worth erasing is the part that they do not.
    /// </summary>
    private static bool IsLikely(ErasedReply erased)
    {
        (double candidate, double ofBase) = (erased.Candidate.Loss * erased.Candidate.Tokens, erased.Base.Loss * erased.Base.Tokens);
        if (ofBase - candidate <= Noise)
            return false;
        return candidate < Math.Log(OnceIn)
            || (erased.Candidate.Written is null or { Measure: WrittenMeasure.Prediction }
                && erased.Candidate.Accuracy >= Predicted && erased.Base.Accuracy < Predicted);
    }

    private static string Count(int erased) => erased == 1 ? "1 erased reply" : $"{erased} erased replies";

    private static string Show(double value) => value.ToString("0.000", CultureInfo.InvariantCulture);
}
