using System.Text.Json;
using FineTuneChat.Grammars;

namespace FineTuneChat.Chat.Tests.Grammars;

/// <summary>Schemas as programs write them, with conditions that no grammar can hold: those are left out, all others are enforced.</summary>
public sealed class LenientSchemaTests
{
    private static void Check(string schema, string[] allowed, string[] refused, bool isStrict = false)
    {
        var builder = new GrammarBuilder();
        builder.Write([builder.Schema(JsonElement.Parse(schema), isStrict: isStrict)]);
        var reader = new GrammarReader(builder.Grammar);
        Assert.All(allowed, text => Assert.True(reader.Allows(text), $"{text} should be allowed"));
        Assert.All(refused, text => Assert.False(reader.Allows(text), $"{text} should be refused"));
    }

    private static string Refusal(string schema, bool isStrict) =>
        Assert.Throws<SchemaException>(() => JsonGrammar.OfSchema(JsonElement.Parse(schema), isStrict)).Path;

    [Theory]
    [InlineData("\"$comment\":\"c\"")]
    [InlineData("\"default\":\"xyz\"")]
    [InlineData("\"examples\":[1]")]
    [InlineData("\"x-order\":1")]
    [InlineData("\"discriminator\":{\"propertyName\":\"k\"}")]
    [InlineData("\"externalDocs\":{},\"xml\":{}")]
    [InlineData("\"$id\":\"https://example.org/a\",\"$anchor\":\"a\"")]
    public void What_only_describes_is_taken_even_when_strict(string annotation) => Check(
        $$"""{"type":"string","maxLength":2,{{annotation}}}""", ["\"ab\""], ["\"abc\"", "1"], isStrict: true);

    [Theory]
    [InlineData("\"not\":{\"const\":\"a\"}", "not")]
    [InlineData("\"if\":{},\"then\":{},\"else\":{}", "if")]
    [InlineData("\"contains\":{}", "contains")]
    [InlineData("\"propertyNames\":{}", "propertyNames")]
    [InlineData("\"unevaluatedProperties\":false", "unevaluatedProperties")]
    [InlineData("\"unevaluatedItems\":false", "unevaluatedItems")]
    [InlineData("\"dependentRequired\":{\"a\":[\"b\"]}", "dependentRequired")]
    [InlineData("\"dependencies\":{\"a\":[\"b\"]}", "dependencies")]
    [InlineData("\"patternProperties\":{\"^a\":{}}", "patternProperties")]
    [InlineData("\"nullable\":true", "nullable")]
    [InlineData("\"format\":\"isbn\"", "format")]
    [InlineData("\"pattern\":\"^(?=.*[0-9]).+$\"", "pattern")]
    [InlineData("\"pattern\":\"\\\\bfoo\"", "pattern")]
    [InlineData("\"minLength\":1e9", "minLength")]
    [InlineData("\"$ref\":\"https://example.org/schema\"", "$ref")]
    public void What_no_grammar_can_hold_is_left_out_unless_strict(string condition, string keyword)
    {
        string schema = $$"""{"type":"string","maxLength":2,{{condition}}}""";

        Check(schema, ["\"ab\""], ["\"abc\"", "1", "null"]);
        Assert.Equal($"#/{keyword}", Refusal(schema, isStrict: true));
    }

    [Fact]
    public void Bounds_of_safe_integers_are_kept() => Check( // as zod writes every integer
        """{"type":"integer","minimum":-9007199254740991,"maximum":9007199254740991}""",
        ["0", "-1", "9007199254740991", "-9007199254740991", "1234567890123456"],
        ["9007199254740992", "-9007199254740992", "12345678901234567", "1.5"],
        isStrict: true);

    [Fact]
    public void Bounds_of_64_bits_are_kept()
    {
        Check("""{"type":"integer","minimum":-9223372036854775808,"maximum":9223372036854775807}""",
            ["0", "9223372036854775807", "-9223372036854775808"], ["9223372036854775808", "-9223372036854775809"], isStrict: true);
        Check("""{"type":"integer","minimum":1000000000000000000,"maximum":18446744073709551615}""",
            ["1000000000000000000", "18446744073709551615"], ["999999999999999999", "18446744073709551616"], isStrict: true);
    }

    [Fact]
    public void Bounds_beyond_all_digits_leave_numbers_within_them()
    {
        Check("""{"type":"number","minimum":-1.7976931348623157e308,"maximum":1.7976931348623157e308}""", ["0", "-1.5", "123456789"], [], isStrict: true);
        Check("""{"type":"number","minimum":0.12345678901234567,"exclusiveMaximum":0.5}""", ["0.2", "0.499999"], ["0.12", "0.5"], isStrict: true);
        Check("""{"type":"number","exclusiveMinimum":5e-324}""", ["0.1"], ["0", "0.0"], isStrict: true);
        Check("""{"type":"integer","minimum":1e300}""", ["1"], []);
    }

    [Fact]
    public void Steps_that_are_too_fine_leave_the_bounds() => Check(
        """{"type":"integer","multipleOf":123457,"minimum":5}""", ["5", "123457"], ["4"]);

    [Fact]
    public void Exclusive_bounds_of_draft_4_are_flags() => Check(
        """{"type":"integer","minimum":3,"exclusiveMinimum":true,"maximum":5,"exclusiveMaximum":false}""", ["4", "5"], ["3", "6"], isStrict: true);

    [Fact]
    public void Tuples_of_draft_7_are_enforced() => Check(
        """{"type":"array","items":[{"type":"integer"},{"type":"string"}],"additionalItems":{"type":"null"},"minItems":2}""",
        ["""[1,"a"]""", """[1,"a",null]"""], ["[1]", """["a",1]""", """[1,"a",2]"""], isStrict: true);

    [Fact]
    public void Branches_of_oneOf_that_overlap_are_alternatives() => Check(
        """{"oneOf":[{"type":"integer","minimum":5},{"type":"number","maximum":7},{"enum":["a"]}]}""", ["6", "1.5", "\"a\""], ["null"]);

    [Fact]
    public void Numbers_of_properties_are_left_out() => Check(
        """{"type":"object","properties":{"a":{"type":"null"},"b":{"type":"null"}},"minProperties":1,"maxProperties":1}""",
        ["""{"a":null}""", """{"b":null}"""], ["""{"c":null}"""]);

    [Fact]
    public void Properties_by_pattern_keep_their_schema() => Check(
        """{"type":"object","properties":{"id":{"type":"string"}},"patternProperties":{"^S_":{"type":"integer"}},"additionalProperties":false}""",
        ["""{"id":"x","S_a":1}""", "{}"], ["""{"id":1}""", """{"S_a":"x"}"""]);

    [Fact]
    public void An_object_with_no_properties_is_empty() => Check("""{"type":"object","properties":{}}""", ["{}"], ["""{"a":1}"""]);

    [Fact]
    public void Items_that_must_differ_are_only_items() => Check(
        """{"type":"array","items":{"type":"integer"},"uniqueItems":true}""", ["[1,2]"], ["""["a"]"""]);

    [Theory]
    [InlineData("""{"$ref":"#"}""", "#")]
    [InlineData("""{"$ref":"#/$defs/a","$defs":{"a":{"$ref":"#/$defs/b"},"b":{"$ref":"#/$defs/a","description":"x"}}}""", "#/$defs/a")]
    [InlineData("""{"type":"object","properties":{"p":{"allOf":[{"$ref":"#/properties/p"}]}}}""", "#/properties/p")]
    public void A_circle_of_references_alone_says_nothing(string schema, string path)
    {
        Assert.Equal(path, Refusal(schema, isStrict: false));
        Assert.Equal(path, Refusal(schema, isStrict: true));
    }

    [Fact]
    public void Two_ways_to_one_schema_are_no_circle() => Check(
        """{"allOf":[{"$ref":"#/$defs/any"},{"$ref":"#/$defs/any"}],"$defs":{"any":{"description":"x"}}}""", ["1", "null"], ["x"]);

    [Theory]
    [InlineData("""{"type":"text"}""", "#/type")]
    [InlineData("""{"$ref":"#/$defs/none"}""", "#/$ref")]
    [InlineData("""{"enum":[{}],"required":3}""", "#/required")]
    [InlineData("""{"type":"integer","minimum":3,"maximum":2}""", "#")]
    public void What_is_wrong_stays_an_error(string schema, string path) => Assert.Equal(path, Refusal(schema, isStrict: false));
}
