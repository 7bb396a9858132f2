using FineTuneChat.Gateway.Learning.Examples;
using FineTuneChat.Gateway.Log;
using FineTuneChat.Protocol.OpenAi;
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
        Assert.Equal(["3", "4"], Ids(accepted));
    }

    [Fact]
    public void A_rated_call_of_a_function_is_kept_aside_whole_as_an_imported_one_is()
    {
        ToolCall call = new() { Id = "1", Type = "function", Function = new() { Name = "clock", Arguments = "{}" } };
        var logged = new LoggedExchange
        {
            CompletionId = "chatcmpl-1",
            ConversationId = "c",
            Assistant = "assistant",
            Prompt = [Exchanges.Message("user", "Time?")],
            Reply = new RequestMessage { Role = "assistant", ToolCalls = [call] },
            Request = new ChatCompletionRequest { Model = "assistant" },
            FinishReason = FinishReasons.ToolCalls,
        };

        ExampleDraft rated = ExampleRules.FromRating(logged, "up", correction: null)!;
        Assert.Equal(("excluded", "tools"), (rated.Status, Assert.Single(rated.Flags)));
        Assert.Equal((null, call), (rated.Messages[^1].Content, Assert.Single(rated.Messages[^1].ToolCalls!)));
        Assert.Null(ExampleRules.Problem(rated.Messages)); // it can be accepted
        Assert.Null(ExampleRules.FromRating(logged, "down", correction: "Ask the clock.")!.Messages[^1].ToolCalls);
    }

    [Fact]
    public void The_same_reply_is_learned_once_and_different_good_replies_all() =>
        Assert.Equal(["2", "3"], Ids(Make("1", "Q", "a", "rating", 1), Make("2", "Q", "a ", "rating", 2), Make("3", "Q", "b", "rating", 3)));

    [Fact]
    public void Near_duplicates_are_merged_into_the_latest_which_stands_for_the_others_and_takes_their_side()
    {
        MergedExample merged = Assert.Single(ExampleRules.Merge(
        [
            Make("1", "When do you open?", "At 9 o'clock.", "import", 1) with { Split = "held_out" },
            Make("2", "when do  you open", "At 9 o'clock!", "rating", 2),
        ]));
        Assert.Equal(("2", "1", "held_out"), (merged.Example.Id, merged.Others.Single().Id, merged.Example.Split));
    }

    [Theory]
    [InlineData("We open at 9.", "We open at 10.")]
    [InlineData("3.5", "35")]
    [InlineData("x > 3", "x < 3")]
    [InlineData("Sí", "Si")]
    [InlineData("a b", "ab")]
    [InlineData(":-)", ":-(")]
    public void What_differs_in_a_word_or_a_number_is_not_the_same(string one, string other) =>
        Assert.Equal(2, ExampleRules.Merge([Make("1", "Q", one, "rating", 1), Make("2", "Q", other, "rating", 2)]).Count);

    [Fact]
    public void An_edit_that_removes_what_was_wrong_is_accepted_and_one_that_brings_a_secret_in_is_not()
    {
        Example cutOff = Make("1", "Q", "Once upon", "rating", 1) with { Status = "excluded", Flags = ["cut_off"] };
        Example mended = ExampleRules.Change(cutOff, null, [Exchanges.Message("user", "Q"), Exchanges.Message("assistant", "The end.")]);
        Assert.Equal(("accepted", "edit", 0), (mended.Status, mended.Source, mended.Flags.Count));

        Example leaky = ExampleRules.Change(mended, null, [Exchanges.Message("user", "Q"), Exchanges.Message("assistant", "Write to ana@example.org")]);
        Assert.Equal(("excluded", "email"), (leaky.Status, leaky.Flags.Single()));
        Assert.Equal("accepted", ExampleRules.Change(leaky, "accepted", null).Status); // the user knows better
        Assert.Equal("excluded", ExampleRules.Change(leaky with { Flags = [] }, null, mended.Messages).Status); // set aside by hand: stays
    }

    private static IEnumerable<string> Ids(params Example[] accepted) => ExampleRules.Merge(accepted).Select(m => m.Example.Id);

    private static Example Make(string id, string question, string answer, string source, long at) => new()
    {
        Id = id,
        CompletionId = null,
        ConversationId = null,
        Status = "accepted",
        Source = source,
        Split = null,
        Flags = [],
        CreatedAt = at,
        UpdatedAt = at,
        Messages = [Exchanges.Message("user", question), Exchanges.Message("assistant", answer)],
    };
}
