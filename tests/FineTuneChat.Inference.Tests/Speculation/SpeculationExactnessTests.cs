using FineTuneChat.Chat.Encoding;
using FineTuneChat.Datasets.Messages;
using FineTuneChat.Inference.Running;
using FineTuneChat.Native.Llama;
using FineTuneChat.Native.Loading;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Inference.Tests.Speculation;

/// <summary>Over llama.cpp: what is written with drafts is what is written without, token for token, whatever the sampler remembers.</summary>
[Trait(Tier.Name, Tier.Slow)]
public sealed class SpeculationExactnessTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public SpeculationExactnessTests() => NativeLibraries.Load();

    public void Dispose() => _folder.Dispose();

    private LlamaModel Tiny(RandomModelShape? shape = null) => LlamaModel.Load(RandomModel.Write(_folder[$"{Guid.NewGuid()}.gguf"], shape));

    private static InferenceEngine Engine(LlamaModel model, SpeculationMode mode, int cacheTokens = 4096) => new(
        new LlamaModelRunner(model, new() { CacheTokens = cacheTokens, MaxSequences = 10, BatchSize = 256, MicroBatchSize = 256 }),
        new() { ContextLength = 512, Parallel = 8, KeptTokens = 512, Speculation = mode }, TimeProvider.System);

    private static async Task<SampledToken[]> WriteAsync(InferenceEngine engine, GenerationRequest request)
    {
        var tokens = new List<SampledToken>();
        await foreach (GenerationEvent next in engine.Submit(request with { TopLogprobs = 2 }, CancellationToken.None).Generation!.Events.ReadAllAsync())
            tokens.AddRange(next.Tokens ?? []);
        return [.. tokens];
    }

    private static int[] Ids(IEnumerable<SampledToken> tokens) => [.. tokens.Select(t => t.Chosen.Token)];

    private static int[] Song(int seed) => [.. Enumerable.Range(0, 40 + (5 * seed)).Select(i => 'a' + (i * (seed + 3) % 11))];

    public static TheoryData<SamplingParameters> Methods => new()
    {
        new SamplingParameters { Temperature = 0 },
        new SamplingParameters { Temperature = 0.3f },
        new SamplingParameters { Temperature = 0.4f, TopK = 0, TopP = 1, MinP = 0, TypicalP = 0.9f },
        new SamplingParameters { Temperature = 0.3f, RepetitionPenalty = 1.05f, FrequencyPenalty = 0.05f, PresencePenalty = 0.1f },
        new SamplingParameters { Temperature = 0.3f, Dry = new() { Multiplier = 0.3f, Breakers = [] } },
        new SamplingParameters { Temperature = 0.3f, XtcProbability = 0.2f, XtcThreshold = 0.1f },
        new SamplingParameters { Temperature = 0.5f, Mirostat = new() { Version = 2, Tau = 1 } },
        new SamplingParameters { Temperature = 0.3f, Grammar = "root ::= \"[\" pair (\", \" pair)* \"]\"\npair ::= \"{\\\"a\\\": \" [a-e]+ \"}\"" },
    };

    [Theory]
    [MemberData(nameof(Methods))]
    public async Task The_same_seed_gives_the_same_tokens(SamplingParameters sampling)
    {
        using LlamaModel model = Tiny();
        await using InferenceEngine plain = Engine(model, SpeculationMode.Off), ahead = Engine(model, SpeculationMode.On);
        for (int i = 0; i < 4; i++) // one after the other: what is in a batch changes the last digits, and so, seldom, a draw
        {
            var request = new GenerationRequest
            {
                Prompt = Song(2 * i),
                MaxTokens = 60,
                Sampling = sampling with { Seed = (uint)i, IgnoreEndOfGeneration = sampling.Grammar is null },
            };
            Assert.Equal(Ids(await WriteAsync(plain, request)), Ids(await WriteAsync(ahead, request)));
        }

        Assert.InRange(ahead.Statistics.AcceptedTokens, 8, ahead.Statistics.DraftedTokens);
    }

    /// <summary>Two samples of other seeds are of one distribution, with drafts and without: homogeneity by chi-square over pairs of tokens.</summary>
    [Fact]
    public async Task Sampled_tokens_have_the_distribution_that_they_have_without()
    {
        const int Samples = 960, Kinds = 3;
        using LlamaModel model = Tiny();
        var counts = new int[2, Kinds * Kinds];
        long accepted = 0;
        foreach ((int engineIndex, SpeculationMode mode) in new[] { SpeculationMode.Off, SpeculationMode.On }.Index())
        {
            await using InferenceEngine engine = Engine(model, mode);
            SampledToken[][] replies = await Task.WhenAll(Enumerable.Range(0, 8).Select(async client =>
            {
                var all = new List<SampledToken>();
                for (int i = 0; i < Samples / 8; i++)
                {
                    // Three letters that take turns in the prompt: some guesses are right, most are not.
                    var request = new GenerationRequest
                    {
                        Prompt = [.. Enumerable.Range(0, 42).Select(k => (int)"agb"[k % 3])],
                        MaxTokens = 3,
                        Sampling = new()
                        {
                            Temperature = 2,
                            TopK = 0,
                            TopP = 1,
                            MinP = 0,
                            Seed = (uint)((engineIndex * 1_000_000) + (client * 10_000) + i),
                            Grammar = "root ::= [agb]+",
                            IgnoreEndOfGeneration = true,
                        },
                    };
                    all.AddRange((await WriteAsync(engine, request))[..3]);
                }

                return all.ToArray();
            }));
            int[] tokens = Ids(replies.SelectMany(r => r));
            for (int i = 0; i < tokens.Length; i += 3)
                counts[engineIndex, (Kind(tokens[i + 1]) * Kinds) + Kind(tokens[i + 2])]++;
            accepted = engine.Statistics.AcceptedTokens;
        }

        Assert.True(accepted > Samples / 20, $"only {accepted} guesses were right");
        double chiSquare = 0;
        int cells = 0;
        for (int kind = 0; kind < Kinds * Kinds; kind++)
        {
            double off = counts[0, kind], on = counts[1, kind];
            if (off + on == 0)
                continue;
            chiSquare += (off - on) * (off - on) / (off + on); // both samples are as large
            cells++;
        }

        Assert.InRange(cells, 4, Kinds * Kinds);
        Assert.InRange(chiSquare, 0, 26.1); // 0.1 % of 8 degrees of freedom

        static int Kind(int token) => token switch { 'a' => 0, 'g' => 1, _ => 2 };
    }

    /// <summary>A windowed layer forgets what lies before its window: a draft must not make it forget too much.</summary>
    [Theory]
    [InlineData("llama", 0u)]
    [InlineData("gemma3", 8u)]
    [InlineData("gemma2", 8u)]
    public async Task A_window_that_slides_over_drafts_loses_nothing(string architecture, uint window)
    {
        var shape = new RandomModelShape(Layers: 6) { Architecture = architecture };
        if (window > 0)
            shape.Metadata["attention.sliding_window"] = window;
        using LlamaModel model = Tiny(shape);
        Assert.True(model.CanForgetLast);
        await using InferenceEngine plain = Engine(model, SpeculationMode.Off), ahead = Engine(model, SpeculationMode.On);
        for (int i = 0; i < 3; i++)
        {
            var request = new GenerationRequest
            {
                Prompt = Song(3 * i),
                MaxTokens = 100,
                Sampling = new() { Temperature = 0.5f, Seed = (uint)i, IgnoreEndOfGeneration = true },
            };
            Assert.Equal(Ids(await WriteAsync(plain, request)), Ids(await WriteAsync(ahead, request)));
        }

        Assert.InRange(ahead.Statistics.AcceptedTokens, 8, ahead.Statistics.DraftedTokens - 1); // some were right, some wrong
    }

    [Fact]
    public async Task Greedy_replies_of_the_starter_are_the_same_alone_and_in_batches()
    {
        using LlamaModel model = LlamaModel.Load(Path.Combine(Repository.Root, "models", "starter", "starter-F16.gguf"));
        ConversationEncoder encoder = ConversationEncoder.OfModel(model);
        string[] facts = ["Ana lives in Lima and is 31.", "We open at 9:30 and close at 18:00.", "The order 4711 goes to Oslo.", "Name Bo, city Rome."];
        string[] questions =
        [
            "What is the capital of France?", "Count from 3 to 19.",
            .. facts.Select(f => $"Repeat this: {f} {f}"), .. facts.Select(f => $"Make it polite: {f}"),
            .. facts.Select(f => $"Copy the fields to JSON: {f}"),
        ];
        GenerationRequest[] requests = [.. questions.Select(question => new GenerationRequest
        {
            Prompt = encoder.EncodePrompt([new ChatMessage(ChatRole.User, question)]),
            MaxTokens = 48,
            Sampling = new() { Temperature = 0, IgnoreEndOfGeneration = true },
        })];
        await using InferenceEngine plain = Engine(model, SpeculationMode.Off), ahead = Engine(model, SpeculationMode.On);
        await using InferenceEngine auto = Engine(model, SpeculationMode.Auto);

        SampledToken[][] expected = await Task.WhenAll(requests.Select(r => WriteAsync(plain, r)));
        foreach (InferenceEngine engine in (InferenceEngine[])[ahead, auto])
            Assert.All(expected.Zip(await Task.WhenAll(requests.Select(r => WriteAsync(engine, r)))), pair => AssertSame(pair.First, pair.Second));
        AssertSame(expected[2], await WriteAsync(ahead, requests[2]));
        Assert.True(ahead.Statistics.AcceptedTokens > 100, $"{ahead.Statistics.AcceptedTokens} of {ahead.Statistics.DraftedTokens}");
    }

    /// <summary>Up to a place where two tokens are as likely: batches of other shapes differ in the last digits.</summary>
    private static void AssertSame(SampledToken[] expected, SampledToken[] written)
    {
        Assert.Equal(expected.Length, written.Length);
        int same = Ids(expected).AsSpan().CommonPrefixLength(Ids(written));
        if (same < expected.Length)
            Assert.InRange(Math.Abs(expected[same].Likeliest[0].Logprob - expected[same].Likeliest[1].Logprob), 0, 0.1f);
    }
}
