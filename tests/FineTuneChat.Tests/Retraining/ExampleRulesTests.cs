using FineTuneChat.Retraining.Examples;
using FineTuneChat.Tests.Support;

namespace FineTuneChat.Tests.Retraining;

public sealed class ExampleRulesTests
{
    [Fact]
    public void Of_the_same_context_the_latest_correction_wins_over_thumbs_up_and_earlier_corrections()
    {
        Example[] accepted =
        [
            Make("1", "Q", "wrong", "rating", at: 9),
            Make("2", "Q", "old correction", "correction", at: 2),
            Make("3", "Q", "new correction", "correction", at: 3),
            Make("4", "Other", "kept", "rating", at: 1),
        ];
        Assert.Equal(["3", "4"], ExampleRules.Select(accepted).Select(e => e.Id));
    }

    [Fact]
    public void The_same_reply_is_learned_once_and_different_good_replies_all() =>
        Assert.Equal(["2", "3"], ExampleRules.Select([Make("1", "Q", "a", "rating", 1), Make("2", "Q", "a ", "rating", 2), Make("3", "Q", "b", "rating", 3)]).Select(e => e.Id));

    [Fact]
    public void Few_examples_are_all_trained_on() =>
        Assert.All(SplitRules.Assign(Many(29), 0.1, 30).Values, side => Assert.Equal("train", side));

    [Fact]
    public void Of_many_about_the_share_is_held_out_by_conversation_and_the_same_each_time()
    {
        Example[] examples = Many(2000);
        IReadOnlyDictionary<string, string> sides = SplitRules.Assign(examples, 0.1, 30);
        Assert.InRange(sides.Values.Count(s => s == "held_out"), 140, 260);
        Assert.Equal(sides.OrderBy(s => s.Key), SplitRules.Assign([.. examples.Reverse()], 0.1, 30).OrderBy(s => s.Key));
        foreach (IGrouping<string?, Example> conversation in examples.GroupBy(e => e.ConversationId))
            Assert.Single(conversation.Select(e => sides[e.Id]).Distinct());
    }

    [Fact]
    public void A_side_once_given_stays_and_holds_for_the_whole_conversation()
    {
        Example[] first = Many(100);
        IReadOnlyDictionary<string, string> before = SplitRules.Assign(first, 0.1, 1000); // all trained on
        Example[] later = [.. first.Select(e => e with { Split = before[e.Id] }), .. Many(100).Select(e => e with { Id = "new" + e.Id })];
        Assert.All(SplitRules.Assign(later, 0.5, 30).Values, side => Assert.Equal("train", side)); // the same conversations
    }

    private static Example[] Many(int count) => [.. Enumerable.Range(0, count).Select(i => Make($"e{i:0000}", $"Q{i}", "A", "rating", i) with { ConversationId = $"c{i / 2}" })];

    private static Example Make(string id, string question, string answer, string source, long at) => new()
    {
        Id = id, CompletionId = null, ConversationId = null, Status = "accepted", Source = source, Split = null, Flags = [], CreatedAt = at, UpdatedAt = at,
        Messages = [Exchanges.Message("user", question), Exchanges.Message("assistant", answer)],
    };
}
