using FineTuneChat.Engine.Completions;
using FineTuneChat.Gateway.Talks;
using FineTuneChat.Protocol.OpenAi;
using FineTuneChat.Tests.Support;

namespace FineTuneChat.Tests.Talks;

public sealed class FoldRulesTests
{
    private const int Context = 1000, Room = 666;

    [Fact]
    public void A_talk_that_fits_is_left_alone() => Assert.Empty(FoldRules.Of(100, Turns(5, question: 20, reply: 80), Context));

    [Fact]
    public void A_talk_that_does_not_fit_folds_in_big_steps()
    {
        IReadOnlyList<int> folds = FoldRules.Of(50, Turns(40, question: 20, reply: 30), Context);
        Assert.Equal([7, 14, 21, 28], folds); // each until half of the room is free
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Going_on_folds_at_the_same_places_and_always_leaves_room(int seed)
    {
        var random = new Random(seed);
        const int head = 40;
        TurnSize[] all = [.. Enumerable.Range(0, 300).Select(_ => new TurnSize(random.Next(1, 60), random.Next(1, 120)))];
        IReadOnlyList<int> before = [];
        int steps = 0;
        for (int asked = 0; asked < all.Length; asked++)
        {
            TurnSize[] turns = [.. all[..asked], all[asked] with { Rest = 0 }]; // as it is when it is asked
            IReadOnlyList<int> folds = FoldRules.Of(head, turns, Context);
            Assert.Equal(before, folds.Take(before.Count));
            Assert.Equal(folds, FoldRules.Of(head, all[..(asked + 1)], Context)); // and when it is answered
            int first = folds.Count == 0 ? 0 : folds[^1];
            Assert.InRange(first, 0, asked);
            Assert.True(head + turns[first..].Sum(t => t.All) <= Room);
            steps += folds.Count > before.Count ? 1 : 0;
            before = folds;
        }
        Assert.InRange(steps, 40, 80); // of 300 questions, most find the front of the prompt where it was
    }

    [Fact]
    public void What_tools_say_makes_room_too_and_the_last_turn_stays()
    {
        TurnSize[] turns = [new(20, 300), new(20, 200), new(20, 600)];
        Assert.Equal([2], FoldRules.Of(10, turns, Context)); // by the results that came after the question
        Assert.Equal([2], FoldRules.Of(10, [.. turns[..2], new(900, 0)], Context));
    }

    [Fact]
    public void Turns_are_left_out_whole_and_the_system_prompt_stays()
    {
        RequestMessage call = new() { Role = "assistant", ToolCalls = [new() { Id = "c1", Function = new() { Name = "f", Arguments = "{}" } }] };
        RequestMessage result = new() { Role = "tool", ToolCallId = "c1", Content = "9" };
        RequestMessage[] talk =
            [Say("system", "Be brief."), Say("user", "1"), call, result, Say("assistant", "Nine."), Say("user", "2"), Say("assistant", "Yes.")];
        Assert.Equal([4, 2], FoldedTalk.TurnsOf(talk).Select(turn => turn.Length));

        Assert.Equal(["Be brief.", "2", "Yes."], FoldedTalk.Of(talk, 4, summary: null).Select(m => m.Content));
        Assert.Equal(["Be brief.\n\nSummary of the conversation so far:\nNine.", "2", "Yes."], FoldedTalk.Of(talk, 4, "Nine.").Select(m => m.Content));
        Assert.Equal(["system", "user", "assistant"], FoldedTalk.Of(talk[1..], 4, "Nine.").Select(m => m.Role));
    }

    [Theory]
    [InlineData(null, null, "auto", 1_000_000, null)] // today's refusal, unless somebody asks for more
    [InlineData("disabled", "drop", "auto", 1_000_000, null)]
    [InlineData("auto", null, "auto", 1_000_000, "drop")] // too small to summarise
    [InlineData("auto", null, "auto", 1_000_000_000, "summary")]
    [InlineData("auto", null, "drop", 1_000_000_000, "drop")]
    [InlineData("auto", "summary", "drop", 1_000_000, "summary")]
    [InlineData("auto", "disabled", "auto", 1_000_000, "drop")]
    [InlineData(null, "auto", "auto", 1_000_000, "drop")] // the assistant's default
    [InlineData("summary", "drop", "drop", 1_000_000, "summary")]
    public void The_request_says_whether_and_the_assistant_how(string? asked, string? assistant, string setting, long parameters, string? way) =>
        Assert.Equal(way, FoldingRules.WayOf(asked, assistant, setting, parameters));

    private static TurnSize[] Turns(int count, int question, int reply) => [.. Enumerable.Repeat(new TurnSize(question, reply), count)];

    private static RequestMessage Say(string role, string text) => Exchanges.Message(role, text);
}
