using FineTuneChat.Inference.Caching;

namespace FineTuneChat.Inference.Tests.Caching;

public sealed class PrefixCacheTests
{
    private readonly NoCache _model = new();

    private PrefixCache Cache(int cells = 100, int sequences = 5, int kept = 100, int? together = null) =>
        new(_model, cells, sequences, kept, together ?? kept);

    private static CachedSequence? Enter(PrefixCache cache, string text, bool reuse = true, string scope = "") =>
        cache.TryEnter([.. text.Select(c => (int)c)], text.Length, scope, reuse, headroom: 0);

    private static CachedSequence Compute(PrefixCache cache, string text, string scope = "")
    {
        CachedSequence sequence = Enter(cache, text, scope: scope)!;
        sequence.Computed = text.Length;
        return sequence;
    }

    private static void Keep(PrefixCache cache, string text, string scope = "") => cache.Leave(Compute(cache, text, scope));

    [Fact]
    public void A_scope_shares_its_own_beginnings_and_no_others()
    {
        PrefixCache cache = Cache();
        Keep(cache, "secret", "alice");
        CachedSequence live = Compute(cache, "secretly", "alice");

        Assert.Equal(0, Enter(cache, "secret question", scope: "bob")!.Computed);
        Assert.Equal(0, Enter(cache, "secret question")!.Computed);
        Assert.Equal(6, Enter(cache, "secret question", scope: "alice")!.Computed);
        Assert.Equal(8, live.Computed);
    }

    [Fact]
    public void What_one_scope_keeps_is_not_forgotten_for_the_like_of_another()
    {
        PrefixCache cache = Cache();
        Keep(cache, "secret", "alice");
        Keep(cache, "secret", "bob");
        Keep(cache, "secret question", "bob"); // holds all that his shorter one did

        Assert.Equal(6, Enter(cache, "secret!", scope: "alice")!.Computed);
        Assert.Equal(15, Enter(cache, "secret question!", scope: "bob")!.Computed);
    }

    [Fact]
    public void The_longest_beginning_in_common_is_shared_and_never_the_last_token()
    {
        PrefixCache cache = Cache();
        Keep(cache, "abcd");
        CachedSequence live = Compute(cache, "abcdefgh");

        Assert.Equal(4, live.Computed - 4);
        Assert.Equal(6, Enter(cache, "abcdefxy")!.Computed);
        Assert.Equal(7, Enter(cache, "abcdefgh")!.Computed);
        Assert.Equal(0, Enter(cache, "xyz")!.Computed);
        Assert.Equal(0, Enter(cache, "abcdefgh", reuse: false)!.Computed);
        Assert.Equal(["share 4 of 0 with 1", "share 6 of 1 with 2", "share 7 of 1 with 3"],
            _model.Calls.Where(c => c.StartsWith("share", StringComparison.Ordinal)));
    }

    [Fact]
    public void Shared_cells_count_once_whoever_stays()
    {
        PrefixCache cache = Cache();
        CachedSequence first = Compute(cache, "0123456789");
        CachedSequence second = Enter(cache, "01234xyz")!;
        Assert.Equal(10 + 3, cache.Used);
        CachedSequence third = Enter(cache, "0123456789!!")!;
        Assert.Equal(10 + 3 + 2, cache.Used);

        first.Cells.End += 7; // it writes on: nobody shares that
        Assert.Equal(10 + 7 + 3 + 2, cache.Used);
        cache.Drop(first);
        Assert.Equal(10 + 3 + 2, cache.Used);
        cache.Drop(third);
        Assert.Equal(5 + 3, cache.Used);
        cache.Drop(second);
        Assert.Equal(0, cache.Used);
    }

    [Fact]
    public void What_was_used_last_is_forgotten_last()
    {
        PrefixCache cache = Cache(cells: 30);
        Keep(cache, "aaaaaaaa");
        Keep(cache, "bbbbbbbb");
        Keep(cache, "cccccccc");
        CachedSequence used = Enter(cache, "aaaaaaaa!")!;

        Assert.Equal(25, cache.Used);
        Enter(cache, "dddddddddd");

        Assert.Equal(8, used.Computed);
        Assert.Equal("forget 1", _model.Calls[^1]); // b
        Assert.Equal(27, cache.Used);
    }

    [Fact]
    public void What_is_shared_stays_when_its_source_must_go()
    {
        PrefixCache cache = Cache(cells: 20);
        Keep(cache, "aaaaaaaaaaaaaaaa");

        CachedSequence entered = Enter(cache, "aaaaaaaabbbbbbbbbb")!;

        Assert.Equal(8, entered.Computed);
        Assert.Equal(["share 8 of 0 with 1", "forget 0"], _model.Calls);
        Assert.Equal(18, cache.Used);
    }

    [Fact]
    public void Nobody_enters_whom_the_live_ones_leave_no_room_and_what_was_kept_stays()
    {
        PrefixCache cache = Cache(cells: 30);
        Keep(cache, "aaaa");
        Compute(cache, "bbbbbbbbbbbbbbbbbbbb");

        Assert.Null(Enter(cache, "cccccccccccc"));
        Assert.Null(Enter(cache, "cccccccccccc"));
        Assert.Equal(24, cache.Used);
        Assert.Equal(20, Enter(cache, "bbbbbbbbbbbbbbbbbbbbb12345")!.Computed); // it shares what the other holds
    }

    [Fact]
    public void No_more_is_kept_than_allowed_and_nothing_twice()
    {
        PrefixCache cache = Cache(kept: 10);
        Keep(cache, "aaaaaa");
        Keep(cache, "bbbb");
        Assert.Equal(10, cache.Used);
        Keep(cache, "bbbbcc"); // holds all that the shorter one did

        Assert.Equal(6, cache.Used);
        Assert.Equal(0, Enter(cache, "aaaaaaa")!.Computed);
        Assert.Equal(5, Enter(cache, "bbbbcd")!.Computed);
    }

    [Fact]
    public void A_long_conversation_goes_on_without_its_elders()
    {
        PrefixCache cache = Cache(kept: 20, together: 8);
        Keep(cache, "aaaaaa");
        Keep(cache, "bbbbbbbbbbbb");
        Assert.Equal(12, cache.Used);
        Keep(cache, "cccc");
        Keep(cache, "dddd");

        Assert.Equal(8, cache.Used);
        Assert.Equal(3, Enter(cache, "cccx")!.Computed);
    }

    [Fact]
    public void One_that_ends_before_it_adds_anything_leaves_nothing_but_the_use_of_what_it_shared()
    {
        PrefixCache cache = Cache();
        Keep(cache, "aaaaaa");
        Keep(cache, "bbbbbb");
        cache.Leave(Enter(cache, "aaaaxx")!); // given up at once

        Assert.Equal(12, cache.Used);
        Assert.Equal("forget 2", _model.Calls[^1]);
        cache.ForgetOldest();
        Assert.Equal("forget 1", _model.Calls[^1]); // b: a was used later
    }

    [Fact]
    public void A_sequence_id_is_always_left_for_one_that_runs()
    {
        PrefixCache cache = Cache(sequences: 3);
        for (char letter = 'a'; letter < 'k'; letter++)
            Keep(cache, new string(letter, 3));

        Assert.Equal(2, Enter(cache, "jjj")!.Computed);
        Assert.InRange(cache.Used, 3, 10);
    }
}
