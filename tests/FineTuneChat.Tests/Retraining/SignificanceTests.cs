using FineTuneChat.Gateway.Learning.Gate;

namespace FineTuneChat.Tests.Retraining;

public sealed class SignificanceTests
{
    [Theory]
    [InlineData(5, 10, 0.5, 0.623046875)]
    [InlineData(10, 10, 0.5, 0.0009765625)]
    [InlineData(0, 10, 0.1, 1)]
    [InlineData(1, 10, 0, 0)]
    [InlineData(2, 3, 0.1, 0.028)]
    public void Binomial_tails_are_exact(int hits, int of, double probability, double expected) =>
        Assert.Equal(expected, Significance.AtLeast(hits, of, probability), 1e-9);

    [Theory]
    [InlineData(0, 10, 0.05, 0.2589)]
    [InlineData(5, 10, 0.025, 0.8129)]
    [InlineData(0, 0, 0.05, 1)]
    public void The_upper_limit_is_that_of_Clopper_and_Pearson(int hits, int of, double errorRate, double expected) =>
        Assert.Equal(expected, Significance.UpperLimit(hits, of, errorRate), 1e-4);

    [Fact]
    public void Who_keeps_to_what_is_allowed_is_found_above_it_no_more_often_than_the_error_rate_says()
    {
        var random = new Random(7);
        int wrong = Enumerable.Range(0, 2000).Count(_ => Significance.IsAbove(Enumerable.Range(0, 300).Count(_ => random.NextDouble() < 0.1), 300, 0.1, 0.01));
        Assert.InRange(wrong, 0, 35); // 20 expected at most
        int found = Enumerable.Range(0, 200).Count(_ => Significance.IsAbove(Enumerable.Range(0, 300).Count(_ => random.NextDouble() < 0.2), 300, 0.1, 0.01));
        Assert.InRange(found, 190, 200);
    }

    [Fact]
    public void A_mean_that_scatters_is_above_the_limit_only_beyond_chance()
    {
        var random = new Random(7);
        double[] Differences(double mean, int number) => [.. Enumerable.Range(0, number).Select(_ => mean + (random.NextDouble() - 0.5) * 2)];
        Assert.True(Significance.LeastMean(Differences(0.3, 30), 0.01) < 0.25);
        Assert.True(Significance.LeastMean(Differences(0.6, 300), 0.01) > 0.25);
        Assert.Equal(0.4, Significance.LeastMean([0.4], 0.01));
        Assert.Equal(0, Significance.LeastMean([], 0.01));
    }

    [Fact]
    public void A_fall_that_may_be_chance_is_none()
    {
        Assert.True(Significance.FallsMoreOften(10, 1, 0.01));
        Assert.False(Significance.FallsMoreOften(5, 0, 0.01));
        Assert.False(Significance.FallsMoreOften(1, 10, 0.01));
    }
}
