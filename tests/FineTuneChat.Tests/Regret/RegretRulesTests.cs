using FineTuneChat.Gateway.Learning.Gate;
using FineTuneChat.Gateway.Learning.Regret;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Tests.Regret;

[Trait(Tier.Name, Tier.Slow)]
public sealed class RegretRulesTests
{
    private const double ErrorRate = 0.01;

    /// <summary>Both versions are rated down as often; it is asked after each of 200 ratings.</summary>
    [Theory]
    [InlineData(0.1)]
    [InlineData(0.3)]
    [InlineData(0.7)]
    public void A_version_that_is_no_worse_is_taken_out_of_service_less_than_once_in_a_hundred_times(double share) =>
        Assert.InRange(Enumerable.Range(0, 1000).Count(seed => RatingsUntilAlarm(seed, share, share, most: 200) is not null), 0, 9);

    [Fact]
    public void A_version_that_is_much_worse_is_found_soon()
    {
        int?[] ratings = [.. Enumerable.Range(0, 200).Select(seed => RatingsUntilAlarm(seed, before: 0.1, now: 0.8, most: 100))];
        Assert.InRange(ratings.Count(r => r is not null), 195, 200);
        Assert.InRange(ratings.OfType<int>().Order().ElementAt(100), 5, 25); // the median
    }

    [Fact]
    public void Without_ratings_of_the_version_before_nothing_is_known_to_be_worse() =>
        Assert.False(RegretRules.IsWorse(new RatingCount(0, 1000), new RatingCount(0, 0), ErrorRate));

    [Theory]
    [InlineData(12, 6, false)]
    [InlineData(12, 7, true)] // of twelve replies none was rated down: now seven in a row are
    [InlineData(3, 7, false)]
    public void How_many_thumbs_down_in_a_row_it_takes_hangs_on_what_is_known(int upBefore, int down, bool expected) =>
        Assert.Equal(expected, RegretRules.IsWorse(new RatingCount(0, down), new RatingCount(upBefore, 0), ErrorRate));

    private static int? RatingsUntilAlarm(int seed, double before, double now, int most)
    {
        var random = new Random(seed);
        int down = Enumerable.Range(0, 30).Count(_ => random.NextDouble() < before);
        double allowed = Significance.UpperLimit(down, 30, ErrorRate / 2);
        var count = new RatingCount(0, 0);
        for (int i = 1; i <= most; i++)
        {
            count = random.NextDouble() < now ? count with { Down = count.Down + 1 } : count with { Up = count.Up + 1 };
            if (RegretRules.Evidence(count, allowed) >= 2 / ErrorRate)
                return i;
        }
        return null;
    }
}
