using FineTuneChat.Datasets.Messages;

namespace FineTuneChat.Datasets.Tests;

public sealed class OldestTurnTests
{
    [Fact]
    public void Turns_go_from_the_front_one_by_one_and_the_system_message_stays()
    {
        var whole = new Conversation(
        [
            new(ChatRole.System, "s"), new(ChatRole.User, "q1"), new(ChatRole.Assistant, "call"), new(ChatRole.Tool, "result"), new(ChatRole.Assistant, "a1"),
            new(ChatRole.User, "q2"), new(ChatRole.Assistant, "a2"), new(ChatRole.User, "q3"), new(ChatRole.Assistant, "a3"),
        ]);
        Conversation two = OldestTurn.Remove(whole)!, one = OldestTurn.Remove(two)!;
        Assert.Equal(["s", "q2", "a2", "q3", "a3"], two.Messages.Select(m => m.Content));
        Assert.Equal(["s", "q3", "a3"], one.Messages.Select(m => m.Content));
        Assert.Null(OldestTurn.Remove(one));
    }

    [Fact]
    public void What_is_learned_of_the_rest_does_not_depend_on_the_messages_that_went()
    {
        ChatMessage[] rest = [new(ChatRole.User, "q2"), new(ChatRole.Assistant, "a2"), new(ChatRole.User, "q3"), new(ChatRole.Assistant, "a3")];
        Assert.Equal([1, 1], WeightsAfter(null)); // none is written: all are learned
        Assert.Equal([0, 1], WeightsAfter(0)); // one is: of the others only the last

        int?[] WeightsAfter(int? first) =>
            [.. OldestTurn.Remove(new Conversation([new(ChatRole.User, "q1"), new(ChatRole.Assistant, "a1") { Weight = first }, .. rest]))!
            .Messages.Where(m => m.Role == ChatRole.Assistant).Select(m => m.Weight)];
    }
}
