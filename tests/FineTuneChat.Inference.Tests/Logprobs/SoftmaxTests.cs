using FineTuneChat.Inference.Logprobs;

namespace FineTuneChat.Inference.Tests.Logprobs;

public sealed class SoftmaxTests
{
    [Fact]
    public void Probabilities_are_those_of_the_whole_vocabulary()
    {
        SampledToken token = Softmax.Describe([1, 3, 2, float.NegativeInfinity], chosen: 2, top: 2);

        double sum = Math.Exp(1) + Math.Exp(3) + Math.Exp(2);
        Assert.Equal((2, Math.Log(Math.Exp(2) / sum)), (token.Chosen.Token, token.Chosen.Logprob), (a, b) => a.Item1 == b.Item1
            && Math.Abs(a.Item2 - b.Item2) < 1e-6);
        Assert.Equal([1, 2], token.Likeliest.Select(t => t.Token));
        Assert.Equal(Math.Log(Math.Exp(3) / sum), token.Likeliest[0].Logprob, 1e-6);
    }

    [Fact]
    public void The_likeliest_of_a_large_vocabulary_are_those_that_sorting_finds()
    {
        var random = new Random(3);
        float[] logits = [.. Enumerable.Range(0, 5000).Select(_ => random.Next(200) / 10f)]; // with equals

        SampledToken token = Softmax.Describe(logits, chosen: 7, top: 20);

        double normalizer = Math.Log(logits.Sum(l => Math.Exp(l)));
        Assert.Equal(Enumerable.Range(0, 5000).OrderByDescending(i => logits[i]).Take(20), token.Likeliest.Select(t => t.Token));
        Assert.All(token.Likeliest, t => Assert.Equal(logits[t.Token] - normalizer, t.Logprob, 1e-4));
    }

    [Fact]
    public void Large_logits_do_not_overflow() => Assert.Equal(0, Softmax.Describe([1e30f, 5], chosen: 0, top: 0).Chosen.Logprob);

    [Fact]
    public void No_more_are_named_than_there_are() => Assert.Equal(2, Softmax.Describe([0, 1], chosen: 0, top: 20).Likeliest.Count);
}
