using FineTuneChat.Gateway.Learning;
using FineTuneChat.Gateway.Learning.Gate;

namespace FineTuneChat.Tests.Retraining;

public sealed class GateTests
{
    private static readonly RetrainingSettings Limits = new()
    {
        MaxRegressionLoss = 0.2,
        MaxRegressionAccuracy = 0.05,
        MaxRegressionOpenings = 0.15,
        MaxRegressionStops = 0.05,
        MaxWrittenStops = 0.1,
        MaxWrittenLength = 2,
        WrittenJsonShare = 0.9,
        MaxWrittenJson = 0.1,
    };

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
        GateVerdict verdict = GateRules.Decide(Input(0.3, 0.1, 1) with { IsHeldOut = false }, Limits);
        Assert.Contains("too few", verdict.Reasons[0]);
        Assert.True(verdict.Figures.ContainsKey("accepted_loss"));
    }

    [Fact]
    public void A_base_without_usable_replies_is_said_and_compared_with_nothing()
    {
        GateVerdict verdict = GateRules.Decide(
            Input(0.3, 0, 0) with { CandidateRegression = new(0, 0, 0, 0, 0, 0), ActiveRegression = new(0, 0, 0, 0, 0, 0) }, Limits);
        Assert.True(verdict.Accepted);
        Assert.Contains("no usable reply", verdict.Reasons[1]);
        Assert.False(verdict.Figures.ContainsKey("regression_loss"));
    }

    [Theory]
    [InlineData(0.9, 1.2, true, "")]
    [InlineData(0.89, 1.2, false, "accepted_written_stop_rate")] // of the version in service all end
    [InlineData(1, 3.1, false, "accepted_written_length")] // more than twice the 1.5 of the version in service
    [InlineData(1, 3.0, true, "")]
    [InlineData(1, 0.5, true, "")]
    [InlineData(1, 0.4, false, "accepted_written_length")]
    public void Written_replies_must_end_and_be_of_a_sensible_length(double stops, double length, bool isAccepted, string code)
    {
        GateVerdict verdict = Decide(Replies(stops, length), Replies(1, 1.5));
        Assert.Equal(isAccepted, verdict.Accepted);
        if (!isAccepted)
            Assert.Equal((code, 1), (Assert.Single(verdict.ReasonCodes).Code, verdict.Reasons.Count));
        Assert.Equal(new GateFigure(length, 1.5), verdict.Figures["accepted_written_length"]);
    }

    [Theory]
    [InlineData(1.0, 0.85, 1.0, false)]
    [InlineData(1.0, 0.95, 1.0, true)]
    [InlineData(1.0, 0.5, 0.0, true)] // better than what serves
    [InlineData(0.8, 0.5, 1.0, true)] // too little of the data is JSON
    public void Where_the_data_is_JSON_replies_must_stay_JSON(double jsonShare, double candidate, double active, bool isAccepted)
    {
        GateVerdict verdict = Decide(
            Replies(1, 1) with { JsonShare = jsonShare, ValidJson = candidate },
            Replies(1, 1) with { JsonShare = jsonShare, ValidJson = active });
        Assert.Equal(isAccepted, verdict.Accepted);
        if (!isAccepted)
            Assert.Contains(
                "accepted replies are JSON; of those that it wrote anew, valid JSON: 85.0 %, version in service 100.0 %; it may lose 10.0 %",
                Assert.Single(verdict.Reasons));
        Assert.Equal(new GateFigure(candidate, active), verdict.Figures["accepted_written_json_rate"]);
    }

    [Fact]
    public void Replies_too_long_to_be_written_anew_are_said_and_not_judged()
    {
        GateVerdict verdict = Decide(Replies(0, 0) with { Replies = 0 }, Replies(0, 0) with { Replies = 0 });
        Assert.True(verdict.Accepted);
        Assert.Contains("None of the accepted replies is short enough", verdict.Reasons[^1]);
        Assert.False(verdict.Figures.ContainsKey("accepted_written_length"));
    }

    [Fact]
    public void Every_reason_has_a_code_with_its_values()
    {
        GateVerdict verdict = Decide(learning: 0.3, regression: 0.15, accuracy: 0.97);
        Assert.Equal(
            ["held_out_loss", "regression_loss", "regression_token_accuracy", "regression_opening_accuracy", "regression_stop_rate"],
            verdict.ReasonCodes.Select(c => c.Code));
        Assert.Equal(
            (0.97, 1.0, 0.05),
            (verdict.ReasonCodes[2].Values["candidate"], verdict.ReasonCodes[2].Values["active"], verdict.ReasonCodes[2].Values["limit"]));
    }

    private static GateVerdict Decide(WrittenReplies candidate, WrittenReplies active)
    {
        GateInput input = Input(0.3, 0.1, 1);
        GateInput written = input with
        {
            CandidateLearning = input.CandidateLearning with { Generated = candidate },
            ActiveLearning = input.ActiveLearning with { Generated = active },
        };
        return GateRules.Decide(written, Limits);
    }

    private static WrittenReplies Replies(double stops, double relativeLength) => new(16, stops, relativeLength * 20, 20, 0, null);

    private static GateVerdict Decide(double learning, double regression, double accuracy, double openings = 1, double stops = 1) =>
        GateRules.Decide(Input(learning, regression, accuracy, openings, stops), Limits);

    private static GateInput Input(double learning, double regression, double accuracy, double openings = 1, double stops = 1) => new()
    {
        CandidateLearning = new(learning, 0.9, 100, 1, 1, 1),
        ActiveLearning = new(2.0, 0.4, 100, 1, 1, 1),
        IsHeldOut = true,
        CandidateRegression = new(regression, accuracy, 500, openings, openings, stops),
        ActiveRegression = new(0.1, 1.0, 500, 1, 1, 1),
    };
}
