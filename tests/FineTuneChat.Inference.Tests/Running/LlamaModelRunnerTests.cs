using System.Text;
using System.Threading.Channels;
using FineTuneChat.Inference.Running;
using FineTuneChat.Native.Llama;
using FineTuneChat.Native.Loading;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Inference.Tests.Running;

/// <summary>The engine over llama.cpp, against the plainest loop there is.</summary>
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

    private LlamaModelRunner Runner(int cacheTokens, int sequences = 8) => new(_model, new() { CacheTokens = cacheTokens, MaxSequences = sequences, BatchSize = 64 });

    private static InferenceEngine Engine(IModelRunner runner, int context) => new(runner, new() { ContextLength = context, PrefillChunk = 16 }, TimeProvider.System);

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

    private static async Task<string> WriteAsync(InferenceEngine engine, int[] prompt, int count)
    {
        Generation generation = engine.Submit(new() { Prompt = prompt, MaxTokens = count, Sampling = Greedy }, CancellationToken.None).Generation!;
        var text = new StringBuilder();
        await foreach (GenerationEvent next in generation.Events.ReadAllAsync())
            text.Append(next.Text);
        return text.ToString();
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

    [Fact]
    public void A_token_costs_no_memory_beyond_its_text()
    {
        Channel<Generation> inbox = Channel.CreateUnbounded<Generation>();
        var loop = new EngineLoop(Runner(2048), new() { ContextLength = 512 }, inbox.Reader, TimeProvider.System, () => { });
        Generation[] replies = [.. Enumerable.Range(0, 4).Select(i => new Generation(new() { Prompt = ['a', 'b' + i], Sampling = Greedy }, CancellationToken.None))];
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
