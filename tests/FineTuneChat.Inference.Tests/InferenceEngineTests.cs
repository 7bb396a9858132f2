using FineTuneChat.Inference.Running;
using FineTuneChat.Inference.Tests.Running;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Inference.Tests;

[Trait(Tier.Name, Tier.Slow)]
public sealed class InferenceEngineTests
{
    private static InferenceEngine Engine(FakeModelRunner runner, int context = 256, int maxQueue = 64, int chunk = 8, int kept = 0, int? parallel = null) =>
        new(runner, new() { ContextLength = context, MaxQueue = maxQueue, PrefillChunk = chunk, KeptTokens = kept, Parallel = parallel }, TimeProvider.System);

    private static GenerationRequest Request(string prompt, int? maxTokens = 40, params string[] stops) =>
        new() { Prompt = FakeModelRunner.Tokens(prompt), MaxTokens = maxTokens, Stops = stops };

    private static async Task<(string Text, GenerationSummary? Summary)> ReadAsync(Generation generation)
    {
        string text = "";
        GenerationSummary? summary = null;
        await foreach (GenerationEvent next in generation.Events.ReadAllAsync())
        {
            text += next.Text;
            summary = next.Summary;
            Assert.Equal(summary?.GeneratedTokens ?? next.Written, next.Written);
        }

        return (text, summary);
    }

    private static async Task<string> WriteAsync(InferenceEngine engine, GenerationRequest request) =>
        (await ReadAsync(engine.Submit(request, CancellationToken.None).Generation!)).Text;

    [Fact]
    public async Task Replies_written_together_are_those_written_alone()
    {
        var runner = new FakeModelRunner();
        await using InferenceEngine engine = Engine(runner);
        string[] prompts = [.. Enumerable.Range(0, 24).Select(i => new string((char)('A' + i), 1 + (i * 7 % 90)))];

        string[] together = await Task.WhenAll(prompts.Select(p => WriteAsync(engine, Request(p))));

        Assert.Equal(prompts.Select(p => runner.Continue(p, 40)), together);
        Assert.Contains(runner.Batches, b => b.Select(t => t.Sequence).Distinct().Count() == 4);
        Assert.Equal((0, 0, 0), (runner.CachedTokens, runner.LiveSamplers, engine.Requests));
    }

    [Fact]
    public async Task Replies_of_different_adapters_never_share_a_batch_or_a_cell_and_are_those_written_alone()
    {
        var runner = new FakeModelRunner(maxSequences: 12);
        await using InferenceEngine engine = Engine(runner, kept: 128, parallel: 8); // the fake model checks each cell's adapter
        Adapter?[] adapters = [null, new Adapter(default), new Adapter(default)];
        GenerationRequest[] requests =
        [
            .. Enumerable.Range(0, 60).Select(i => Request("All begin alike, " + new string('x', i * 5 % 17)) with { Adapter = adapters[i % 3] }),
        ];

        string[] together = await Task.WhenAll(requests.Select(r => WriteAsync(engine, r)));

        Assert.Equal(requests.Select(r => runner.Continue(string.Concat(r.Prompt.Select(t => (char)t)), 40)), together);
        Assert.Equal(adapters.ToHashSet(), runner.Adapters.ToHashSet());
        Assert.True(engine.Statistics.CachedTokens > 0, "prefixes were not shared within an adapter");
    }

    [Theory]
    [InlineData(4, 1)]
    [InlineData(16, 2)]
    [InlineData(64, 4)]
    public async Task Batch_size_and_parallelism_make_no_difference(int batchSize, int sequences)
    {
        var runner = new FakeModelRunner(batchSize: batchSize, maxSequences: sequences);
        await using InferenceEngine engine = Engine(runner);
        string[] prompts = ["one", "a much longer prompt than the others have", "x"];

        Assert.Equal(prompts.Select(p => runner.Continue(p, 30)), await Task.WhenAll(prompts.Select(p => WriteAsync(engine, Request(p, 30)))));
    }

    [Fact]
    public async Task Replies_that_outgrow_the_cache_are_still_the_same()
    {
        var runner = new FakeModelRunner(cacheTokens: 256) { Next = NeverEnding };
        await using InferenceEngine engine = Engine(runner);
        string[] prompts = [.. Enumerable.Range(0, 4).Select(i => new string((char)('A' + i), 20))];

        Assert.Equal(prompts.Select(p => runner.Continue(p, 120)), await Task.WhenAll(prompts.Select(p => WriteAsync(engine, Request(p, 120)))));
    }

    [Fact]
    public async Task The_summary_counts_tokens_and_says_why_the_reply_ended()
    {
        var runner = new FakeModelRunner { Next = tokens => tokens.Count < 8 ? 'x' : FakeModelRunner.End };
        await using InferenceEngine engine = Engine(runner);

        (string text, GenerationSummary? ended) = await ReadAsync(engine.Submit(Request("abcde"), CancellationToken.None).Generation!);
        (_, GenerationSummary? cut) = await ReadAsync(engine.Submit(Request("abcde", maxTokens: 2), CancellationToken.None).Generation!);

        Assert.Equal("xxx", text);
        Assert.Equal((FinishReason.Stop, 5, 0, 4), (ended!.Reason, ended.PromptTokens, ended.CachedTokens, ended.GeneratedTokens));
        Assert.Equal((FinishReason.Length, 2), (cut!.Reason, cut.GeneratedTokens));
        Assert.True(ended.PromptTime >= TimeSpan.Zero && ended.GenerationTime >= TimeSpan.Zero);
    }

    [Fact]
    public async Task A_stop_text_ends_the_reply_before_it()
    {
        const string Script = "hello STOP more";
        var runner = new FakeModelRunner { Next = tokens => Script[(tokens.Count - 3) % Script.Length] };
        await using InferenceEngine engine = Engine(runner);

        (string text, GenerationSummary? summary) = await ReadAsync(engine.Submit(Request("abc", 100, "STOP"), CancellationToken.None).Generation!);

        Assert.Equal(("hello ", FinishReason.Stop), (text, summary!.Reason));
    }

    [Fact]
    public async Task A_reply_without_limit_ends_at_the_context_and_a_prompt_as_long_as_it_is_refused()
    {
        var runner = new FakeModelRunner { Next = NeverEnding };
        await using InferenceEngine engine = Engine(runner, context: 64);

        (_, GenerationSummary? summary) = await ReadAsync(engine.Submit(Request(new string('a', 63), maxTokens: null), CancellationToken.None).Generation!);

        Assert.Equal((FinishReason.Length, 1), (summary!.Reason, summary.GeneratedTokens));
        Assert.Equal(SubmissionOutcome.PromptTooLong, engine.Submit(Request(new string('a', 64)), CancellationToken.None).Outcome);
    }

    [Fact]
    public async Task Cancelling_frees_the_place_in_the_queue_in_the_prompt_and_while_writing()
    {
        using var gate = new SemaphoreSlim(0);
        var runner = new FakeModelRunner(maxSequences: 2, batchSize: 8) { Next = NeverEnding };
        runner.BeforeDecode = gate.Wait;
        await using InferenceEngine engine = Engine(runner, maxQueue: 1, chunk: 4);
        using CancellationTokenSource writing = new(), reading = new(), waiting = new();
        Generation writer = engine.Submit(Request("w", maxTokens: null), writing.Token).Generation!;
        Generation reader = engine.Submit(Request(new string('r', 200), maxTokens: null), reading.Token).Generation!;
        Generation waiter = engine.Submit(Request("q"), waiting.Token).Generation!;
        Assert.Equal(SubmissionOutcome.QueueFull, engine.Submit(Request("x"), CancellationToken.None).Outcome);
        gate.Release(5);
        await writer.Events.ReadAsync();

        await waiting.CancelAsync();
        await writing.CancelAsync();
        await reading.CancelAsync();
        gate.Release(2); // the step in progress, and no more than one other

        Assert.Null((await ReadAsync(waiter)).Summary);
        Assert.Null((await ReadAsync(writer)).Summary);
        Assert.Null((await ReadAsync(reader)).Summary);
        Assert.Equal((0, 0, 0), (engine.Requests, runner.CachedTokens, runner.LiveSamplers));
        gate.Release(1000);
        Assert.NotEmpty(await WriteAsync(engine, Request("after")));
    }

    [Fact]
    public async Task A_failing_model_ends_every_reply_with_its_error()
    {
        var runner = new FakeModelRunner { Next = NeverEnding };
        int batches = 0;
        runner.BeforeDecode = () => _ = ++batches > 3 ? throw new InvalidOperationException("broken") : 0;
        await using InferenceEngine engine = Engine(runner);
        Generation[] replies = [.. Enumerable.Range(0, 6).Select(i => engine.Submit(Request("p" + i), CancellationToken.None).Generation!)];

        foreach (Generation reply in replies)
            Assert.Equal("broken", (await Assert.ThrowsAsync<InvalidOperationException>(() => ReadAsync(reply))).Message);
        await Assert.ThrowsAsync<InvalidOperationException>(() => engine.Completion);
        Assert.Equal(SubmissionOutcome.Stopped, engine.Submit(Request("late"), CancellationToken.None).Outcome);
        Assert.True(runner.IsDisposed);
    }

    [Fact]
    public async Task Stopping_ends_replies_that_are_not_finished()
    {
        var runner = new FakeModelRunner { Next = NeverEnding };
        InferenceEngine engine = Engine(runner, context: 1024);
        Generation reply = engine.Submit(Request("a", maxTokens: null), CancellationToken.None).Generation!;
        await reply.Events.ReadAsync();

        await engine.DisposeAsync();

        Exception? end = await Record.ExceptionAsync(() => ReadAsync(reply));
        Assert.True(end is null or OperationCanceledException); // null: it had reached its end before
        Assert.True(runner.IsDisposed);
        Assert.Equal((0, 0), (runner.CachedTokens, runner.LiveSamplers));
    }

    [Fact]
    public async Task Threads_change_from_the_next_step_on()
    {
        var runner = new FakeModelRunner();
        await using InferenceEngine engine = Engine(runner);

        engine.SetThreads(3);
        await WriteAsync(engine, Request("a"));

        Assert.Equal(3, runner.Threads);
        Assert.Throws<ArgumentOutOfRangeException>(() => engine.SetThreads(0));
    }

    [Fact]
    public async Task Several_replies_to_one_prompt_compute_it_once_and_draw_differently()
    {
        var runner = new FakeModelRunner { Next = NeverEnding };
        await using InferenceEngine engine = Engine(runner);
        string prompt = new('p', 50);

        var replies = new string[6]; // more than run at a time
        Array.Fill(replies, "");
        var summaries = new Dictionary<int, GenerationSummary>();
        await foreach (GenerationEvent next in engine.Submit(Request(prompt) with { Choices = 6, Sampling = new() { Seed = 7 } },
            CancellationToken.None).Generation!.Events.ReadAllAsync())
        {
            replies[next.Choice] += next.Text;
            if (next.Summary is { } summary)
                summaries.Add(next.Choice, summary);
        }

        Assert.All(replies, reply => Assert.Equal(runner.Continue(prompt, 40), reply)); // the fake draws nothing
        Assert.Equal([7, 8, 9, 10, 11, 12], runner.Seeds);
        Assert.Equal(50 + 5, runner.Batches.SelectMany(b => b).Count(t => t.Position < 50));
        Assert.Equal([0, 49, 49, 49, 49, 49], Enumerable.Range(0, 6).Select(c => summaries[c].CachedTokens));
        Assert.Equal((0, 0, 0), (runner.CachedTokens, runner.LiveSamplers, engine.Requests));
    }

    [Fact]
    public async Task A_failing_model_ends_all_replies_of_a_request_once()
    {
        var runner = new FakeModelRunner { Next = NeverEnding };
        int batches = 0;
        runner.BeforeDecode = () => _ = ++batches > 5 ? throw new InvalidOperationException("broken") : 0;
        await using InferenceEngine engine = Engine(runner);
        Generation reply = engine.Submit(Request("p", maxTokens: null) with { Choices = 9 }, CancellationToken.None).Generation!;

        Assert.Equal("broken", (await Assert.ThrowsAsync<InvalidOperationException>(() => ReadAsync(reply))).Message);
        await Assert.ThrowsAsync<InvalidOperationException>(() => engine.Completion);
        Assert.Equal((0, 0), (engine.Requests, runner.LiveSamplers));
    }

    [Fact]
    public async Task Probabilities_come_with_the_text_that_their_tokens_begin_and_end_with_it()
    {
        const string Script = "aé STOP more";
        List<int> script = FakeModelRunner.Tokens(Script);
        var runner = new FakeModelRunner { Next = tokens => script[(tokens.Count - 1) % script.Count] };
        await using InferenceEngine engine = Engine(runner);

        var told = new List<(string Text, string Tokens)>();
        await foreach (GenerationEvent next in engine.Submit(Request("x", 100, "STOP") with { TopLogprobs = 2 },
            CancellationToken.None).Generation!.Events.ReadAllAsync())
        {
            told.Add((next.Text, System.Text.Encoding.UTF8.GetString([.. next.Tokens!.Select(t => (byte)t.Chosen.Token)])));
            Assert.All(next.Tokens!, t => Assert.Equal((t.Chosen, 2), (t.Likeliest[0], t.Likeliest.Count)));
        }

        Assert.Equal([("a", "a"), ("é", "é"), (" ", " "), ("", "")], told);
    }

    [Fact]
    public async Task The_token_that_ends_a_reply_is_not_told_and_held_back_text_is()
    {
        var runner = new FakeModelRunner { Next = tokens => tokens.Count < 4 ? 'S' : FakeModelRunner.End };
        await using InferenceEngine engine = Engine(runner);

        var tokens = new List<int>();
        await foreach (GenerationEvent next in engine.Submit(Request("x", 100, "SSSSS") with { TopLogprobs = 0 },
            CancellationToken.None).Generation!.Events.ReadAllAsync())
            tokens.AddRange(next.Tokens!.Select(t => t.Chosen.Token));

        Assert.Equal(['S', 'S', 'S'], tokens);
    }

    [Fact]
    public async Task A_conversation_that_goes_on_computes_only_what_is_new()
    {
        var runner = new FakeModelRunner(maxSequences: 6);
        await using InferenceEngine engine = Engine(runner, kept: 1024, parallel: 2);
        string first = new('s', 100);
        string reply = await WriteAsync(engine, Request(first, 20));

        (string text, GenerationSummary? second) = await ReadAsync(engine.Submit(Request(first + reply + "and then?", 20), CancellationToken.None).Generation!);
        (_, GenerationSummary? other) = await ReadAsync(engine.Submit(Request(first + "another end", 20), CancellationToken.None).Generation!);
        (_, GenerationSummary? anew) = await ReadAsync(engine.Submit(Request(first, 20) with { ReusePrefix = false }, CancellationToken.None).Generation!);

        Assert.Equal(runner.Continue(first + reply + "and then?", 20), text);
        Assert.InRange(second!.CachedTokens, 100 + System.Text.Encoding.UTF8.GetByteCount(reply) - 1, second.PromptTokens - 9);
        Assert.Equal(100, other!.CachedTokens);
        Assert.Equal(0, anew!.CachedTokens);
    }

    [Fact]
    public async Task No_scope_learns_what_another_has_asked()
    {
        var runner = new FakeModelRunner(maxSequences: 6);
        await using InferenceEngine engine = Engine(runner, kept: 1024, parallel: 2);
        GenerationRequest question = Request(new string('s', 100), 20);

        int[] cached = [await CachedAsync("alice"), await CachedAsync("bob"), await CachedAsync(""), await CachedAsync("alice"), await CachedAsync("bob")];

        Assert.Equal([0, 0, 0, 99, 99], cached);

        async Task<int> CachedAsync(string scope) =>
            (await ReadAsync(engine.Submit(question with { CacheScope = scope }, CancellationToken.None).Generation!)).Summary!.CachedTokens;
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_reply_that_waits_for_another_clients_turn_goes_on_as_if_nothing_had_been(bool canShare)
    {
        using var gate = new SemaphoreSlim(0);
        var runner = new FakeModelRunner(cacheTokens: 2048, maxSequences: 6) { Next = NeverEnding, BeforeDecode = gate.Wait, CanSharePrefixes = canShare };
        await using InferenceEngine engine = Engine(runner, kept: 1024, parallel: 2);
        Generation[] longOnes = [.. Enumerable.Range(0, 5).Select(i => Submit("long " + i, 150, "a"))];
        gate.Release(20);
        await longOnes[1].Events.ReadAsync();
        Generation other = Submit("short", 10, "b");
        gate.Release(20); // enough for the short one, far from enough for a long one

        Assert.Equal(runner.Continue("short", 10), (await ReadAsync(other).WaitAsync(TimeSpan.FromMinutes(2))).Text);
        Assert.InRange(engine.Requests, 5, 6);
        gate.Release(5000);
        for (int i = 2; i < longOnes.Length; i++)
            Assert.Equal(runner.Continue("long " + i, 150), (await ReadAsync(longOnes[i])).Text);
        string preempted = "";
        await foreach (GenerationEvent next in longOnes[1].Events.ReadAllAsync())
            preempted += next.Text;
        Assert.EndsWith(preempted, runner.Continue("long 1", 150), StringComparison.Ordinal); // the first piece is read already

        Generation Submit(string prompt, int count, string client) =>
            engine.Submit(Request(prompt, count) with { Client = client }, CancellationToken.None).Generation!;
    }

    [Fact]
    public async Task A_queue_that_one_client_has_filled_takes_another()
    {
        using var gate = new SemaphoreSlim(0);
        var runner = new FakeModelRunner { BeforeDecode = gate.Wait };
        await using InferenceEngine engine = Engine(runner, maxQueue: 6);
        while (engine.Submit(Request("many") with { Client = "a" }, CancellationToken.None).Outcome == SubmissionOutcome.Accepted)
        {
        }

        Assert.Equal(10, engine.Requests);
        Assert.Equal(SubmissionOutcome.Accepted, engine.Submit(Request("one") with { Client = "b" }, CancellationToken.None).Outcome);
        gate.Release(100_000);
    }

    [Fact]
    public async Task A_reply_that_is_being_written_shares_its_beginning()
    {
        using var gate = new SemaphoreSlim(0);
        var runner = new FakeModelRunner { Next = NeverEnding, BeforeDecode = gate.Wait };
        await using InferenceEngine engine = Engine(runner);
        using var stop = new CancellationTokenSource();
        Generation writer = engine.Submit(Request("system: be short. A?", maxTokens: null), stop.Token).Generation!;
        gate.Release();
        await writer.Events.ReadAsync();

        gate.Release(1000);
        (string text, GenerationSummary? summary) = await ReadAsync(engine.Submit(Request("system: be short. Why?", 20), CancellationToken.None).Generation!);
        await stop.CancelAsync();

        Assert.Equal(runner.Continue("system: be short. Why?", 20), text);
        Assert.Equal("system: be short. ".Length, summary!.CachedTokens);
    }

    [Fact]
    public async Task Prompts_that_come_together_and_begin_alike_compute_their_beginning_once()
    {
        using var gate = new SemaphoreSlim(0);
        var runner = new FakeModelRunner { BeforeDecode = gate.Wait };
        await using InferenceEngine engine = Engine(runner, context: 512);
        string system = new('s', 200);
        Generation first = engine.Submit(Request("a short one before them all", 5), CancellationToken.None).Generation!;
        Generation[] alike = [.. Enumerable.Range(0, 3).Select(i => engine.Submit(Request(system + (char)('a' + i), 20), CancellationToken.None).Generation!)];
        Generation other = engine.Submit(Request("a short one behind them", 20), CancellationToken.None).Generation!;
        gate.Release(1000);

        (string Text, GenerationSummary? Summary)[] replies = await Task.WhenAll(alike.Select(ReadAsync));

        Assert.Equal(Enumerable.Range(0, 3).Select(i => runner.Continue(system + (char)('a' + i), 20)), replies.Select(r => r.Text));
        Assert.Equal([0, 200, 200], replies.Select(r => r.Summary!.CachedTokens));
        Assert.Equal(runner.Continue("a short one behind them", 20), (await ReadAsync(other)).Text);
        await ReadAsync(first);
    }

    /// <summary>Beginnings in common, a cache that is always full, replies given up: each text is still what the plainest loop writes.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Whatever_is_kept_and_evicted_replies_are_the_same(bool canShare)
    {
        var runner = new FakeModelRunner(cacheTokens: 300, maxSequences: 7) { CanSharePrefixes = canShare };
        await using InferenceEngine engine = Engine(runner, context: 200, maxQueue: 1000, kept: 200, parallel: 3);
        var random = new Random(5);
        string[] beginnings = [.. Enumerable.Range(0, 4).Select(i => new string((char)('A' + i), random.Next(20, 90)))];

        (string Prompt, int Count, CancellationTokenSource Cancel, Generation Reply)[] requests = [.. Enumerable.Range(0, 200 * TestSupport.Scale.Factor)
            .Select(_ =>
        {
            string prompt = beginnings[random.Next(4)] + new string((char)('a' + random.Next(3)), random.Next(1, 30));
            int count = random.Next(1, 60);
            var cancel = new CancellationTokenSource();
            return (prompt, count, cancel, engine.Submit(Request(prompt, count) with { Choices = random.Next(1, 3) }, cancel.Token).Generation!);
        })];
        int cached = 0;
        foreach ((string prompt, int count, CancellationTokenSource cancel, Generation reply) in requests)
        {
            if (random.Next(5) == 0)
                await cancel.CancelAsync();
            var texts = new Dictionary<int, string>();
            await foreach (GenerationEvent next in reply.Events.ReadAllAsync())
            {
                texts[next.Choice] = texts.GetValueOrDefault(next.Choice) + next.Text;
                if (next.Summary is { } summary)
                    Assert.Equal(runner.Continue(prompt, count), texts[next.Choice]);
                cached += next.Summary?.CachedTokens ?? 0;
            }

            cancel.Dispose();
        }

        Assert.Equal((0, 0), (engine.Requests, runner.LiveSamplers));
        Assert.InRange(runner.CachedTokens, 0, 200);
        Assert.Equal(canShare, cached > 0);
    }

    private static int NeverEnding(IReadOnlyList<int> tokens) => 'a' + (tokens.Sum() % 26);
}
