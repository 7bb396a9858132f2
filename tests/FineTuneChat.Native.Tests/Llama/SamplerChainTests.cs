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

    /// <summary>A temperature of 1 changes nothing, and lets llama.cpp see the whole vocabulary.</summary>
    [Fact]
    public void The_few_candidates_that_matter_draw_as_all_do()
    {
        KeyValuePair<int, float>[] biases = [new('z', 9), new('q', float.NegativeInfinity), new(Draw(c => c.AddGreedy(), 1)[0], -3)];
        static void Rest(SamplerChain chain) => chain.AddTopP(0.9f).AddMinP(0.02f).AddTemperature(1.3f).AddDistribution(11);

        Assert.Equal(Draw(c => Rest(c.AddTemperature(1).AddLogitBias(biases).AddTopK(20)), 200), Draw(c => Rest(c.AddLogitBias(biases).AddTopK(20)), 200));
        Assert.Equal(Draw(c => c.AddTemperature(1).AddLogitBias(biases[1..]).AddGreedy(), 1), Draw(c => c.AddLogitBias(biases[1..]).AddGreedy(), 1));
        Assert.Equal('z', Draw(c => c.AddLogitBias([new('z', 100)]).AddGreedy(), 1)[0]);
    }

    [Fact]
    public void Copies_of_a_prototype_go_their_own_ways()
    {
        using SamplerPrototype grammar = SamplerPrototype.Grammar(_tiny.Model, "root ::= \"abcdef\"");
        using SamplerPrototype dry = SamplerPrototype.Dry(_tiny.Model, multiplier: 50, growth: 3, allowedLength: 1, window: 64, breakers: []);

        for (int copy = 0; copy < 2; copy++)
        {
            Assert.Equal("abcdef"u8.ToArray().Select(b => (int)b), Draw(c => c.AddGrammar(grammar).AddGreedy(), 6));
            Assert.True(Draw(c => c.AddDry(dry).AddLogitBias([new('a', 30)]).AddGreedy(), 10) is ['a', 'a', .. var rest] && rest.Any(t => t != 'a'));
        }
    }

    public void Dispose() => _context.Dispose();
}
