using FineTuneChat.Embedder;

namespace FineTuneChat.Tests.Embedding;

public sealed class BatchPlanTests
{
    [Fact]
    public void Every_text_is_in_one_batch_that_is_not_too_large_and_alike_long_ones_are_together()
    {
        var random = new Random(1);
        for (int round = 0; round < 200; round++)
        {
            int[] lengths = [.. Enumerable.Range(0, random.Next(60)).Select(_ => random.Next(1, 257))];
            int[][] batches = [.. BatchPlan.Of(lengths)];
            Assert.Equal(Enumerable.Range(0, lengths.Length), batches.SelectMany(b => b).Order());
            Assert.All(batches, batch => Assert.True(batch.Length == 1 || batch.Length * batch.Max(i => lengths[i]) <= BatchPlan.Tokens));
            Assert.Equal(lengths.Order(), batches.SelectMany(b => b).Select(i => lengths[i]));
        }
    }
}
