using FineTuneChat.Making;
using FineTuneChat.Protocol.Runs;

namespace FineTuneChat.Tests.Making;

public sealed class SweepTests
{
    [Theory]
    [InlineData("learning_rate=1e-4,3e-4,rank=8,16", 4, "learning_rate 1e-4, rank 8", "learning_rate 3e-4, rank 16")]
    [InlineData("--learning-rate=0.001", 1, "learning_rate 0.001", "learning_rate 0.001")]
    [InlineData("epochs=1,2 seed=1,2,3", 6, "epochs 1, seed 1", "epochs 2, seed 3")]
    public void Each_value_is_tried_with_each_other(string text, int count, string first, string last)
    {
        Sweep sweep = Sweep.Parse(text);
        Assert.Equal((count, first, last), (sweep.Trials.Count, sweep.Trials[0].Title, sweep.Trials[^1].Title));
    }

    [Fact]
    public void A_trial_has_the_run_s_options_beside_its_own()
    {
        RunOptions options = Sweep.Parse("rank=4").Trials[0].Over(new RunOptions { Rank = 32, Epochs = 2 });
        Assert.Equal((4, 2), (options.Rank, options.Epochs));
    }

    [Theory]
    [InlineData("", "0 trials")]
    [InlineData("1,2", "belongs to no option")]
    [InlineData("rang=4", "'rang' is no option of a run. There are epochs, rank")]
    [InlineData("rank=4,many", "rank is 'many'")]
    [InlineData("rank=0", "rank is '0'")]
    [InlineData("rank=1,rank=2", "stands there twice")]
    [InlineData("seed=1,2,3,4,5,6,7,8,9,10,rank=1,2,3,4,5,6,7", "70 trials; 1 to 64")]
    public void What_is_wrong_is_told(string text, string message) => Assert.Contains(message, Assert.Throws<FormatException>(() => Sweep.Parse(text)).Message);
}
