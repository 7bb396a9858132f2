using FineTuneChat.Inference.Tests.Running;

namespace FineTuneChat.Inference.Tests;

public sealed class InferenceEngineTests
{
    private static InferenceEngine Engine(FakeModelRunner runner, int context = 256, int maxQueue = 64, int chunk = 8) =>
        new(runner, new() { ContextLength = context, MaxQueue = maxQueue, PrefillChunk = chunk }, TimeProvider.System);

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

    private static int NeverEnding(IReadOnlyList<int> tokens) => 'a' + (tokens.Sum() % 26);
}
