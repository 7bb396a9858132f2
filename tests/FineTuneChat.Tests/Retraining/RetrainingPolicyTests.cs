using FineTuneChat.Gateway.Learning;
using FineTuneChat.Gateway.Learning.Examples;
using FineTuneChat.Gateway.Learning.Gate;
using FineTuneChat.Gateway.Learning.Runs;

namespace FineTuneChat.Tests.Retraining;

public sealed class RetrainingPolicyTests
{
    private static readonly DateTimeOffset Noon = new(2026, 5, 1, 12, 0, 0, TimeSpan.FromHours(2));
    private static readonly RetrainingSettings Manual = new() { Automatic = false },
        Automatic = new() { Automatic = true, MinNewExamples = 5, IdleMinutes = 10, PauseMinutes = 60, Hour = 3 };

    [Fact]
    public void Without_accepted_examples_there_is_nothing_to_learn() =>
        Assert.Contains("nothing to learn yet", RetrainingPolicy.Refusal(new Waiting(), hasOptions: true)?.Text);

    [Fact]
    public void When_all_that_was_learned_is_taken_back_the_base_is_the_way() =>
        Assert.Contains("version 0", RetrainingPolicy.Refusal(new Waiting { Removed = 2 }, hasOptions: false)?.Text);

    [Fact]
    public void What_was_learned_is_learned_again_only_with_other_options()
    {
        Assert.Contains("nothing new", RetrainingPolicy.Refusal(new Waiting { Examples = 7 }, hasOptions: false)?.Text);
        Assert.Null(RetrainingPolicy.Refusal(new Waiting { Examples = 7 }, hasOptions: true));
    }

    [Fact]
    public void Examples_taken_back_are_a_reason_to_learn_again() =>
        Assert.Null(RetrainingPolicy.Refusal(new Waiting { Examples = 7, Removed = 1 }, hasOptions: false));

    [Theory]
    [InlineData(4, false)]
    [InlineData(5, true)]
    public void A_run_starts_by_itself_when_enough_is_new_and_nobody_chats(long examples, bool isDue)
    {
        Assert.Equal(isDue, Decide(Automatic, Quiet(New(examples))).IsDue);
        Assert.False(Decide(Automatic, Quiet(New(examples)) with { IsRunning = true }).IsDue);
        Assert.False(Decide(Manual, Quiet(New(examples))).IsDue);
    }

    [Theory]
    [InlineData(9, 12, false)]
    [InlineData(10, 12, true)]
    [InlineData(null, 12, false)] // somebody waits for a reply
    [InlineData(null, 3, true)] // the hour has come
    [InlineData(0, 2, false)]
    public void Chat_goes_first_until_the_hour_comes(int? quietMinutes, int hour, bool isDue)
    {
        DateTimeOffset now = new(2026, 5, 1, hour, 30, 0, TimeSpan.FromHours(2));
        PolicyDecision decision = Decide(
            Automatic, Quiet(New(5)) with { Now = now, IdleSince = quietMinutes is { } minutes ? now.AddMinutes(-minutes) : null });
        Assert.Equal(isDue, decision.IsDue);
        if (!isDue)
            Assert.Contains("nobody has chatted for 10 minutes, at the latest at 03:00", decision.Reason.Text);
    }

    [Theory]
    [InlineData(59, false)]
    [InlineData(60, true)]
    public void Between_two_runs_there_is_a_pause(int minutes, bool isDue)
    {
        PolicyDecision decision = Decide(Automatic, Quiet(New(5)) with { Last = Ended(RunStatus.Succeeded, Noon.AddMinutes(-minutes)) });
        Assert.Equal(isDue, decision.IsDue);
        if (!isDue)
            Assert.Contains("at 12:01", decision.Reason.Text);
    }

    [Theory]
    [InlineData("refused", "was refused")]
    [InlineData("failed", "failed")]
    [InlineData("cancelled", "was cancelled")]
    [InlineData("succeeded", "version 4, which learned them, is not in service")] // rolled back by hand
    public void What_a_run_has_tried_is_not_tried_again_before_new_data_comes(string status, string reason)
    {
        PolicyInput input = Quiet(New(20) with { SinceLastRun = 3 }) with { Last = Ended(status, Noon.AddDays(-1)) };
        PolicyDecision decision = Decide(Automatic, input);
        Assert.False(decision.IsDue);
        Assert.Contains(reason, decision.Reason.Text);
        Assert.Contains("after 2 more", decision.Reason.Text);
        Assert.True(Decide(Automatic, input with { Waiting = New(20) with { SinceLastRun = 5 } }).IsDue);
    }

    [Theory]
    [InlineData(false, 0, 0, false, "nothing to learn yet")]
    [InlineData(false, 1, 1, false, "1 new example is ready; training starts when you say so")]
    [InlineData(true, 3, 3, false, "3 new examples are ready; training starts by itself at 5")]
    [InlineData(true, 9, 0, false, "nothing new")]
    [InlineData(true, 9, 9, true, "under way")]
    [InlineData(true, 9, 9, false, "9 new examples are ready, and nobody chats: training starts")]
    public void The_reason_says_why_and_what_comes_next(bool automatic, long examples, long news, bool isRunning, string expected) =>
        Assert.Contains(
            expected, Decide(automatic ? Automatic : Manual, Quiet(New(news) with { Examples = examples }) with { IsRunning = isRunning }).Reason.Text);

    [Theory]
    [InlineData(0, 0, 0, "nothing")]
    [InlineData(0, 2, 0, "all_removed")]
    [InlineData(9, 0, 0, "nothing_new")]
    [InlineData(9, 1, 0, "removed")]
    [InlineData(9, 0, 3, "too_few")]
    [InlineData(9, 0, 9, "quiet")]
    public void Each_reason_has_a_code_for_pages_in_other_languages(long examples, long removed, long news, string code) =>
        Assert.Equal(code, Decide(Automatic, Quiet(New(news) with { Examples = examples, Removed = removed })).Reason.Code.Code);

    [Fact]
    public void A_code_comes_with_the_values_of_its_sentence()
    {
        ReasonCode code = Decide(Automatic, Quiet(New(5)) with { IdleSince = null }).Reason.Code;
        Assert.Equal(("chat_until_hour", 5, 10, 3), (code.Code, code.Values["new"], code.Values["minutes"], code.Values["hour"]));
        code = Decide(Automatic, Quiet(New(5)) with { Last = Ended(RunStatus.Succeeded, Noon.AddMinutes(-1)) }).Reason.Code;
        Assert.Equal(("pause", Noon.AddMinutes(59).ToUnixTimeSeconds()), (code.Code, code.Values["until"]));
    }

    private static PolicyDecision Decide(RetrainingSettings settings, PolicyInput input) =>
        RetrainingPolicy.Decide(settings, input with { IsAutomatic = settings.Automatic });

    private static Waiting New(long examples) => new() { Examples = examples, New = examples, SinceLastRun = examples };

    private static PolicyInput Quiet(Waiting waiting) =>
        new() { Waiting = waiting, IsRunning = false, IsAutomatic = true, Last = null, Now = Noon, IdleSince = Noon.AddDays(-1) };

    private static Run Ended(string status, DateTimeOffset at) =>
        new() { Assistant = "assistant", Id = "run_1", Status = status, CreatedAt = 0, FinishedAt = at.ToUnixTimeSeconds(), Version = 4, Options = new() };
}
