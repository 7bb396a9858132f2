using System.Text;
using System.Threading.Channels;
using FineTuneChat.Inference.Running;
using FineTuneChat.Native.Llama;
using FineTuneChat.Native.Loading;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Inference.Tests.Running;

/// <summary>The engine over llama.cpp, against the plainest loop there is.</summary>
[Trait(Tier.Name, Tier.Slow)]
public sealed class LlamaModelRunnerTests : IDisposable
{
    private static readonly SamplingParameters Greedy = new() { Temperature = 0, IgnoreEndOfGeneration = true };

    private readonly TemporaryFolder _folder = new();
    private readonly LlamaModel _model;

    public LlamaModelRunnerTests()
    {
        NativeLibraries.Load();
        _model = LlamaModel.Load(RandomModel.Write(_folder["tiny.gguf"]));
    }

    private LlamaModelRunner Runner(int cacheTokens, int sequences = 8) =>
        new(_model, new() { CacheTokens = cacheTokens, MaxSequences = sequences, BatchSize = 64 });

    private static InferenceEngine Engine(IModelRunner runner, int context, int kept = 0) =>
        new(runner, new() { ContextLength = context, PrefillChunk = 16, KeptTokens = kept, Parallel = Math.Min(8, runner.MaxSequences) }, TimeProvider.System);

    /// <summary>decode → greedy → decode …, one sequence, nothing else.</summary>
    private string BareLoop(int[] prompt, int count)
    {
        using var context = new LlamaContext(_model, new() { CacheTokens = 512 });
        using var sampler = new SamplerChain(_model);
        sampler.AddLogitBias([new(RandomModel.EndOfText, float.NegativeInfinity), new(RandomModel.TurnEnd, float.NegativeInfinity)]).AddGreedy();
        var batch = new LlamaBatch(prompt.Length);
        var text = new List<byte>();
        int[] next = prompt;
        for (int done = 0; count > 0; count--)
        {
            batch.Clear();
            for (int i = 0; i < next.Length; i++)
                batch.Add(next[i], done++, 0, output: i == next.Length - 1);
            Assert.Equal(DecodeResult.Ok, context.Decode(batch));
            next = [sampler.Sample(context, batch.Count - 1)];
            text.AddRange(_model.Vocabulary.PieceOf(next[0]));
        }

        var characters = new char[text.Count];
        return new string(characters, 0, Encoding.UTF8.GetDecoder().GetChars([.. text], characters, flush: false));
    }

    private static async Task<string> WriteAsync(InferenceEngine engine, int[] prompt, int count) => (await ReadAsync(engine, Request(prompt, count))).Texts[0];

    private static GenerationRequest Request(int[] prompt, int count) => new() { Prompt = prompt, MaxTokens = count, Sampling = Greedy };

    private static async Task<(string[] Texts, GenerationSummary Summary, List<SampledToken> Tokens)> ReadAsync(InferenceEngine engine,
        GenerationRequest request)
    {
        var texts = new string[request.Choices];
        var tokens = new List<SampledToken>();
        GenerationSummary? last = null;
        await foreach (GenerationEvent next in engine.Submit(request, CancellationToken.None).Generation!.Events.ReadAllAsync())
        {
            texts[next.Choice] += next.Text;
            tokens.AddRange(next.Tokens ?? []);
            last = next.Summary ?? last;
        }

        return (texts, last!, tokens);
    }

    /// <summary>Exact, although the batch's composition may change a logit's last digits: among 260 random tokens the two likeliest are far apart.</summary>
    [Theory]
    [InlineData(2048)]
    [InlineData(512)] // the replies outgrow it: some are computed twice
    public async Task Greedy_replies_of_many_at_a_time_are_those_of_a_bare_loop(int cacheTokens)
    {
        int[][] prompts = [.. Enumerable.Range(0, 8).Select(i => Enumerable.Range(0, 3 + (17 * i)).Select(k => 'a' + ((k * (i + 3)) % 26)).ToArray())];
        string[] expected = [.. prompts.Select(p => BareLoop(p, 60))];
        await using InferenceEngine engine = Engine(Runner(cacheTokens), context: 256);

        Assert.Equal(expected, await Task.WhenAll(prompts.Select(p => WriteAsync(engine, p, 60))));
        Assert.Equal(expected[5], await WriteAsync(engine, prompts[5], 60));
    }

    /// <summary>
    /// As above: the keys and values that are reused may differ from computed ones in the last digits, for they come from batches of
    /// another shape.
    /// </summary>
    [Theory]
    [InlineData(2048)]
    [InlineData(512)] // full at all times
    [Trait(Tier.Name, Tier.Slow)]
    public async Task Greedy_replies_are_those_of_a_bare_loop_with_and_without_reuse(int cacheTokens)
    {
        int[] system = [.. Enumerable.Range(0, 90).Select(k => 'a' + (k * 11 % 26))];
        int[][] prompts = [.. Enumerable.Range(0, 12).Select(
            i => system.Concat(Enumerable.Range(0, 1 + (i * 5)).Select(k => 'a' + ((k * (i + 3)) % 26))).ToArray())];
        string[] expected = [.. prompts.Select(p => BareLoop(p, 40))];
        await using InferenceEngine engine = Engine(Runner(cacheTokens, sequences: 14), context: 256, kept: cacheTokens / 2);

        int cached = 0;
        for (int i = 0; i < prompts.Length; i++)
        {
            (string[] texts, GenerationSummary summary, _) = await ReadAsync(engine, Request(prompts[i], 40));
            Assert.Equal(expected[i], texts[0]);
            Assert.InRange(summary.CachedTokens, i == 0 ? 0 : system.Length, prompts[i].Length - 1);
            cached += summary.CachedTokens;
            Assert.Equal(expected[i], (await ReadAsync(engine, Request(prompts[i], 40) with { ReusePrefix = false })).Texts[0]);
        }

        Assert.InRange(cached, 11 * system.Length, int.MaxValue);
        Assert.Equal(expected, await Task.WhenAll(prompts.Select(p => WriteAsync(engine, p, 40))));
        Assert.Equal([expected[3], expected[3], expected[3]], (await ReadAsync(engine, Request(prompts[3], 40) with { Choices = 3 })).Texts);
    }

    [Fact]
    public async Task Probabilities_are_the_softmax_of_the_models_own_logits()
    {
        await using InferenceEngine engine = Engine(Runner(512), context: 256);
        int[] prompt = ['h', 'e', 'l', 'l', 'o'];

        SampledToken first = (await ReadAsync(
            engine, Request(prompt, 3) with { TopLogprobs = 20, Sampling = Greedy with { LogitBias = new Dictionary<int, float> { ['z'] = 100 } } })).Tokens[0];

        float[] logits = LogitsAfter(prompt);
        double sum = logits.Sum(l => Math.Exp(l));
        Assert.Equal('z', first.Chosen.Token); // the bias moves the choice, not the probabilities
        Assert.Equal(Math.Log(Math.Exp(logits['z']) / sum), first.Chosen.Logprob, 1e-3);
        Assert.Equal(logits.Order().Reverse().Take(20).Select(l => Math.Log(Math.Exp(l) / sum)), first.Likeliest.Select(t => (double)t.Logprob), (a, b) =>
            Math.Abs(a - b) < 1e-3);
        Assert.Equal(20, first.Likeliest.Select(t => t.Token).Distinct().Count());
    }

    public static TheoryData<SamplingParameters> Methods => new()
    {
        new SamplingParameters { Temperature = 1.2f, TopK = 0, TopP = 1, MinP = 0, TypicalP = 0.7f },
        new SamplingParameters { Temperature = 1, Dry = new() { Multiplier = 1, Breakers = [] } },
        new SamplingParameters { Temperature = 1, Dry = new() { Multiplier = 1 }, RepetitionPenalty = 1.3f },
        new SamplingParameters { Temperature = 1, XtcProbability = 0.5f, XtcThreshold = 0.02f },
        new SamplingParameters { Temperature = 1, Mirostat = new() { Version = 1, Tau = 3 } },
        new SamplingParameters { Temperature = 1, Mirostat = new() { Version = 2, Tau = 3 } },
    };

    [Theory]
    [MemberData(nameof(Methods))]
    public async Task Every_way_of_sampling_repeats_by_its_seed_and_varies_by_it(SamplingParameters parameters)
    {
        await using InferenceEngine engine = Engine(Runner(512), context: 256);
        async Task<string> Draw(uint seed) =>
            (await ReadAsync(engine, Request(['a', 'b'], 60) with { Sampling = parameters with { Seed = seed, IgnoreEndOfGeneration = true } })).Texts[0];

        Assert.Equal(await Draw(1), await Draw(1));
        Assert.NotEqual(await Draw(1), await Draw(2));
    }

    [Fact]
    public async Task Dry_breaks_a_repetition_that_the_prompt_begins()
    {
        await using InferenceEngine engine = Engine(Runner(512), context: 256);
        int[] prompt = [.. Enumerable.Repeat("abcdef", 10).SelectMany(s => s).Select(c => (int)c)];
        IReadOnlyDictionary<int, float> goesOn = new Dictionary<int, float> { ['a'] = 50 }; // without DRY: a for ever
        SamplingParameters biased = Greedy with { LogitBias = goesOn };

        Assert.Equal("aaaaaaaaaa", (await ReadAsync(engine, Request(prompt, 10) with { Sampling = biased })).Texts[0]);
        string broken = (await ReadAsync(
            engine, Request(prompt, 10) with { Sampling = biased with { Dry = new() { Multiplier = 5, Growth = 3, Breakers = [] } } })).Texts[0];
        Assert.NotEqual('a', broken[0]);
    }

    private float[] LogitsAfter(int[] prompt)
    {
        using var context = new LlamaContext(_model, new() { CacheTokens = 256 });
        var batch = new LlamaBatch(prompt.Length);
        for (int i = 0; i < prompt.Length; i++)
            batch.Add(prompt[i], i, 0, output: i == prompt.Length - 1);
        Assert.Equal(DecodeResult.Ok, context.Decode(batch));
        return context.LogitsOf(prompt.Length - 1).ToArray();
    }

    [Fact]
    public void A_token_costs_no_memory_beyond_its_text()
    {
        Channel<Generation> inbox = Channel.CreateUnbounded<Generation>();
        using LlamaModelRunner runner = Runner(2048);
        var loop = new EngineLoop(runner, new() { ContextLength = 512 }, inbox.Reader, TimeProvider.System, _ => { });
        Generation[] replies = [.. Enumerable.Range(0, 4).Select(
            i => new Generation(new() { Prompt = ['a', 'b' + i], Sampling = Greedy }, [runner.CreateSampler(Greedy, [])], CancellationToken.None))];
        foreach (Generation reply in replies)
            inbox.Writer.TryWrite(reply);
        for (int step = 0; step < 100; step++) // until every buffer has its size and every piece is known
            Step();

        long before = GC.GetAllocatedBytesForCurrentThread();
        int characters = 0;
        for (int step = 0; step < 100; step++)
            characters += Step();

        const int StringOfOneCharacter = 32; // bytes
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, (characters * StringOfOneCharacter) + 4096);

        int Step()
        {
            loop.Step();
            int read = 0;
            foreach (Generation reply in replies)
            {
                while (reply.Events.TryRead(out GenerationEvent next))
                    read += next.Text.Length;
            }

            return read;
        }
    }

    [Fact]
    public void An_engine_that_may_use_more_than_the_cache_is_refused()
    {
        using LlamaModelRunner runner = Runner(256);

        Assert.Throws<ArgumentException>(() => Engine(runner, context: 10_000));
    }

    public void Dispose()
    {
        _model.Dispose();
        _folder.Dispose();
    }
}
