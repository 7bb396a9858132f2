using FineTuneChat.Inference.Caching;
using FineTuneChat.Inference.Scheduling;
using FineTuneChat.Inference.Tests.Caching;
using FsCheck;
using FsCheck.Fluent;

namespace FineTuneChat.Inference.Tests.Scheduling;

public sealed class SchedulerTests
{
    private static Scheduler Scheduler(int cacheTokens, int batchSize, int parallel, int prefillChunk) =>
        new(new PrefixCache(new NoCache(), cacheTokens, parallel, kept: 0, together: 0, canShare: false), batchSize, parallel, prefillChunk,
            TimeProvider.System);

    private static Sequence Sequence(int prompt, int context = 1000, string client = "") =>
        new(new Generation(new() { Prompt = [.. Enumerable.Range(1, prompt)], Client = client }, [null!], CancellationToken.None), context);

    private static string RunningClients(Scheduler scheduler) => string.Concat(scheduler.Running.Select(s => s.Generation.Request.Client).Order());

    private static StepPlan Step(Scheduler scheduler, StepPlan? plan = null)
    {
        plan ??= new StepPlan();
        scheduler.Plan(plan);
        foreach (Work work in plan.Work)
        {
            bool completes = work.Completes;
            work.Sequence.Computed += work.Tokens;
            if (completes)
                work.Sequence.Append(7);
        }

        return plan;
    }

    [Fact]
    public void A_prompt_alone_fills_the_batch()
    {
        var scheduler = Scheduler(1000, 64, 4, 16);
        scheduler.Add(Sequence(150));

        Assert.Equal([64, 64, 22, 1, 1], Enumerable.Range(0, 5).Select(_ => Step(scheduler).Work[0].Tokens));
    }

    [Fact]
    public void Writing_goes_on_at_every_step_while_a_long_prompt_is_read_in_chunks()
    {
        var scheduler = Scheduler(1000, 64, 4, 16);
        Sequence writer = Sequence(5);
        scheduler.Add(writer);
        Step(scheduler);
        scheduler.Add(Sequence(100));

        for (int step = 0; step < 6; step++)
        {
            StepPlan plan = Step(scheduler);
            Assert.Equal(2, plan.Work.Length);
            Assert.Same(writer, plan.Work[0].Sequence);
            Assert.Equal((1, 16), (plan.Work[0].Tokens, plan.Work[1].Tokens));
        }
    }

    [Fact]
    public void A_short_prompt_does_not_wait_for_a_long_one()
    {
        var scheduler = Scheduler(1000, 64, 4, 64);
        Sequence longOne = Sequence(500), shortOne = Sequence(10);
        scheduler.Add(longOne);
        scheduler.Add(shortOne);

        StepPlan plan = Step(scheduler);

        Assert.Equal(0, shortOne.Computed - 10);
        Assert.Equal(54, longOne.Computed); // the rest of the batch
        Assert.Equal(64, plan.Work[0].Tokens + plan.Work[1].Tokens);
    }

    [Fact]
    public void Requests_enter_in_the_order_they_came()
    {
        var scheduler = Scheduler(1000, 64, 2, 64);
        Sequence[] sequences = [Sequence(5), Sequence(6), Sequence(7)];
        foreach (Sequence sequence in sequences)
            scheduler.Add(sequence);

        Step(scheduler);
        Assert.Equal(sequences[..2], scheduler.Running);
        scheduler.Remove(sequences[0]);
        Step(scheduler);
        Assert.Equal(sequences[1..], scheduler.Running);
        Assert.Equal(2, scheduler.Running.Select(s => s.Place!.Id).Distinct().Count());
    }

    [Fact]
    public void A_request_waits_until_the_cache_has_room_for_its_prompt()
    {
        var scheduler = Scheduler(256, 64, 4, 64);
        Sequence first = Sequence(100), second = Sequence(100);
        scheduler.Add(first);
        scheduler.Add(second);

        Step(scheduler);
        Assert.Equal([first], scheduler.Running);
        scheduler.Remove(first);
        Step(scheduler);
        Assert.Equal([second], scheduler.Running);
    }

    [Fact]
    public void When_replies_outgrow_the_cache_the_youngest_waits_again()
    {
        var scheduler = Scheduler(256, 64, 4, 64);
        Sequence old = Sequence(80), young = Sequence(80);
        scheduler.Add(old);
        scheduler.Add(young);
        while (scheduler.Running.Count == 0 || scheduler.Waiting.Count == 0)
            Step(scheduler);

        Assert.Equal([old], scheduler.Running);
        Assert.Equal((0, null), (young.Computed, young.Place));
        Assert.InRange(young.Count, 81, 256);
        Assert.Same(young, scheduler.Waiting.First!.Value);
    }

    [Fact]
    public void A_client_with_no_place_gets_one_of_a_client_that_has_several()
    {
        var scheduler = Scheduler(1000, 64, 4, 64);
        Sequence[] many = [.. Enumerable.Range(0, 30).Select(_ => Sequence(5, client: "a"))];
        foreach (Sequence sequence in many)
            scheduler.Add(sequence);
        Step(scheduler);
        Assert.Equal("aaaa", RunningClients(scheduler));

        scheduler.Add(Sequence(5, client: "b"));
        Step(scheduler);
        Assert.Equal("aaab", RunningClients(scheduler));
        Assert.Equal(many[..3], scheduler.Running.Take(3)); // the youngest waits
        Assert.Same(many[3], scheduler.Waiting.First!.Value); // and is the next of its client

        scheduler.Add(Sequence(5, client: "c"));
        Step(scheduler);
        Assert.Equal("aabc", RunningClients(scheduler));
        scheduler.Add(Sequence(5, client: "d"));
        scheduler.Add(Sequence(5, client: "e"));
        Step(scheduler);
        Assert.Equal("abcd", RunningClients(scheduler)); // nobody has several: the fifth waits for a free place
    }

    [Fact]
    public void Free_places_go_round_the_clients()
    {
        var scheduler = Scheduler(1000, 64, 1, 64);
        foreach (string client in (string[])["a", "a", "a", "b", "b", "c"])
            scheduler.Add(Sequence(5, client: client));

        string order = "";
        for (int i = 0; i < 6; i++)
        {
            Step(scheduler);
            order += RunningClients(scheduler);
            scheduler.Remove(scheduler.Running[0]);
        }

        Assert.Equal("abcaba", order);
    }

    [Fact]
    public void A_free_place_goes_to_the_client_that_has_fewest()
    {
        var scheduler = Scheduler(1000, 64, 4, 64);
        foreach (string client in (string[])["a", "a", "a", "b", "a", "b"])
            scheduler.Add(Sequence(5, client: client));
        Step(scheduler);
        Assert.Equal("aabb", RunningClients(scheduler));

        scheduler.Remove(scheduler.Running.First(s => s.Generation.Request.Client == "b"));
        Step(scheduler);

        Assert.Equal("aaab", RunningClients(scheduler)); // no more of b waits
    }

    [Fact]
    public void When_replies_outgrow_the_cache_the_client_that_has_most_waits()
    {
        var scheduler = Scheduler(300, 64, 3, 64);
        scheduler.Add(Sequence(60, client: "a"));
        scheduler.Add(Sequence(60, client: "a"));
        scheduler.Add(Sequence(60, client: "b"));
        Step(scheduler);
        while (scheduler.Waiting.Count == 0)
            Step(scheduler);

        Assert.Equal("ab", RunningClients(scheduler));
    }

    /// <summary>Whatever comes and goes: batches fit, the cache is never overrun, and everything is computed in the end.</summary>
    [Fact]
    public void Any_mix_of_requests_is_served_within_the_limits() =>
        Prop.ForAll(Gen.Choose(1, 200).Zip(Gen.Choose(1, 60)).ListOf(12).ToArbitrary(), requests =>
        {
            var scheduler = Scheduler(300, 32, 3, 8);
            var replies = new Dictionary<Sequence, int>();
            foreach ((int prompt, int reply) in requests)
            {
                Sequence sequence = Sequence(prompt, context: 300, client: $"{prompt % 3}");
                replies[sequence] = reply;
                scheduler.Add(sequence);
            }

            var plan = new StepPlan();
            for (int step = 0; replies.Count > 0; step++)
            {
                Step(scheduler, plan);
                int tokens = 0;
                foreach (Work work in plan.Work)
                    tokens += work.Tokens;
                Assert.InRange(tokens, 1, 32);
                Assert.InRange(scheduler.Running.Sum(s => s.Computed), 1, 300);
                Assert.True(step < 20_000, "no progress");
                foreach (Sequence done in scheduler.Running.Where(s => s.Generated >= replies[s] || s.IsFull).ToArray())
                {
                    scheduler.Remove(done);
                    replies.Remove(done);
                }
            }

            return scheduler.Waiting.Count == 0;
        }).QuickCheckThrowOnFailure();
}
