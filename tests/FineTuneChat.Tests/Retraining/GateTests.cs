using FineTuneChat.Retraining;

namespace FineTuneChat.Tests.Retraining;

public sealed class GateTests
{
    private static readonly RetrainingSettings Limits = new() { MaxRegressionLoss = 0.2, MaxRegressionAccuracy = 0.05, MaxRegressionOpenings = 0.15, MaxRegressionStops = 0.05 };

    [Fact]
    public void What_learned_and_forgot_nothing_is_accepted_with_its_figures()
    {
        GateVerdict verdict = Decide(learning: 0.3, regression: 0.15, accuracy: 0.97);
        Assert.True(verdict.Accepted);
        Assert.Equal(5, verdict.Reasons.Count);
        Assert.Equal(new GateFigure(0.3, 2.0), verdict.Figures["held_out_loss"]);
        Assert.Equal(new GateFigure(0.97, 1.0), verdict.Figures["regression_token_accuracy"]);
    }

    [Theory]
    [InlineData(2.0, 0.1, 1.0, 1.0, 1.0, "held-out")] // not better
    [InlineData(2.5, 0.1, 1.0, 1.0, 1.0, "held-out")]
    [InlineData(0.3, 0.31, 1.0, 1.0, 1.0, "general questions")]
    [InlineData(0.3, 0.1, 0.94, 1.0, 1.0, "still predicts")]
    [InlineData(0.3, 0.1, 1.0, 0.8, 1.0, "begins to answer")]
    [InlineData(0.3, 0.1, 1.0, 1.0, 0.9, "still ends")]
    public void Each_failing_is_refused_for_its_own_reason(double learning, double regression, double accuracy, double openings, double stops, string reason)
    {
        GateVerdict verdict = Decide(learning, regression, accuracy, openings, stops);
        Assert.False(verdict.Accepted);
        Assert.Contains(reason, Assert.Single(verdict.Reasons));
    }

    [Fact]
    public void All_failings_are_told_together() => Assert.Equal(5, Decide(3, 1, 0.1, 0.1, 0.1).Reasons.Count);

    [Fact]
    public void Without_held_out_examples_the_verdict_says_so()
    {
        GateVerdict verdict = Gate.Decide(Input(0.3, 0.1, 1) with { IsHeldOut = false }, Limits);
        Assert.Contains("too few", verdict.Reasons[0]);
        Assert.True(verdict.Figures.ContainsKey("accepted_loss"));
    }

    [Fact]
    public void A_base_without_usable_replies_is_said_and_compared_with_nothing()
    {
        GateVerdict verdict = Gate.Decide(Input(0.3, 0, 0) with { CandidateRegression = new(0, 0, 0, 0, 0, 0), ActiveRegression = new(0, 0, 0, 0, 0, 0) }, Limits);
        Assert.True(verdict.Accepted);
        Assert.Contains("no usable reply", verdict.Reasons[1]);
        Assert.False(verdict.Figures.ContainsKey("regression_loss"));
    }

    private static GateVerdict Decide(double learning, double regression, double accuracy, double openings = 1, double stops = 1) =>
        Gate.Decide(Input(learning, regression, accuracy, openings, stops), Limits);

    private static GateInput Input(double learning, double regression, double accuracy, double openings = 1, double stops = 1) => new()
    {
        CandidateLearning = new(learning, 0.9, 100, 1, 1, 1),
        ActiveLearning = new(2.0, 0.4, 100, 1, 1, 1),
        IsHeldOut = true,
        CandidateRegression = new(regression, accuracy, 500, openings, openings, stops),
        ActiveRegression = new(0.1, 1.0, 500, 1, 1, 1),
    };
}
