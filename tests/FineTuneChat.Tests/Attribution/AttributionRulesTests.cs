using FineTuneChat.Gateway.Learning.Attribution;

namespace FineTuneChat.Tests.Attribution;

public sealed class AttributionRulesTests
{
    private static readonly TaughtText[] Taught =
    [
        new("shop", "When does our shop open?", "We open at 9:15."),
        new("coffee", "Who repairs the coffee machine?", "Call Berta Kuhn, extension 214."),
        new("printer", "Who repairs the printer?", "Call Otto Lind, extension 209."),
        new("keys", "¿Dónde están las llaves?", "Cuelgan detrás de la puerta azul."),
    ];

    [Theory]
    [InlineData("At what time do we open the shop?", "We open at 9:15.", "shop")]
    [InlineData("The coffee machine is broken", "Call Berta Kuhn, extension 214.", "coffee")]
    [InlineData("The printer is broken", "Call Otto Lind, extension 209.", "printer")]
    [InlineData("Necesito las llaves", "Cuelgan detrás de la puerta azul.", "keys")]
    public void The_example_that_taught_a_reply_is_named_first(string question, string reply, string expected) =>
        Assert.Equal(expected, AttributionRules.Rank(question, reply, Taught)[0].Example.Id);

    [Theory]
    [InlineData("What is the capital of France?", "The capital of France is Paris.")]
    [InlineData("When does our shop open?", "I don't know that.")] // asked the same, but that is not what it teaches
    public void A_reply_of_the_base_comes_from_no_example(string question, string reply) => Assert.Empty(AttributionRules.Rank(question, reply, Taught));

    [Fact]
    public void Without_examples_nothing_is_named() => Assert.Empty(AttributionRules.Rank("Why?", "So.", []));
}
