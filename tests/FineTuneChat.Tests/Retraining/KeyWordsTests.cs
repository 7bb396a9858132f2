using FineTuneChat.Gateway.Learning.Rewordings;

namespace FineTuneChat.Tests.Retraining;

public sealed class KeyWordsTests
{
    [Theory]
    [InlineData("When does Nortaria open?", "Nortaria open", true)]
    [InlineData("What is the product code of the Nortaria lamp?", "product code Nortaria lamp", true)]
    [InlineData("¿Cuál es la contraseña del wifi de la sala 12?", "contraseña wifi sala 12", true)]
    [InlineData("Where is Veltrano?", "Veltrano", true)] // a name alone says what is asked
    [InlineData("When does it open?", "open", false)]
    [InlineData("Who are you?", "", false)]
    [InlineData("¿Qué bus va al polígono?", "bus polígono", true)]
    [InlineData("Tidy this: bricks arrived Monday, lorry blocked gate, driver waited outside three hours", // a task
        "Tidy bricks arrived Monday lorry blocked gate driver waited outside three hours", false)]
    public void Words_that_carry_meaning_names_and_numbers_are_kept(string question, string words, bool areEnough)
    {
        var found = KeyWords.Of(question);
        Assert.Equal((words, areEnough), (found.Text, found.AreEnough));
        IReadOnlyList<string> sentences = found.SentencesFor(question, 50, []);
        if (!areEnough)
            Assert.All(sentences, sentence => Assert.Contains(question, sentence));
        Assert.Equal(found.Words.Count <= 8, sentences.Count > 4);
    }

    [Theory]
    [InlineData("Who repairs the coffee machine at Nortaria?")]
    [InlineData("¿Quién arregla la cafetera de Nortaria?")]
    public void Sentences_are_different_always_the_same_and_keep_names(string question)
    {
        IReadOnlyList<string> sentences = KeyWords.Of(question).SentencesFor(question, 12, []);
        Assert.Equal(12, sentences.Distinct().Count());
        Assert.Equal(sentences, KeyWords.Of(question).SentencesFor(question, 12, []));
        Assert.All(sentences, sentence => Assert.Contains("Nortaria", sentence));
        Assert.DoesNotContain(sentences, sentence => sentence.Contains('{'));
        Assert.Contains(sentences, sentence => !KeyWords.Of(question).Words.All(sentence.Contains)); // a word is left out in some
    }

    [Fact]
    public void Words_that_would_mean_another_question_too_make_no_sentence()
    {
        const string price = "What is the price of the Marlin lamp?", weight = "What is the weight of the Marlin lamp?";
        IReadOnlyList<string> sentences = KeyWords.Of(price).SentencesFor(price, 24, [KeyWords.Of(weight).ToSet()]);
        Assert.NotEmpty(sentences);
        Assert.All(sentences, sentence => Assert.Contains("price", sentence));
    }
}
