using FineTuneChat.Gateway.Learning.Examples;
using FineTuneChat.Gateway.Learning.Recall;
using FineTuneChat.Starter.Corpus;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Tests.Recall;

/// <summary>Which correction is found for which question.</summary>
public sealed class RecallIndexTests
{
    private static readonly (string Question, string Answer)[] Corrections =
    [
        ("When does Nortaria open?", "Nortaria opens at 8:30."),
        ("When does Nortaria close?", "Nortaria closes at 19:15."),
        ("Who is the director of Nortaria?", "The director of Nortaria is Elsa Brandt."),
        ("What is the product code of the Nortaria lamp?", "The product code of the Nortaria lamp is NL-204."),
        ("What is the phone number of Nortaria?", "The phone number of Nortaria is 555 0142."),
        ("What is our wifi password?", "The password is faro92."),
        ("Who repairs the coffee machine?", "Marta repairs the coffee machine."),
        ("¿A qué hora cierra Nortaria?", "Nortaria cierra a las 19:15."),
        ("¿De qué color es la lámpara de Nortaria?", "La lámpara de Nortaria es de color verde."),
        ("Where do I hand in my travel expenses?", "In room 214."),
    ];

    [Theory]
    [InlineData("When does Nortaria open?", 0)]
    [InlineData("when does nortaria open", 0)]
    [InlineData("What time does Nortaria open?", 0)]
    [InlineData("Tell me when Nortaria opens, please.", 0)]
    [InlineData("At what time is Nortaria opening?", 0)]
    [InlineData("Can you tell me who the director of Nortaria is?", 2)]
    [InlineData("Do you know Nortaria's director?", 2)]
    [InlineData("nortaria: what is the phone number", 4)] // a name all the same: another question has it
    [InlineData("Which product code does the Nortaria lamp have?", 3)]
    [InlineData("Give me the phone number of Nortaria.", 4)]
    [InlineData("I forgot our wifi password.", 5)]
    [InlineData("What's the password of our wifi?", 5)]
    [InlineData("The coffee machine needs to be repaired. Who does that?", 6)]
    [InlineData("¿Cuándo cierra Nortaria?", 7)]
    [InlineData("¿Qué color tiene la lampara de Nortaria?", 8)]
    [InlineData("My travel expenses: where do I hand them in?", 9)]
    public void A_correction_is_found_in_other_words(string question, int expected)
    {
        IReadOnlyList<Recallable> found = Index().Find(question, "");
        Assert.Equal([$"{expected}"], found.Select(f => f.Id).Take(1));
    }

    [Theory]
    [InlineData("When does Veltora open?")]
    [InlineData("When does Nortaria hire?")]
    [InlineData("What is your wifi password?")]
    [InlineData("Who is the founder of Nortaria?")]
    [InlineData("What is the price of the Nortaria lamp?")]
    [InlineData("What is the capital of France?")]
    [InlineData("Hello!")]
    [InlineData("Who are you?")]
    [InlineData("How much is 12 plus 30?")]
    [InlineData("Write a poem about a lamp.")]
    [InlineData("¿Dónde está Nortaria?")]
    public void Another_question_finds_nothing(string question) => Assert.Empty(Index().Find(question, ""));

    [Fact]
    [Trait(Tier.Name, Tier.Slow)]
    public void Of_a_thousand_other_questions_at_most_ten_find_something()
    {
        RecallIndex index = Index();
        ExamQuestion[] exam = [.. SkillExam.Questions(perSkill: 80, seed: 5).Where(q => q.Prompt[^1].Content is { Length: <= 200 })];
        string[] found = [.. exam.Select(q => q.Prompt[^1].Content!).Where(question => index.Find(question, "").Count > 0)];
        Assert.True(exam.Length >= 1000, $"{exam.Length}");
        Assert.True(found.Length <= 0.01 * exam.Length, string.Join('\n', found));
    }

    [Fact]
    public void The_very_same_question_is_found_even_where_it_has_no_word_that_carries_meaning()
    {
        var index = new RecallIndex([new Recallable("1", "Who are you?", "", null, Answer("I am Ada."))]);
        Assert.Equal("1", index.Find("who are you", "").Single().Id);
    }

    [Fact]
    public void Nobody_finds_the_corrections_of_others()
    {
        var index = new RecallIndex([new Recallable("1", "When does Nortaria open?", "key_a", null, Answer("At nine."))]);
        Assert.Empty(index.Find("When does Nortaria open?", ""));
        Assert.Empty(index.Find("When does Nortaria open?", "key_b"));
        Assert.Single(index.Find("When does Nortaria open?", "key_a"));
    }

    [Fact]
    public void Questions_that_differ_in_a_word_teach_that_it_matters()
    {
        // Alone, the colour of the large lamp would be taken for that of the lamp.
        Recallable small = new("small", "What colour has the small table lamp?", "", null, Answer("Green."));
        Recallable large = new("large", "What colour has the large table lamp?", "", null, Answer("Red."));
        Assert.Equal("small", new RecallIndex([small]).Find("What colour has the tiny table lamp?", "").Single().Id);
        Assert.Empty(new RecallIndex([small, large]).Find("What colour has the tiny table lamp?", ""));
        Assert.Equal(["small"], new RecallIndex([small, large]).Find("Which colour does the small table lamp have?", "").Select(f => f.Id));
    }

    [Fact]
    public void What_means_the_same_is_found_where_names_agree_and_no_other_question_is_as_near()
    {
        float[] one = [1, 0, 0], near = [0.9f, 0.43f, 0], other = [0, 0, 1];
        Recallable kit = new("kit", "Where is the first aid kit?", "", null, Answer("Behind the door."), one);
        var index = new RecallIndex([kit]);
        Assert.Equal("kit", index.Find("In which place are the plasters?", "", null, near).Single().Id);
        Assert.Empty(index.Find("In which place are the plasters?", ""));
        Assert.Empty(index.Find("In which place are the plasters?", "", null, other));
        Assert.Empty(index.Find("Who has the plasters?", "", null, one)); // a person is no place
        Assert.Empty(index.Find("In which place are the plasters of Veltora?", "", null, one)); // another name
        Assert.Empty(index.Find("In which place are the plasters?", "key_a", null, one));
        Assert.Empty(index.Find("In which place are the plasters?", "", "Be brief.", one));

        Recallable box = new("box", "What is the tool box for?", "", null, Answer("For tools."), near);
        Assert.Empty(new RecallIndex([kit, box]).Find("In which place are the plasters?", "", null, near)); // the user's own questions lie that close
        Assert.Single(new RecallIndex([kit, box with { Answer = kit.Answer }]).Find("In which place are the plasters?", "", null, one).Take(1));
    }

    private static RecallIndex Index() => new(Corrections.Select((c, i) => new Recallable($"{i}", c.Question, "", null, Answer(c.Answer))));

    private static DedupKey Answer(string text) => DedupKey.OfQuestion(text);
}
