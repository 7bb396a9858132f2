using FineTuneChat.Inference.Speculation;

namespace FineTuneChat.Inference.Tests.Speculation;

public sealed class StepCostTests
{
    [Fact]
    public void What_was_measured_is_known_and_what_lies_between_is_in_proportion()
    {
        var cost = new StepCost();
        for (int i = 0; i < 20; i++)
        {
            cost.Add(1, 100);
            cost.Add(2, 290); // another kernel
            cost.Add(16, 900);
        }

        Assert.Equal(100, cost.Of(1), 1.0);
        Assert.Equal(290, cost.Of(2), 1.0);
        Assert.Equal(290 + (610 * 7 / 14.0), cost.Of(9), 1.0);
        Assert.InRange(cost.Of(32), 1200, 1900); // half a row's time for each further one
    }

    [Fact]
    public void A_step_that_was_interrupted_counts_little_and_a_machine_that_got_slower_is_noticed()
    {
        var cost = new StepCost();
        for (int i = 0; i < 20; i++)
            cost.Add(1, 100);
        cost.Add(1, 1_000_000);
        Assert.InRange(cost.Of(1), 100, 115);
        for (int i = 0; i < 60; i++)
            cost.Add(1, 300);
        Assert.InRange(cost.Of(1), 290, 300);
    }

    [Fact]
    public void What_was_not_seen_for_long_is_forgotten()
    {
        var cost = new StepCost();
        cost.Add(8, 100_000);
        for (int i = 0; i < 2000; i++)
            cost.Add(1, 100);

        Assert.Equal(450, cost.Of(8), 1.0); // as good as never measured
    }
}
