using FineTuneChat.Gateway.Learning;
using FineTuneChat.Gateway.Learning.Gate;

namespace FineTuneChat.Tests.Retraining;

/// <summary>The gate after something was erased.</summary>
public sealed class RemovalRulesTests
{
    private static readonly RetrainingSettings Limits = new();

    [Fact]
    public void A_loss_that_rises_a_little_on_what_is_left_never_keeps_the_erased_in_service()
    {
        TaughtExample[] taught = [.. Enumerable.Range(0, 11).Select(i => Taught(i, TaughtVerdict.Learned, before: 0.0106, after: 0.0114))];
        GateVerdict verdict = RemovalRules.Decide(Input(taught), new Removal { General = General(0), Erased = [Erased(loss: 4)] }, Limits);
        Assert.True(verdict.Accepted, string.Join("\n", verdict.Reasons));
        Assert.Equal((4.0, 4.2), (verdict.Figures["erased_loss"].Candidate, verdict.Figures["erased_loss"].Base!.Value));
        Assert.Contains(verdict.ReasonCodes, r => r.Code == "erased_drawn" && r.Values["samples"] == 20);
    }

    [Fact]
    public void Where_only_something_was_removed_it_need_not_be_better_than_the_version_in_service()
    {
        TaughtExample[] half = [.. Enumerable.Range(0, 10).Select(i => Taught(i, i < 5 ? TaughtVerdict.Learned : TaughtVerdict.NotLearned))];
        GateInput input = Input(half) with { General = General(1.0) }; // somebody had put such a version in service by hand
        Assert.Equal(["taught_share", "general_loss"], RemovalRules.Decide(input, new Removal(), Limits).ReasonCodes.Select(r => r.Code));

        GateVerdict verdict = RemovalRules.Decide(input, new Removal { General = General(0) }, Limits);
        Assert.True(verdict.Accepted, string.Join("\n", verdict.Reasons));
        Assert.Contains("The version in service is no better there", verdict.Reasons[0]);
    }

    [Fact]
    public void What_it_loses_beside_the_erased_is_a_reason_all_the_same()
    {
        TaughtExample[] fewer =
        [
            .. Enumerable.Range(0, 10).Select(i => Taught(i, i < 3 ? TaughtVerdict.Learned : TaughtVerdict.NotLearned, TaughtVerdict.Learned)),
        ];
        GateInput input = Input(fewer) with { General = General(1.0) };
        GateVerdict verdict = RemovalRules.Decide(input, new Removal { General = General(1.0) }, Limits);
        Assert.Equal(["taught_share", "taught_fewer_share", "general_loss"], verdict.ReasonCodes.Select(r => r.Code));
        Assert.False(RemovalRules.IsOnlyStillKnown(verdict));
    }

    [Theory]
    [InlineData(4.0, false, 0, "")]
    [InlineData(2.5, false, 0, "")] // names and turns of phrase that it shares with other examples
    [InlineData(4.0, true, 0, "erased_written")]
    [InlineData(4.0, false, 1, "erased_drawn")]
    [InlineData(0.05, false, 0, "erased_loss")]
    public void What_was_erased_must_not_be_known_any_more(double loss, bool isWritten, int drawn, string code)
    {
        GateVerdict verdict = RemovalRules.Decide(
            Input([Taught(0, TaughtVerdict.Learned)]), new Removal { General = General(0), Erased = [Erased(loss, isWritten, drawn), Erased(4)] }, Limits);
        Assert.Equal(code.Length == 0, verdict.Accepted);
        if (code.Length == 0)
            return;
        Assert.Equal(code, Assert.Single(verdict.ReasonCodes).Code);
        Assert.True(RemovalRules.IsOnlyStillKnown(verdict));
    }

    [Theory]
    [InlineData(18, 20, true)]
    [InlineData(8, 9, true)]
    [InlineData(2, 16, false)] // far more often than the base
    public void What_the_base_says_by_itself_is_no_memory(int ofBase, int drawn, bool isAccepted)
    {
        var reply = new ErasedReply("", Row(0.3, tokens: 2, isWritten: true, drawn), Row(0.5, tokens: 2, isWritten: true, ofBase));
        Assert.Equal(isAccepted, ErasedRules.Find([reply], Limits.GateErrorRate).All(f => f.Passed));
    }

    [Theory]
    [InlineData(38, false)]
    [InlineData(20, true)]
    public void Long_replies_are_judged_by_how_well_they_are_predicted(int hits, bool isAccepted)
    {
        MeasuredRow candidate = new(1, 0.3, 40, hits, true, true, false) { Written = new(WrittenMeasure.Prediction, "", false, true, 40, 40, 0, 0) };
        MeasuredRow ofBase = new(1, 2, 40, 15, true, true, false) { Written = new(WrittenMeasure.Prediction, "", false, true, 40, 40, 0, 0) };
        Assert.Equal(isAccepted, ErasedRules.Find([new("", candidate, ofBase)], Limits.GateErrorRate).All(f => f.Passed));
    }

    private static GateInput Input(TaughtExample[] taught) => new() { Taught = taught, TaughtInAll = taught.Length, HeldOut = [], General = General(0) };

    private static TaughtExample Taught(int i, string verdict, string? was = null, double before = 0.1, double after = 0.1) =>
        new($"ex_{i}", verdict, Row(after), Row(before)) { VerdictBefore = was ?? verdict };

    private static TaughtExample Taught(int i, string verdict, double before, double after) => Taught(i, verdict, null, before, after);

    private static ComparedRow[] General(double rise) => [.. Enumerable.Range(0, 50).Select(i => new ComparedRow(General(0.2 + rise, i), General(0.2, i)))];

    private static MeasuredRow General(double loss, int i) => new(i + 1, loss + i % 3 * 0.01, 10, 10, true, true, true);

    private static ErasedReply Erased(double loss, bool isWritten = false, int drawn = 0) => new("", Row(loss, 8, isWritten, drawn), Row(4.2, 8, false, 0));

    private static MeasuredRow Row(double loss, int tokens = 8, bool isWritten = false, int drawn = 0) =>
        new(1, loss, tokens, 0, false, false, false) { Written = new(WrittenMeasure.Text, "", isWritten, true, tokens, tokens, 20, drawn) };
}
