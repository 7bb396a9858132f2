using FineTuneChat.Inference.Speculation;
using FineTuneChat.Inference.Tests.Running;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Inference.Tests.Speculation;

/// <summary>With a model that checks every cell: a wrong guess that stays in the cache, or a right one that is missing, fails or writes another text.</summary>
[Trait(Tier.Name, Tier.Slow)]
public sealed class SpeculationTests
{
    private const string Song = "the river ends in the sea, the sea ends in the sky, and the sky ends in the river; ";

    private static InferenceEngine Engine(FakeModelRunner runner, SpeculationMode mode = SpeculationMode.On, int context = 256, int kept = 0) =>
        new(runner, new() { ContextLength = context, PrefillChunk = 8, KeptTokens = kept, Speculation = mode, Parallel = kept > 0 ? 4 : null },
            TimeProvider.System);

    private static GenerationRequest Request(string prompt, int? maxTokens = 60, params string[] stops) =>
        new() { Prompt = FakeModelRunner.Tokens(prompt), MaxTokens = maxTokens, Stops = stops };

    /// <summary>A model that writes its song again and again, but stumbles now and then.</summary>
    private static int Sing(IReadOnlyList<int> tokens) => tokens.Count % 23 == 0 ? '#' : Song[tokens.Count % Song.Length];

    private static async Task<(string Text, GenerationSummary? Summary)> WriteAsync(InferenceEngine engine, GenerationRequest request)
    {
        string text = "";
        GenerationSummary? summary = null;
        await foreach (GenerationEvent next in engine.Submit(request, CancellationToken.None).Generation!.Events.ReadAllAsync())
        {
            if (next.Choice == 0)
                text += next.Text;
            summary = next.Summary ?? summary;
        }

        return (text, summary);
    }

    [Theory]
    [InlineData(1024, 64)]
    [InlineData(400, 64)] // replies outgrow the cache, and some are preempted
    [InlineData(1024, 12)] // little room for drafts
    public async Task Replies_are_those_that_are_written_one_token_at_a_time(int cacheTokens, int batchSize)
    {
        var runner = new FakeModelRunner(cacheTokens, batchSize) { Next = Sing };
        await using InferenceEngine engine = Engine(runner);
        string[] prompts = [.. Enumerable.Range(0, 12).Select(i => Song[..(20 + (i * 5))])];

        (string Text, GenerationSummary? Summary)[] together = await Task.WhenAll(prompts.Select(p => WriteAsync(engine, Request(p, 90))));

        Assert.Equal(prompts.Select(p => runner.Continue(p, 90)), together.Select(t => t.Text));
        Assert.All(together, t => Assert.Equal(90, t.Summary!.GeneratedTokens));
        Assert.True(engine.Statistics.AcceptedTokens > 100, $"{engine.Statistics.AcceptedTokens} of {engine.Statistics.DraftedTokens}");
        Assert.True(engine.Statistics.DraftedTokens > engine.Statistics.AcceptedTokens, "none was wrong");
        Assert.Equal(
            (engine.Statistics.DraftedTokens, engine.Statistics.AcceptedTokens),
            (together.Sum(t => t.Summary!.Drafts.Drafted), together.Sum(t => t.Summary!.Drafts.Accepted)));
        Assert.Equal((0, 0), (runner.CachedTokens, runner.LiveSamplers));
    }

    [Fact]
    public async Task Any_text_of_the_model_stays_the_same_with_its_ends_and_broken_characters()
    {
        var runner = new FakeModelRunner(maxSequences: 8);
        await using InferenceEngine engine = Engine(runner, kept: 128);
        string[] prompts = [.. Enumerable.Range(0, 60).Select(i => string.Concat(Enumerable.Repeat("ab é ", 1 + (i % 9))) + i)];

        (string Text, GenerationSummary? Summary)[] replies = await Task.WhenAll(prompts.Select(p => WriteAsync(engine, Request(p, 40))));

        Assert.Equal(prompts.Select(p => runner.Continue(p, 40)), replies.Select(t => t.Text));
    }

    [Fact]
    public async Task A_reply_ends_at_a_stop_text_at_its_limit_and_at_the_context_though_more_was_drafted()
    {
        var runner = new FakeModelRunner { Next = Sing };
        await using InferenceEngine engine = Engine(runner, context: 200);
        string prompt = Song + Song[..40];

        (string stopped, GenerationSummary? stop) = await WriteAsync(engine, Request(prompt, null, "the sky"));
        (string cut, GenerationSummary? length) = await WriteAsync(engine, Request(prompt, 7));
        (string full, GenerationSummary? end) = await WriteAsync(engine, Request(prompt, null));

        string whole = runner.Continue(prompt, 200 - prompt.Length);
        Assert.Equal((whole[..whole.IndexOf("the sky", StringComparison.Ordinal)], FinishReason.Stop), (stopped, stop!.Reason));
        Assert.Equal(stopped.Length + "the sky".Length, stop.GeneratedTokens);
        Assert.Equal((whole[..7], 7, FinishReason.Length), (cut, length!.GeneratedTokens, length.Reason));
        Assert.Equal((whole, FinishReason.Length), (full, end!.Reason));
        Assert.Equal(0, runner.CachedTokens);
    }

    [Fact]
    public async Task What_ended_replies_leave_in_the_cache_has_no_guess_in_it()
    {
        var runner = new FakeModelRunner(maxSequences: 8) { Next = Sing };
        await using InferenceEngine engine = Engine(runner, kept: 256);
        string prompt = Song[..50];

        (string first, _) = await WriteAsync(engine, Request(prompt, 90, "river; t"));
        (string second, GenerationSummary? summary) = await WriteAsync(engine, Request(prompt + first + "river; t", 60));

        Assert.Equal(runner.Continue(prompt + first + "river; t", 60), second);
        Assert.InRange(summary!.CachedTokens, prompt.Length + first.Length, prompt.Length + first.Length + 8);
        Assert.InRange(runner.CachedTokens, 1, 256);
    }

    [Fact]
    public async Task All_replies_to_one_request_and_their_probabilities_are_complete()
    {
        var runner = new FakeModelRunner { Next = Sing };
        await using InferenceEngine engine = Engine(runner);
        var texts = new string[3];
        var tokens = new List<int>[] { [], [], [] };
        GenerationRequest request = Request(Song[..50], 70) with { Choices = 3, TopLogprobs = 1 };

        await foreach (GenerationEvent next in engine.Submit(request, CancellationToken.None).Generation!.Events.ReadAllAsync())
        {
            texts[next.Choice] += next.Text;
            tokens[next.Choice].AddRange(next.Tokens!.Select(t => t.Chosen.Token));
            Assert.All(next.Tokens!, t => Assert.Equal(t.Chosen.Token, t.Likeliest[0].Token));
        }

        Assert.All(texts, text => Assert.Equal(runner.Continue(Song[..50], 70), text));
        Assert.All(tokens, of => Assert.Equal(texts[0], string.Concat(of.Select(t => (char)t))));
    }

    [Fact]
    public async Task The_text_that_a_request_predicts_is_written_in_few_steps()
    {
        const string Script = "A text that nobody has seen before, of 61 characters in all.";
        var runner = new FakeModelRunner { Next = tokens => tokens.Count - 3 < Script.Length ? Script[tokens.Count - 3] : FakeModelRunner.End };
        await using InferenceEngine engine = Engine(runner);

        (string text, GenerationSummary? summary) = await WriteAsync(
            engine, Request("xyz") with { Predicted = FakeModelRunner.Tokens(Script.Replace("seen", "ever seen", StringComparison.Ordinal)) });

        Assert.Equal(Script, text);
        DraftCounts drafts = summary!.Drafts;
        Assert.InRange(drafts.PredictedAccepted, 40, Script.Length);
        Assert.InRange(drafts.Predicted, drafts.PredictedAccepted + 1, 100); // the guess of "ever" was wrong
        Assert.InRange(runner.Batches.Count, 2, 12);
    }

    [Fact]
    public async Task A_request_may_ask_for_no_drafts_and_a_model_that_cannot_forget_gets_none()
    {
        var runner = new FakeModelRunner { Next = Sing };
        var recurrent = new FakeModelRunner { Next = Sing, CanForgetLast = false };
        await using InferenceEngine engine = Engine(runner), other = Engine(recurrent);

        Assert.Equal(runner.Continue(Song, 60), (await WriteAsync(engine, Request(Song) with { MostDrafted = 0 })).Text);
        Assert.Equal(runner.Continue(Song, 60), (await WriteAsync(other, Request(Song))).Text);
        Assert.Equal((0, 0), (engine.Statistics.DraftedTokens, other.Statistics.DraftedTokens));
    }

    [Fact]
    public async Task Cancelling_leaves_nothing_behind()
    {
        var runner = new FakeModelRunner { Next = Sing };
        await using InferenceEngine engine = Engine(runner);
        for (int i = 0; i < 20; i++)
        {
            using var cancelled = new CancellationTokenSource();
            Generation generation = engine.Submit(Request(Song, null), cancelled.Token).Generation!;
            await generation.Events.ReadAsync();
            await cancelled.CancelAsync();
            await generation.Ended;
        }

        Assert.Equal(runner.Continue(Song, 60), (await WriteAsync(engine, Request(Song))).Text);
        Assert.Equal((0, 0, 0), (runner.CachedTokens, runner.LiveSamplers, engine.Requests));
    }

    /// <summary>A model whose steps take as long as its rows say, by the loop's clock.</summary>
    [Theory]
    [InlineData(0.05, true)] // weights from memory: a further row is nearly free
    [InlineData(0.95, false)] // rows are as dear as steps
    public async Task Drafts_are_made_where_steps_with_more_rows_pay(double row, bool pays)
    {
        var clock = new StepClock();
        var runner = new FakeModelRunner(cacheTokens: 4096, batchSize: 128)
        {
            Next = tokens => tokens.Count % 97 == 0 ? '#' : Song[tokens.Count % Song.Length],
        };
        runner.AfterDecode = rows => clock.Advance(1000 * (1 + (row * (rows - 1))));
        await using var engine = new InferenceEngine(runner, new() { ContextLength = 2048, Speculation = SpeculationMode.Auto }, clock);

        (string text, GenerationSummary? summary) = await WriteAsync(engine, Request(Song, 1200));

        Assert.Equal(runner.Continue(Song, 1200), text);
        double alone = 1199 * 1000, spent = summary!.GenerationTime.TotalMicroseconds;
        Assert.InRange(alone / spent, pays ? 3 : 0.97, pays ? 40 : 1.05);
    }

    [Fact]
    public async Task Text_that_does_not_repeat_itself_costs_nothing()
    {
        var clock = new StepClock();
        var random = new Random(1);
        int[] script = [.. Enumerable.Range(0, 2000).Select(_ => 'a' + random.Next(26))]; // letters come again, what follows them does not
        var runner = new FakeModelRunner(cacheTokens: 4096, batchSize: 128) { Next = tokens => script[tokens.Count] };
        runner.AfterDecode = rows => clock.Advance(rows == 1 ? 1000 : 2300 + (450 * rows)); // as measured with 4-bit weights on one core
        await using var engine = new InferenceEngine(runner, new() { ContextLength = 2048, Speculation = SpeculationMode.Auto }, clock);

        (_, GenerationSummary? summary) = await WriteAsync(engine, Request("abc", 1500));

        Assert.InRange(1499 * 1000 / summary!.GenerationTime.TotalMicroseconds, 0.97, 1);
    }

    private sealed class StepClock : TimeProvider
    {
        private long _microseconds;

        public override long TimestampFrequency => 1_000_000;

        public override long GetTimestamp() => Interlocked.Read(ref _microseconds);

        public void Advance(double microseconds) => Interlocked.Add(ref _microseconds, (long)microseconds);
    }
}
