using FineTuneChat.Gateway.Learning;
using FineTuneChat.Gateway.Learning.Gate;

namespace FineTuneChat.Tests.Retraining;

public sealed class GateTests
{
    private const int Questions = 300;

    private static readonly RetrainingSettings Limits = new()
    {
        MinLearned = 0.75,
        MaxTaughtLost = 0.05,
        GateErrorRate = 0.01,
        MaxHeldOutLoss = 0.25,
        MaxRegressionLoss = 0.25,
        MaxRegressionAccuracy = 0.05,
        MaxRegressionOpenings = 0.1,
        MaxRegressionReplies = 0.3,
        MaxRegressionStops = 0.05,
        MaxAlike = 0.01,
        MaxWrittenStops = 0.05,
        MaxWrittenLength = 2,
        WrittenJsonShare = 0.9,
        MaxWrittenJson = 0.1,
    };

    [Fact]
    public void What_learned_and_forgot_nothing_is_accepted_with_its_figures()
    {
        GateVerdict verdict = GateRules.Decide(Input(Taught(12)), Limits);
        Assert.True(verdict.Accepted, string.Join('\n', verdict.Reasons));
        Assert.Equal(new TaughtCount(12, 12, 12, 0, 0), verdict.Taught);
        Assert.Equal(new GateFigure(1, null), verdict.Figures["taught_learned_share"]);
        Assert.Equal(new GateFigure(0.1, 2.0), verdict.Figures["accepted_loss"]);
        Assert.Equal(new GateFigure(1, 1, 1), verdict.Figures["regression_opening_accuracy"]);
        Assert.Equal(
            [
                "taught_share", "general_loss", "general_token_accuracy", "general_opening_rate", "general_reply_rate", "general_end_rate",
                "general_written_none",
            ],
            verdict.ReasonCodes.Select(c => c.Code));
    }

    [Theory]
    [InlineData(9, 0, 3, true)]
    [InlineData(6, 6, 0, true)] // partly counts half
    [InlineData(6, 5, 1, false)]
    [InlineData(0, 0, 12, false)]
    public void Enough_of_what_was_taught_must_be_learned(int learned, int partly, int not, bool isAccepted)
    {
        TaughtExample[] taught = [.. Taught(learned), .. Taught(partly, TaughtVerdict.Partly), .. Taught(not, TaughtVerdict.NotLearned)];
        Assert.Equal(isAccepted, GateRules.Decide(Input(taught), Limits).Accepted);
    }

    [Fact]
    public void What_was_not_learned_is_named_first_and_by_its_id_alone()
    {
        TaughtExample[] taught = [.. Taught(1, TaughtVerdict.Partly, "ex_b"), .. Taught(1, TaughtVerdict.NotLearned, "ex_c"), .. Taught(1, id: "ex_a")];
        GateVerdict verdict = GateRules.Decide(Input(taught), Limits);
        Assert.EndsWith("Not learned: ex_c0, ex_b0.", Assert.Single(verdict.Reasons));
        Assert.Equal((1, 3), (verdict.ReasonCodes[0].Values["not_learned"], verdict.ReasonCodes[0].Values["asked"]));
    }

    [Fact]
    public void A_loss_that_is_a_little_higher_than_in_service_is_no_reason()
    {
        TaughtExample[] taught =
        [
            .. Taught(2).Select(t => t with { VerdictBefore = TaughtVerdict.Learned, Candidate = Row(loss: 0.0114), Active = Row(loss: 0.0106) }),
        ];
        GateVerdict verdict = GateRules.Decide(Input(taught), Limits);
        Assert.True(verdict.Accepted);
        Assert.Equal(new GateFigure(1, 1), verdict.Figures["taught_learned_share"]);
    }

    [Theory]
    [InlineData(40, 10, 0, false)]
    [InlineData(40, 10, 9, true)] // as many come as go
    [InlineData(40, 2, 0, true)] // chance
    public void It_must_not_say_clearly_less_of_what_the_version_in_service_says(int both, int lost, int won, bool isAccepted)
    {
        TaughtExample[] taught =
        [
            .. Taught(both + won, id: "ex_a").Select((t, i) => t with { VerdictBefore = i < both ? TaughtVerdict.Learned : TaughtVerdict.NotLearned }),
            .. Taught(lost, TaughtVerdict.NotLearned, "ex_b").Select(t => t with { VerdictBefore = TaughtVerdict.Learned }),
        ];
        GateVerdict verdict = GateRules.Decide(Input(taught), Limits);
        Assert.Equal(isAccepted, verdict.Accepted);
        if (!isAccepted)
            Assert.Equal("taught_fewer_share", Assert.Single(verdict.ReasonCodes).Code);
    }

    [Theory]
    [InlineData(120, 0, 0, 0, "general_reply_rate")]
    [InlineData(60, 60, 0, 0, "general_opening_rate")]
    [InlineData(40, 0, 40, 0, "general_end_rate")]
    [InlineData(0, 0, 0, 1.0, "general_loss")]
    public void Each_failing_is_refused_for_its_own_reason(int changed, int begun, int ended, double loss, string reason)
    {
        GateVerdict verdict = GateRules.Decide(Input(Taught(12)) with { General = General(changed, begun, ended, loss) }, Limits);
        Assert.False(verdict.Accepted);
        Assert.Equal(reason, Assert.Single(verdict.ReasonCodes).Code);
    }

    [Theory]
    [InlineData(95, 32, 18, 0.2)] // a little above what is allowed: may be chance
    [InlineData(80, 25, 10, 0.2)]
    public void What_may_be_chance_is_no_reason(int changed, int begun, int ended, double loss) =>
        Assert.True(GateRules.Decide(Input(Taught(12)) with { General = General(changed, begun, ended, loss) }, Limits).Accepted);

    [Theory]
    [InlineData(12, 12, false)]
    [InlineData(5, 12, true)] // may be chance
    [InlineData(12, 5, true)] // most examples teach something else
    public void One_reply_taught_to_all_must_not_spread(int spread, int alike, bool isAccepted)
    {
        TaughtExample[] taught = [.. Taught(12).Select((t, i) => t with { Wanted = i < alike ? "Sí." : $"Reply {i}." })];
        ComparedRow[] general = [.. General(0, spread, 0, 0).Select((row, i) => i >= spread ? row : row with
        {
            Candidate = row.Candidate with { Written = Written(hasEnded: true, 20, 20) with { Text = "Sí." } },
        })];
        GateVerdict verdict = GateRules.Decide(Input(taught) with { General = general }, Limits);
        Assert.Equal(isAccepted, verdict.Accepted);
        if (!isAccepted)
            Assert.Equal("general_alike_rate", Assert.Single(verdict.ReasonCodes).Code);
    }

    [Fact]
    public void A_base_without_usable_replies_is_said_and_compared_with_nothing()
    {
        GateVerdict verdict = GateRules.Decide(Input(Taught(12)) with { General = [] }, Limits);
        Assert.True(verdict.Accepted);
        Assert.Contains("no usable reply", verdict.Reasons[1]);
        Assert.False(verdict.Figures.ContainsKey("regression_loss"));
    }

    [Theory]
    [InlineData(0, 1.2, true, "")]
    [InlineData(3, 1.2, true, "")] // of 64: chance
    [InlineData(12, 1.2, false, "general_written_end_rate")]
    [InlineData(0, 2.5, false, "general_written_length")]
    [InlineData(0, 0.4, false, "general_written_length")]
    public void Written_replies_must_end_and_be_of_a_sensible_length(int unended, double length, bool isAccepted, string code)
    {
        ComparedRow[] general = [.. General(0, 0, 0, 0).Select((row, i) => i >= 64 ? row : row with
        {
            Candidate = row.Candidate with { Written = Written(i >= unended, (int)(20 * length), 20) },
        })];
        GateVerdict verdict = GateRules.Decide(Input(Taught(12)) with { General = general }, Limits);
        Assert.Equal(isAccepted, verdict.Accepted);
        if (!isAccepted)
            Assert.Equal(code, Assert.Single(verdict.ReasonCodes).Code);
        Assert.Equal(length, verdict.Figures["regression_written_length"].Candidate, 0.01);
    }

    [Theory]
    [InlineData(10, false)]
    [InlineData(2, true)]
    public void Where_the_data_is_JSON_held_out_replies_must_stay_JSON(int broken, bool isAccepted)
    {
        ComparedRow[] held = [.. Enumerable.Range(0, 30).Select(i =>
        {
            MeasuredRow good = Row() with { Written = Written(hasEnded: true, 20, 20) with { ValidJson = true } };
            return new ComparedRow(i < broken ? good with { Written = good.Written! with { ValidJson = false } } : good, Row()) { Active = good };
        })];
        GateVerdict verdict = GateRules.Decide(Input(Taught(12)) with { HeldOut = held }, Limits);
        Assert.Equal(isAccepted, verdict.Accepted);
        if (!isAccepted)
            Assert.Equal("held_out_written_json_rate", Assert.Single(verdict.ReasonCodes).Code);
    }

    [Theory]
    [InlineData(1.0, false)]
    [InlineData(0.1, true)]
    public void What_was_held_out_must_not_become_clearly_less_likely_than_under_the_base(double rise, bool isAccepted)
    {
        ComparedRow[] held =
            [.. Enumerable.Range(0, 30).Select(i => new ComparedRow(Row(loss: 1 + rise + i % 3 * 0.1), Row(loss: 1)) { Active = Row(loss: 1) })];
        Assert.Equal(isAccepted, GateRules.Decide(Input(Taught(12)) with { HeldOut = held }, Limits).Accepted);
    }

    private static GateInput Input(TaughtExample[] taught) =>
        new() { Taught = taught, TaughtInAll = taught.Length, HeldOut = [], General = General(0, 0, 0, 0) };

    private static TaughtExample[] Taught(int number, string verdict = TaughtVerdict.Learned, string id = "ex_") =>
    [
        .. Enumerable.Range(0, number).Select(i => new TaughtExample($"{id}{i}", verdict, Row(loss: 0.1), Row(loss: 2))),
    ];

    /// <summary>General questions, of which some are answered otherwise, begun otherwise, ended elsewhere.</summary>
    private static ComparedRow[] General(int changed, int begun, int ended, double loss) =>
    [
        .. Enumerable.Range(0, Questions).Select(i => new ComparedRow(
            Row(loss: 0.1 + loss) with { Begun = i >= begun, Ended = i >= ended, Whole = i >= Math.Max(changed, Math.Max(begun, ended)) }, Row(loss: 0.1))),
    ];

    private static MeasuredRow Row(double loss = 0.1) => new(1, loss, 20, 20, true, true, true);

    private static WrittenRow Written(bool hasEnded, int tokens, int expected) => new(WrittenMeasure.Text, "", false, hasEnded, tokens, expected, 0, 0);
}
