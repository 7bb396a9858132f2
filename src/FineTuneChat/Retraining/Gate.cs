using System.Globalization;

namespace FineTuneChat.Retraining;

/// <summary>What <c>evaluate</c> found on one dataset.</summary>
/// <param name="Loss">Nats per completion token.</param>
/// <param name="TokenAccuracy">Share of tokens predicted as the most probable.</param>
/// <param name="Tokens">Tokens measured; 0: there was nothing to measure on.</param>
/// <param name="OpeningAccuracy">Share of replies that begin as expected.</param>
/// <param name="ReplyAccuracy">Share of replies that are, letter for letter, what is expected.</param>
/// <param name="StopRate">Share of replies that end where expected.</param>
internal sealed record Measure(double Loss, double TokenAccuracy, long Tokens, double OpeningAccuracy, double ReplyAccuracy, double StopRate);

/// <summary>The exported candidate and the version in service, measured on the same data.</summary>
internal sealed record GateInput
{
    public required Measure CandidateLearning { get; init; }
    public required Measure ActiveLearning { get; init; }

    /// <summary>False where there were too few examples to hold any out: then the trained ones themselves are measured.</summary>
    public required bool IsHeldOut { get; init; }
    public required Measure CandidateRegression { get; init; }
    public required Measure ActiveRegression { get; init; }
}

/// <summary>The decision with its reasons in words, and the figures behind it.</summary>
internal sealed record GateVerdict
{
    public required bool Accepted { get; init; }
    public required IReadOnlyList<string> Reasons { get; init; }

    /// <summary>By name; compared ones hold both values.</summary>
    public required IReadOnlyDictionary<string, GateFigure> Figures { get; init; }
}

/// <summary>One figure of the candidate and of the version that was in service.</summary>
internal sealed record GateFigure(double Candidate, double Active);

/// <summary>
/// Decides whether a candidate may serve: it must have learned what was accepted, and must not have lost what the base could. Pure.
/// </summary>
internal static class Gate
{
    public static GateVerdict Decide(GateInput input, RetrainingSettings limits)
    {
        var (accepted, refused) = (new List<string>(), new List<string>());

        // 1. It must be better at what was accepted.
        string learning = input.IsHeldOut ? "held-out accepted replies" : "the accepted replies themselves (too few to hold any out)";
        (input.CandidateLearning.Loss < input.ActiveLearning.Loss ? accepted : refused).Add(
            $"Loss on {learning}: {Show(input.CandidateLearning.Loss)}, version in service {Show(input.ActiveLearning.Loss)}; it must be lower.");

        // 2. It must not be much worse at what the base said to general questions.
        if (input.CandidateRegression.Tokens == 0)
        {
            accepted.Add("The base gave no usable reply to the general questions: nothing to compare there.");
        }
        else
        {
            double loss = input.CandidateRegression.Loss - input.ActiveRegression.Loss;
            (loss <= limits.MaxRegressionLoss ? accepted : refused).Add(
                $"Loss on the base's own replies to general questions: {Show(input.CandidateRegression.Loss)}, version in service {Show(input.ActiveRegression.Loss)}; it may rise by {Show(limits.MaxRegressionLoss)}.");
            Keep("Tokens of those replies that it still predicts", m => m.TokenAccuracy, limits.MaxRegressionAccuracy);
            Keep("General questions that it still begins to answer as the base did", m => m.OpeningAccuracy, limits.MaxRegressionOpenings);
            Keep("Replies that it still ends where the base did", m => m.StopRate, limits.MaxRegressionStops);
        }

        return new()
        {
            Accepted = refused.Count == 0,
            Reasons = refused.Count == 0 ? accepted : refused,
            Figures = Figures(input),
        };

        void Keep(string what, Func<Measure, double> share, double limit)
        {
            (double candidate, double active) = (share(input.CandidateRegression), share(input.ActiveRegression));
            (active - candidate <= limit ? accepted : refused).Add($"{what}: {Percent(candidate)}, version in service {Percent(active)}; it may lose {Percent(limit)}.");
        }
    }

    private static Dictionary<string, GateFigure> Figures(GateInput input)
    {
        string learning = input.IsHeldOut ? "held_out" : "accepted";
        var figures = new Dictionary<string, GateFigure>
        {
            [$"{learning}_loss"] = new(input.CandidateLearning.Loss, input.ActiveLearning.Loss),
            [$"{learning}_token_accuracy"] = new(input.CandidateLearning.TokenAccuracy, input.ActiveLearning.TokenAccuracy),
        };
        if (input.CandidateRegression.Tokens > 0)
        {
            figures["regression_loss"] = new(input.CandidateRegression.Loss, input.ActiveRegression.Loss);
            figures["regression_token_accuracy"] = new(input.CandidateRegression.TokenAccuracy, input.ActiveRegression.TokenAccuracy);
            figures["regression_opening_accuracy"] = new(input.CandidateRegression.OpeningAccuracy, input.ActiveRegression.OpeningAccuracy);
            figures["regression_stop_rate"] = new(input.CandidateRegression.StopRate, input.ActiveRegression.StopRate);
        }
        return figures;
    }

    private static string Show(double value) => value.ToString("0.000", CultureInfo.InvariantCulture);

    private static string Percent(double share) => (share * 100).ToString("0.0", CultureInfo.InvariantCulture) + " %";
}
