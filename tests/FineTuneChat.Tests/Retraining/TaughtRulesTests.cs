using FineTuneChat.Gateway.Learning.Gate;

namespace FineTuneChat.Tests.Retraining;

public sealed class TaughtRulesTests
{
    [Theory]
    [InlineData(true, 4, "learned")]
    [InlineData(true, 3, "learned")]
    [InlineData(true, 2, "partly")]
    [InlineData(true, 0, "partly")]
    [InlineData(false, 4, "partly")]
    [InlineData(false, 1, "partly")]
    [InlineData(false, 0, "not_learned")]
    public void What_can_be_said_letter_for_letter_is_judged_by_what_is_said(bool isRight, int draws, string verdict) => Assert.Equal(
        verdict, TaughtRules.Verdict(Row(0.01, 20) with { Written = new(WrittenMeasure.Text, "", isRight, true, 5, 5, 4, draws) }, baseLoss: 3));

    [Theory]
    [InlineData(18, 0.9, "learned")] // nine of ten tokens
    [InlineData(10, 0.74, "learned")] // a quarter less than the base's loss of 1
    [InlineData(10, 0.89, "partly")]
    [InlineData(10, 0.95, "not_learned")]
    [InlineData(10, 1.2, "not_learned")]
    public void Long_prose_and_calls_are_judged_by_how_well_they_are_predicted(int hits, double loss, string verdict)
    {
        Assert.Equal(verdict, TaughtRules.Verdict(Row(loss, hits), baseLoss: 1));
        Assert.Equal(
            verdict, TaughtRules.Verdict(Row(loss, hits) with { Written = new(WrittenMeasure.Prediction, "", false, false, 5, 5, 0, 0) }, baseLoss: 1));
    }

    [Fact]
    public void A_verdict_is_that_of_the_row_and_rows_that_are_too_long_have_none()
    {
        MeasuredRow second = Row(0.1, 20) with { Row = 2, Written = new(WrittenMeasure.Text, "At nine.", true, true, 5, 5, 4, 3) { Otherwise = "At ten." } };
        TaughtExample taught = Assert.Single(TaughtRules.Compare(
            [("ex_a", "At eight."), ("ex_b", "At nine.")], [second], [Row(2, 5) with { Row = 2 }], [Row(3, 5) with { Row = 2 }],
            new Dictionary<string, string> { ["ex_b"] = "partly" }));
        Assert.Equal(("ex_b", "learned", 2.0, 0.1), (taught.ExampleId, taught.Verdict, taught.Active.Loss, taught.Candidate.Loss));
        WrittenRow written = taught.Candidate.Written!;
        Assert.Equal(("At nine.", "At ten.", 4, 3, "partly"), (written.Text, written.Otherwise, written.Draws, written.RightDraws, taught.VerdictBefore));
    }

    private static MeasuredRow Row(double loss, int hits) => new(1, loss, 20, hits, true, true, true);
}
