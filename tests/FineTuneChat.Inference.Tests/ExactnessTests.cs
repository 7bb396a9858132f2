using FineTuneChat.Chat.Encoding;
using FineTuneChat.Datasets.Messages;
using FineTuneChat.Inference.Running;
using FineTuneChat.Native.Llama;
using FineTuneChat.Native.Loading;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Inference.Tests;

/// <summary>
/// Greedy replies of the starter, whose likeliest tokens are as close as any real model's, against a bare loop. docs/serving.md says what
/// is exact, and why not all is.
/// </summary>
[Trait(Tier.Name, Tier.Slow)]
public sealed class ExactnessTests : IDisposable
{
    private const int Tokens = 48, BatchSize = 256;
    private const float Rounding = 0.1f; // of a logit, between batches of different shapes

    private static readonly string[] Questions =
    [
        "Hi", "What is the capital of France?", "What is 7 plus 5?", "Make it polite: give me the book.", "What is cat in Spanish?",
        "Copy the fields to JSON: name Ana, city Lima, age 31.", "Count from 3 to 9.", string.Join(' ', Enumerable.Repeat("Where does the river end?", 20)),
    ];

    private readonly TemporaryFolder _folder = new();
    private readonly LlamaModel _model;
    private readonly int[][] _prompts;

    public ExactnessTests()
    {
        NativeLibraries.Load();
        _model = LlamaModel.Load(Path.Combine(Repository.Root, "models", "starter", "starter-F16.gguf"));
        ConversationEncoder encoder = ConversationEncoder.OfModel(_model);
        _prompts = [.. Questions.Select(
            q => encoder.EncodePrompt(encoder.Template.Render([new ChatMessage(ChatRole.User, q)], [], addGenerationPrompt: true)))];
    }

    [Fact]
    public async Task Alone_a_reply_is_token_for_token_that_of_a_bare_loop()
    {
        await using InferenceEngine engine = Engine();
        foreach (int[] prompt in _prompts)
            Assert.Equal(Bare(prompt).Tokens, (await WriteAsync(engine, prompt, reuse: false)).Tokens);
    }

    [Fact]
    public async Task Among_others_and_on_reused_prefixes_it_differs_at_most_where_two_tokens_are_as_likely()
    {
        BareReply[] expected = [.. _prompts.Select(prompt => Bare(prompt))];
        await using InferenceEngine engine = Engine();

        (int[] Tokens, int Cached)[] together = await Task.WhenAll(_prompts.Select(p => WriteAsync(engine, p, reuse: false)));
        (int[] Tokens, int Cached)[] again = await Task.WhenAll(_prompts.Select(p => WriteAsync(engine, p, reuse: true)));
        for (int i = 0; i < _prompts.Length; i++)
        {
            AssertSame(expected[i], together[i].Tokens);
            AssertSame(expected[i], again[i].Tokens);
            Assert.Equal(_prompts[i].Length - 1, again[i].Cached);
            int[] next = [.. _prompts[i], .. expected[i].Tokens, .. _prompts[0]]; // the second turn goes on after the first one's reply
            (int[] Tokens, int Cached) second = await WriteAsync(engine, next, reuse: true);
            AssertSame(Bare(next), second.Tokens);
            Assert.InRange(second.Cached, _prompts[i].Length, next.Length - 1);
        }
    }

    [Fact]
    public async Task With_an_adapter_a_reply_is_that_of_a_bare_loop_with_it_alone_and_between_others()
    {
        using LoadedAdapter one = Adapter(seed: 1), two = Adapter(seed: 2);
        Adapter?[] adapters = [new(new(one)), new(new(two)), null];
        BareReply[][] expected = [.. ((LoadedAdapter?[])[one, two, null]).Select(adapter => _prompts.Select(prompt => Bare(prompt, adapter)).ToArray())];
        int apart = _prompts.Where((_, i) => expected.Select(of => string.Join(' ', of[i].Tokens)).Distinct().Count() == 3).Count();
        Assert.InRange(apart, _prompts.Length / 2, _prompts.Length); // mixing would be seen
        await using InferenceEngine engine = Engine();

        for (int i = 0; i < _prompts.Length; i++) // by turns, so that the adapter changes before each: token for token
            Assert.Equal(expected[i % 3][i].Tokens, (await WriteAsync(engine, _prompts[i], reuse: false, adapters[i % 3])).Tokens);

        // All questions to all three at once, twice, so that prefixes are shared: nothing of one adapter is ever used with another.
        foreach (bool reuse in (bool[])[false, true])
        {
            (int[] Tokens, int Cached)[][] together = await Task.WhenAll(
                adapters.Select(adapter => Task.WhenAll(_prompts.Select(prompt => WriteAsync(engine, prompt, reuse, adapter)))));
            for (int a = 0; a < adapters.Length; a++)
                for (int i = 0; i < _prompts.Length; i++)
                    AssertSame(expected[a][i], together[a][i].Tokens);
        }
        Assert.True(engine.Statistics.AdapterChanges > 3);
    }

    public void Dispose()
    {
        _model.Dispose();
        _folder.Dispose();
    }

    private LoadedAdapter Adapter(int seed) => new(_model, RandomAdapter.Write(_folder[$"{seed}.gguf"], _model.Path, seed));

    private InferenceEngine Engine() => new(
        new LlamaModelRunner(_model, new() { CacheTokens = 8192, MaxSequences = 24, BatchSize = BatchSize }),
            new() { ContextLength = 1024, Parallel = 8, KeptTokens = 4096 }, TimeProvider.System);

    /// <summary>decode → largest logit → decode …, and the logits of each step.</summary>
    private BareReply Bare(int[] prompt, LoadedAdapter? adapter = null)
    {
        using var context = new LlamaContext(_model, new() { CacheTokens = 1024, BatchSize = BatchSize });
        context.SetAdapter(adapter);
        using var sampler = new SamplerChain(_model);
        sampler.AddLogitBias([.. Ends().Select(t => KeyValuePair.Create(t, float.NegativeInfinity))]).AddGreedy();
        var batch = new LlamaBatch(BatchSize);
        var tokens = new List<int>(prompt);
        var logits = new List<float[]>();
        for (int done = 0; logits.Count < Tokens;)
        {
            batch.Clear();
            for (; done < tokens.Count && batch.Count < BatchSize; done++)
                batch.Add(tokens[done], done, 0, output: done == tokens.Count - 1);
            Assert.Equal(DecodeResult.Ok, context.Decode(batch));
            if (done < tokens.Count)
                continue;
            logits.Add(context.LogitsOf(batch.Count - 1).ToArray());
            tokens.Add(sampler.Sample(context, batch.Count - 1));
        }

        return new([.. tokens.Skip(prompt.Length)], logits);
    }

    private IEnumerable<int> Ends() => Enumerable.Range(0, _model.Vocabulary.Count).Where(_model.Vocabulary.IsEndOfGeneration);

    private static async Task<(int[] Tokens, int Cached)> WriteAsync(InferenceEngine engine, int[] prompt, bool reuse, Adapter? adapter = null)
    {
        var request = new GenerationRequest
        {
            Prompt = prompt,
            Adapter = adapter,
            MaxTokens = Tokens,
            TopLogprobs = 0,
            ReusePrefix = reuse,
            Sampling = new() { Temperature = 0, IgnoreEndOfGeneration = true }
        };
        var tokens = new List<int>();
        int cached = 0;
        await foreach (GenerationEvent next in engine.Submit(request, CancellationToken.None).Generation!.Events.ReadAllAsync())
        {
            tokens.AddRange((next.Tokens ?? []).Select(t => t.Chosen.Token));
            cached = next.Summary?.CachedTokens ?? cached;
        }

        return ([.. tokens], cached);
    }

    private static void AssertSame(BareReply expected, int[] tokens)
    {
        Assert.Equal(Tokens, tokens.Length);
        int same = expected.Tokens.AsSpan().CommonPrefixLength(tokens);
        if (same < Tokens) // from here on both are right, and go on from different texts
            Assert.InRange(expected.Logits[same][expected.Tokens[same]] - expected.Logits[same][tokens[same]], 0, Rounding);
    }

    private sealed record BareReply(int[] Tokens, List<float[]> Logits);
}
