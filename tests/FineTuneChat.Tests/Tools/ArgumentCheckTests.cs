using System.Text.Json;
using FineTuneChat.Gateway.Tools;

namespace FineTuneChat.Tests.Tools;

public sealed class ArgumentCheckTests
{
    private static string? Problem(string arguments, string schema) => ArgumentCheck.Problem(JsonElement.Parse(arguments), JsonElement.Parse(schema));

    [Theory]
    [InlineData("""{"a":1}""", """{"type":"object","properties":{"a":{"type":"integer"}},"required":["a"]}""")]
    [InlineData("""{"a":1.0}""", """{"properties":{"a":{"type":"integer"}}}""")]
    [InlineData("""{"a":null}""", """{"properties":{"a":{"type":["string","null"]}}}""")]
    [InlineData("""{"a":["x","y"]}""", """{"properties":{"a":{"type":"array","items":{"enum":["x","y"]},"maxItems":2}}}""")]
    [InlineData("""{"a":{"b":1}}""", """{"properties":{"a":{"$ref":"#/$defs/o"}},"$defs":{"o":{"properties":{"b":{"type":"number"}}}}}""")]
    [InlineData("""{"a":"x"}""", """{"properties":{"a":{"anyOf":[{"type":"number"},{"type":"string"}]}}}""")]
    [InlineData("""{"a":1}""", """{"$ref":"https://example.org/never-fetched.json"}""")]
    [InlineData("""{"a":"😀"}""", """{"properties":{"a":{"type":"string","maxLength":1}}}""")]
    [InlineData("""{"a":1}""", "true")]
    public void What_fits_passes(string arguments, string schema) => Assert.Null(Problem(arguments, schema));

    [Theory]
    [InlineData("""{}""", """{"required":["a"]}""", "'arguments.a' is missing")]
    [InlineData("""{"a":"1"}""", """{"properties":{"a":{"type":"integer"}}}""", "'arguments.a' must be of the type integer")]
    [InlineData("""{"a":1,"b":2}""", """{"properties":{"a":{}},"additionalProperties":false}""", "'arguments.b' is not allowed")]
    [InlineData("""{"a":3}""", """{"properties":{"a":{"maximum":2}}}""", "at most 2")]
    [InlineData("""{"a":"z"}""", """{"properties":{"a":{"enum":["x"]}}}""", "one of [\"x\"]")]
    [InlineData("""{"a":[1,"x"]}""", """{"properties":{"a":{"items":{"type":"number"}}}}""", "'arguments.a[1]' must be of the type number")]
    [InlineData("""{"a":true}""", """{"properties":{"a":{"oneOf":[{"type":"number"},{"type":"string"}]}}}""", "must be of the type string")]
    [InlineData("""{"a":{"b":"x"}}""", """{"properties":{"a":{"$ref":"#/$defs/o"}},"$defs":{"o":{"properties":{"b":{"type":"number"}}}}}""", "'arguments.a.b'")]
    public void What_does_not_fit_is_named_with_its_place(string arguments, string schema, string problem) =>
        Assert.Contains(problem, Problem(arguments, schema), StringComparison.Ordinal);

    [Theory]
    [InlineData("""{"$ref":"#"}""")]
    [InlineData("""{"allOf":[{"$ref":"#"},{"$ref":"#"}]}""")]
    [InlineData("""{"anyOf":[{"$ref":"#"},{"$ref":"#"},{"$ref":"#"}]}""")]
    public void A_schema_that_goes_in_circles_refuses_the_call(string schema) =>
        Assert.Contains("refers to itself", Problem("{}", schema), StringComparison.Ordinal);

    [Fact]
    public void Malformed_keywords_break_nothing() =>
        Assert.Null(Problem(
            """{"a":"x"}""",
            """{"required":"a","properties":{"a":{"type":"string","minLength":"3","enum":7,"anyOf":{},"$ref":5}},"additionalProperties":3,"allOf":"x"}"""));
}
