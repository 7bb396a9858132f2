using FineTuneChat.Retraining;
using FineTuneChat.Retraining.Examples;

namespace FineTuneChat.Tests.Retraining;

public sealed class RetrainingPolicyTests
{
    private static readonly RetrainingSettings Manual = new(), Automatic = new() { Automatic = true, MinNewExamples = 5 };

    [Fact]
    public void Without_accepted_examples_there_is_nothing_to_learn() => Assert.Contains("nothing to learn yet", RetrainingPolicy.Refusal(new Waiting(), hasOptions: true));

    [Fact]
    public void What_was_learned_is_learned_again_only_with_other_options()
    {
        Assert.Contains("nothing new", RetrainingPolicy.Refusal(new Waiting { Examples = 7 }, hasOptions: false));
        Assert.Null(RetrainingPolicy.Refusal(new Waiting { Examples = 7 }, hasOptions: true));
    }

    [Fact]
    public void Examples_taken_back_are_a_reason_to_learn_again() => Assert.Null(RetrainingPolicy.Refusal(new Waiting { Examples = 7, Removed = 1 }, hasOptions: false));

    [Theory]
    [InlineData(4, false)]
    [InlineData(5, true)]
    public void A_run_starts_by_itself_when_enough_is_new(long examples, bool isDue)
    {
        var waiting = new Waiting { Examples = examples, New = examples };
        Assert.Equal(isDue, RetrainingPolicy.IsDue(Automatic, waiting, isRunning: false));
        Assert.False(RetrainingPolicy.IsDue(Automatic, waiting, isRunning: true));
        Assert.False(RetrainingPolicy.IsDue(Manual, waiting, isRunning: false));
    }

    [Theory]
    [InlineData(false, 0, 0, false, "nothing to learn yet")]
    [InlineData(false, 1, 1, false, "1 new example is ready; training starts when you say so")]
    [InlineData(true, 3, 3, false, "3 new examples are ready; training starts by itself at 5")]
    [InlineData(true, 9, 0, false, "nothing new")]
    [InlineData(true, 9, 9, true, "under way")]
    public void The_reason_says_why_and_what_comes_next(bool automatic, long examples, long news, bool isRunning, string expected) =>
        Assert.Contains(expected, RetrainingPolicy.Describe(automatic ? Automatic : Manual, new Waiting { Examples = examples, New = news }, isRunning).Reason);
}
