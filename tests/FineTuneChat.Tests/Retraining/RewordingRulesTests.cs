using FineTuneChat.Gateway.Learning.Rewordings;

namespace FineTuneChat.Tests.Retraining;

public sealed class RewordingRulesTests
{
    [Theory]
    [InlineData("When does our shop open?", "At what time does our shop open?", true)]
    [InlineData("When does our shop open?", "What time do we open the shop?", true)]
    [InlineData("When does our shop open?", "When does our shop open", false)] // the same
    [InlineData("When does our shop open?", "When does your shop open?", false)] // another speaks
    [InlineData("When does our shop open?", "When does our gym close?", false)] // other words, another question
    [InlineData("When does Zorvex open?", "When does Zervox open?", false)] // another name
    [InlineData("When does Zorvex open?", "When does Zorvex Bakery open?", false)] // a name that was not there
    [InlineData("What is the code of room 12?", "Tell me the code of room 12.", true)]
    [InlineData("What is the code of room 12?", "Tell me the code of room 21.", false)]
    [InlineData("¿A qué hora abre nuestra tienda?", "¿Cuándo abre nuestra tienda?", true)]
    [InlineData("¿A qué hora abre nuestra tienda?", "¿Cuándo cierra nuestra oficina?", false)]
    [InlineData("Who wrote to mara@vint.com?", "Who was it that wrote to mara@vint.com?", true)]
    [InlineData("Who wrote to mara@vint.com?", "Who wrote to mara@vent.com?", false)]
    [InlineData("Why?", "", false)]
    public void A_wording_keeps_names_numbers_meaning_and_speaker(string question, string wording, bool isGood) =>
        Assert.Equal(isGood, RewordingRules.IsGood(question, wording));

    [Fact]
    public void A_reply_is_read_line_by_line_without_list_marks_and_each_wording_once()
    {
        const string reply = "1. What time does Zorvex open?\n- \"Tell me when Zorvex opens.\"\n\nSure, here you go:\n3) what time does Zorvex open\n"
            + "Do you know when Zorvex opens?";
        Assert.Equal(
            ["What time does Zorvex open?", "Tell me when Zorvex opens.", "Do you know when Zorvex opens?"],
            RewordingRules.Read("When does Zorvex open?", reply, 6));
        Assert.Equal(2, RewordingRules.Read("When does Zorvex open?", reply, 2).Count);
    }

    [Theory]
    [InlineData("I don't know when your shop opens.", "I don't know when your shop opens!", true)]
    [InlineData("I don't know when your shop opens.", "I don't know when your shop closes.", false)] // a short reply says one thing
    public void Two_questions_ask_the_same_where_a_model_replies_the_same(string one, string other, bool isSame) =>
        Assert.Equal(isSame, RewordingRules.SayTheSame(one, other));

    [Fact]
    public void Long_replies_say_the_same_in_other_words()
    {
        string[] words = [.. Enumerable.Range(0, 60).Select(i => $"word{i}")];
        Assert.True(RewordingRules.SayTheSame(string.Join(' ', words), string.Join(' ', words.Reverse().Skip(10))));
        Assert.False(RewordingRules.SayTheSame(string.Join(' ', words), string.Join(' ', words.Select(w => $"{w}x"))));
    }

    [Theory]
    [InlineData("When does it open?", "Write 4 other ways to ask: When does it open?")]
    [InlineData("¿Cuándo abre?", "Escribe 4 maneras más de preguntar: ¿Cuándo abre?")]
    [InlineData("Dime el precio", "Escribe 4 maneras más de preguntar: Dime el precio")]
    public void A_model_is_asked_in_the_language_of_the_question(string question, string request) => Assert.Equal(request, RewordingRules.Request(question, 4));
}
