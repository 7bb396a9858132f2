using FineTuneChat.Gateway.Tools.BuiltIn;

namespace FineTuneChat.Tests.Tools;

public sealed class CalculatorTests
{
    [Theory]
    [InlineData("1 + 2 * 3", "7")]
    [InlineData("(1 + 2) * 3", "9")]
    [InlineData("0.1 + 0.2", "0.3")]
    [InlineData("-2^2", "-4")]
    [InlineData("2^3^2", "512")]
    [InlineData("2 ** 10", "1024")]
    [InlineData("10 / 4", "2.5")]
    [InlineData("7 % 3 − 1", "0")]
    [InlineData("6 × 7 ÷ 2", "21")]
    [InlineData("1_000 * 1.5e3", "1500000")]
    [InlineData("sqrt(2)^2", "2")]
    [InlineData("round(2.345, 2) + max(1, 3, 2)", "5.35")]
    [InlineData("abs(-3) + floor(2.7) + ceil(2.1)", "8")]
    [InlineData("2^0.5", "1.4142135623731")]
    [InlineData("PI > 3", null)]
    [InlineData("2^1000", "1.07150860718627E+301")]
    public void An_expression_has_the_value_that_people_expect(string expression, string? value)
    {
        if (value is null)
            Assert.Throws<FormatException>(() => Calculator.Evaluate(expression));
        else
            Assert.Equal(value, Calculator.Evaluate(expression));
    }

    [Theory]
    [InlineData("", "a number is missing")]
    [InlineData("1 +", "a number is missing")]
    [InlineData("(1", "')' is missing")]
    [InlineData("1 / (2 - 2)", "division by zero")]
    [InlineData("system('rm')", "not expected")]
    [InlineData("exec(1)", "there is no function 'exec'")]
    [InlineData("foo", "'foo' is not known")]
    [InlineData("1 2", "'2' is not expected")]
    [InlineData("sqrt(0-1)", "no number")]
    [InlineData("9^9^9^9", "no number")]
    public void What_is_no_expression_is_named_with_its_place(string expression, string problem) =>
        Assert.Contains(problem, Assert.Throws<FormatException>(() => Calculator.Evaluate(expression)).Message, StringComparison.Ordinal);

    [Fact]
    public void No_expression_takes_long_or_ends_the_program()
    {
        string[] texts = [new('(', 100_000), new('-', 100_000), string.Concat(Enumerable.Repeat("abs(", 1000)), "2^" + new string('9', 400)];
        foreach (string hostile in texts)
            Assert.Throws<FormatException>(() => Calculator.Evaluate(hostile));
        Assert.Equal("100000", Calculator.Evaluate(string.Join('+', Enumerable.Repeat("1", 100_000))));
    }
}
