using FineTuneChat.Chat.Encoding;
using FineTuneChat.Training.Batches;
using FineTuneChat.Training.Graphs;

namespace FineTuneChat.Training.Tests.Batches;

public sealed class PackerTests
{
    private static readonly TrainingExample First = new([1, 2, 3], [false, false, true]);
    private static readonly TrainingExample Second = new([4, 5, 6, 7], [false, true, false, true]);

    [Fact]
    public void Packed_examples_keep_their_own_positions_and_starts()
    {
        MicroBatch row = Assert.Single(Packer.Pack([First, Second], 16));
        Assert.Equal([1, 2, 3, 4, 5, 6, 7], row.Tokens);
        Assert.Equal([0, 1, 2, 0, 1, 2, 3], row.Positions);
        Assert.Equal([0, 0, 0, 3, 3, 3, 3], row.Starts);
    }

    [Fact]
    public void A_token_is_predicted_at_the_one_before_it_and_weights_sum_to_one()
    {
        MicroBatch row = Assert.Single(Packer.Pack([First, Second], 16));
        Assert.Equal([1, 3, 5], row.Rows);
        Assert.Equal([3, 5, 7], row.Labels);
        Assert.Equal([1 / 3f, 1 / 3f, 1 / 3f], row.Weights);
    }

    [Fact]
    public void What_does_not_fit_begins_another_row_and_weights_still_sum_to_one_over_all()
    {
        IReadOnlyList<MicroBatch> rows = Packer.Pack([First, Second], 4);
        Assert.Equal(2, rows.Count);
        Assert.Equal(1, rows.Sum(r => r.Weights.Sum()), 1e-6);
    }

    [Fact]
    public void An_example_longer_than_a_row_is_refused() => Assert.Throws<ArgumentException>(() => Packer.Pack([Second], 3));
}
