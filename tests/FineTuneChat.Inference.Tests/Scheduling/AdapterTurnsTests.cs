using FineTuneChat.Inference.Running;
using FineTuneChat.Inference.Scheduling;
using Microsoft.Extensions.Time.Testing;

namespace FineTuneChat.Inference.Tests.Scheduling;

public sealed class AdapterTurnsTests
{
    private static readonly TimeSpan StepTime = AdapterTurns.Length / 5;
    private readonly FakeTimeProvider _clock = new();
    private readonly AdapterTurns _turns;
    private readonly Adapter _a = new(default), _b = new(default), _c = new(default);

    public AdapterTurnsTests() => _turns = new AdapterTurns(_clock);

    private static Sequence Sequence(Adapter? adapter) =>
        new(new Generation(new() { Prompt = [1], Adapter = adapter }, [null!], CancellationToken.None), contextLength: 100);

    private string Steps(int count, params Sequence[] running)
    {
        string steps = "";
        for (int i = 0; i < count; i++)
        {
            Adapter? next = _turns.Next([.. running]);
            steps += next == _a ? 'a' : next == _b ? 'b' : next == _c ? 'c' : '-';
            _clock.Advance(StepTime);
        }

        return steps;
    }

    [Fact]
    public void One_adapter_alone_has_every_step() => Assert.Equal("aaaaaaaaaaaa", Steps(12, Sequence(_a), Sequence(_a)));

    [Fact]
    public void Several_take_turns_of_equal_length_however_many_sequences_each_has() =>
        Assert.Equal("aaaaabbbbbcccccaaaaabbbbb", Steps(25, Sequence(_a), Sequence(_a), Sequence(_a), Sequence(_b), Sequence(_c)));

    [Fact]
    public void The_model_alone_takes_its_turns_as_an_adapter_does() => Assert.Equal("aaaaa-----aaaaa", Steps(15, Sequence(_a), Sequence(null)));

    [Fact]
    public void A_turn_ends_at_once_when_nobody_is_left_who_needs_it()
    {
        Sequence a = Sequence(_a), b = Sequence(_b);

        Assert.Equal("aa", Steps(2, a, b));
        Assert.Equal("bbb", Steps(3, b));
    }

    [Fact]
    public void Who_comes_to_one_that_has_been_alone_for_long_need_not_wait()
    {
        Sequence a = Sequence(_a);
        Steps(50, a);

        Assert.Equal("bbbbbaaaaa", Steps(10, a, Sequence(_b)));
    }

    [Fact]
    public void Whoever_has_waited_longest_is_next_and_newcomers_wait_their_turn()
    {
        Sequence a = Sequence(_a), b = Sequence(_b);
        Steps(5, a, b); // a's turn is over

        Assert.Equal("bbbbbaaaaaccccc", Steps(15, a, Sequence(_c), b));
    }

    [Fact]
    public void A_sequence_that_was_preempted_has_not_lost_what_it_waited()
    {
        Sequence a = Sequence(_a), b = Sequence(_b), c = Sequence(_c);
        Assert.Equal("aaaaabbbbb", Steps(10, a, b, c));
        Assert.Equal("aaaaab", Steps(6, a, b)); // c waits for a place

        Assert.Equal("bbbbc", Steps(5, a, b, c));
    }
}
