using FineTuneChat.Inference.Logprobs;

namespace FineTuneChat.Inference.Tests.Logprobs;

public sealed class SoftmaxTests
{
    [Fact]
    public void Probabilities_are_those_of_the_whole_vocabulary()
    {
        SampledToken token = Softmax.Describe([1, 3, 2, float.NegativeInfinity], chosen: 2, top: 2);

        double sum = Math.Exp(1) + Math.Exp(3) + Math.Exp(2);
        Assert.Equal((2, Math.Log(Math.Exp(2) / sum)), (token.Chosen.Token, token.Chosen.Logprob), (a, b) => a.Item1 == b.Item1 && Math.Abs(a.Item2 - b.Item2) < 1e-6);
        Assert.Equal([1, 2], token.Likeliest.Select(t => t.Token));
        Assert.Equal(Math.Log(Math.Exp(3) / sum), token.Likeliest[0].Logprob, 1e-6);
    }

    [Fact]
    public void Large_logits_do_not_overflow() => Assert.Equal(0, Softmax.Describe([1e30f, 5], chosen: 0, top: 0).Chosen.Logprob);

    [Fact]
    public void No_more_are_named_than_there_are() => Assert.Equal(2, Softmax.Describe([0, 1], chosen: 0, top: 20).Likeliest.Count);
}
