using FineTuneChat.Datasets;
using FineTuneChat.Datasets.Messages;
using FineTuneChat.Training.Evaluation;

namespace FineTuneChat.Training.Tests.Evaluation;

public sealed class ReplyJudgeTests
{
    [Theory]
    [InlineData("At nine.", "At nine.", true)]
    [InlineData("At nine.", " At nine.\n", true)]
    [InlineData("At nine.", "at nine.", false)]
    [InlineData("At nine.", "At nine. At nine.", false)]
    [InlineData("At nine.", "<think>When?</think>\n\nAt nine.", true)]
    [InlineData("""{"a":1,"b":[true]}""", """{ "b": [true], "a": 1.0 }""", true)]
    [InlineData("""{"a":1,"b":[true]}""", """{"a":1,"b":[false]}""", false)]
    [InlineData("""{"a":1}""", """{"a":1""", false)]
    public void A_reply_is_right_when_it_says_the_same(string expected, string written, bool isRight) =>
        Assert.Equal(isRight, ReplyJudge.IsRight([expected], new WrittenReply(written, Ended: true, 5)));

    [Fact]
    public void Any_of_the_replies_to_a_question_is_right_and_none_that_is_cut_off()
    {
        Assert.True(ReplyJudge.IsRight(["At nine.", "At ten."], new WrittenReply("At ten.", Ended: true, 5)));
        Assert.False(ReplyJudge.IsRight(["At nine.", "At ten."], new WrittenReply("At ten.", Ended: false, 5)));
    }

    [Fact]
    public void Long_prose_calls_and_replies_after_reasoning_are_judged_by_their_prediction()
    {
        Assert.Equal(ReplyMeasure.Text, Of(new(ChatRole.Assistant, new string('a', 200))));
        Assert.Equal(ReplyMeasure.Prediction, Of(new(ChatRole.Assistant, new string('a', 201))));
        Assert.Equal(ReplyMeasure.Json, Of(new(ChatRole.Assistant, $$"""{"text":"{{new string('a', 300)}}"}""")));
        Assert.Equal(ReplyMeasure.Prediction, Of(new(ChatRole.Assistant, "Yes.") { Reasoning = "Hm." }));
        Assert.Equal(ReplyMeasure.Prediction, Of(new(ChatRole.Assistant, null)));
    }

    private static ReplyMeasure Of(ChatMessage reply) => ReplyJudge.MeasureOf(new Conversation([new ChatMessage(ChatRole.User, "When?"), reply]));
}
