using FineTuneChat.Native.Llama;

namespace FineTuneChat.Native.Tests.Llama;

public sealed class SamplerChainTests : IClassFixture<TinyModel>, IDisposable
{
    private readonly TinyModel _tiny;
    private readonly LlamaContext _context;

    public SamplerChainTests(TinyModel tiny)
    {
        _tiny = tiny;
        _context = tiny.Context();
        var batch = new LlamaBatch(1);
        batch.Add('a', 0, 0, output: true);
        _context.Decode(batch);
    }

    private int[] Draw(Action<SamplerChain> build, int count = 40)
    {
        using var chain = new SamplerChain(_tiny.Model);
        build(chain);
        return [.. Enumerable.Range(0, count).Select(_ => chain.Sample(_context, 0))];
    }

    [Fact]
    public void The_same_seed_gives_the_same_tokens_and_another_gives_others()
    {
        int[] first = Draw(c => c.AddTemperature(1).AddDistribution(7));

        Assert.Equal(first, Draw(c => c.AddTemperature(1).AddDistribution(7)));
        Assert.NotEqual(first, Draw(c => c.AddTemperature(1).AddDistribution(8)));
    }

    [Fact]
    public void Vectorised_greedy_is_llama_cpps_greedy()
    {
        int[] native = Draw(c => c.AddTemperature(1).AddGreedy(), 1);

        Assert.Equal(native, Draw(c => c.AddGreedy(), 1));
        Assert.Equal(native, Draw(c => c.AddTopK(1).AddDistribution(3), 1));
        Assert.Equal(native, Draw(c => c.AddTopP(1e-6f).AddDistribution(3), 1));
        Assert.Equal(native, Draw(c => c.AddMinP(1).AddDistribution(3), 1));
    }

    [Fact]
    public void A_forbidden_token_is_never_chosen()
    {
        int likeliest = Draw(c => c.AddGreedy(), 1)[0];

        Assert.NotEqual(likeliest, Draw(c => c.AddLogitBias([new(likeliest, float.NegativeInfinity)]).AddGreedy(), 1)[0]);
        Assert.Equal('z', Draw(c => c.AddLogitBias([new('z', 100)]).AddGreedy(), 1)[0]);
    }

    [Fact]
    public void Penalties_count_what_was_sampled_and_what_came_before()
    {
        int likeliest = Draw(c => c.AddGreedy(), 1)[0];

        Assert.True(Draw(c => c.AddPenalties(64, 1, 0, presence: 50).AddGreedy(), 10).Distinct().Count() == 10);
        Assert.NotEqual(likeliest, Draw(c => c.AddPenalties(64, 1, 0, presence: 50, history: [likeliest]).AddGreedy(), 1)[0]);
    }

    public void Dispose() => _context.Dispose();
}
