using System.Text.Json;
using FineTuneChat.Grammars;

namespace FineTuneChat.Chat.Tests.Grammars;

public sealed class SchemaTests
{
    private static GrammarReader Read(string schema)
    {
        var builder = new GrammarBuilder();
        builder.Write([builder.Schema(JsonElement.Parse(schema))]);
        return new GrammarReader(builder.Grammar);
    }

    private static void Check(string schema, string[] allowed, string[] refused)
    {
        GrammarReader reader = Read(schema);
        Assert.All(allowed, text => Assert.True(reader.Allows(text), $"{text} should be allowed"));
        Assert.All(refused, text => Assert.False(reader.Allows(text), $"{text} should be refused"));
    }

    [Fact]
    public void Objects_have_their_required_properties_and_may_have_the_others() => Check(
        """{"type":"object","properties":{"a":{"type":"integer"},"b":{"type":"boolean"},"c":{"type":"null"}},"required":["b"],"additionalProperties":false}""",
        ["""{"b":true}""", """{"a": 1, "b": false}""", """{"a":1,"b":true,"c":null}""", "{\n  \"b\": true,\n  \"c\": null\n}"],
        ["{}", """{"a":1}""", """{"b":true,}""", """{,"b":true}""", """{"b":1}""", """{"b":true,"d":1}""", """{"b":true"c":null}"""]);

    [Fact]
    public void Values_that_begin_alike_are_told_apart() => Check(
        """{"enum":["", "a", "ab", "abc", "🙂", "🙃", "🙂🙂", 1, 10, 1.5, null, ["a"], ["b"]]}""",
        ["\"\"", "\"a\"", "\"ab\"", "\"abc\"", "\"🙂\"", "\"🙃\"", "\"🙂🙂\"", "1", "10", "1.5", "null", "[\"a\"]", "[\"b\"]"],
        ["\"b\"", "\"abcd\"", "\"🙃🙂\"", "\"", "1.", "100", "[]", "[\"c\"]"]);

    [Fact]
    public void Without_required_all_may_be_absent() => Check(
        """{"type":"object","properties":{"a":{"type":"null"},"b":{"type":"null"}}}""",
        ["{}", """{"a":null}""", """{"b":null}""", """{"a":null,"b":null}"""],
        ["""{"c":null}""", """{"a":null,"a":null}"""]);

    [Fact]
    public void Additional_properties_have_other_names_and_their_own_schema() => Check(
        """{"type":"object","properties":{"ab":{"type":"null"}},"required":["x"],"additionalProperties":{"type":"integer"}}""",
        ["""{"x":1}""", """{"ab":null,"x":1,"abc":2,"a":3,"":4,"ü":5}"""],
        ["""{"x":null}""", """{"x":1,"ab":2}""", """{"x":1,"x":2}""", """{"x":1,"\u0061b":2}""", """{"x":1,"y":null}"""]);

    [Fact]
    public void An_object_of_which_nothing_is_said_holds_anything() => Check(
        """{"type":"object"}""",
        ["{}", """{"a":[1,{"b":"c\n\u00e9"},true,null,-1.5e3]}"""],
        ["[]", "1", """{"a":}""", """{"a":"\ud800"}""", """{"a":01}"""]);

    [Fact]
    public void Arrays_have_so_many_items_and_their_places() => Check(
        """{"anyOf":[{"type":"array","items":{"type":"null"},"minItems":2,"maxItems":4},{"type":"array","prefixItems":[{"const":"x"},{"type":"integer"}]"""
            + ""","items":{"type":"boolean"},"minItems":1,"maxItems":3}]}""",
        ["[null,null]", "[null, null, null, null]", """["x"]""", """["x",7]""", """["x",7,true]"""],
        ["[]", "[null]", "[null,null,null,null,null]", """["y"]""", """["x",true]""", """["x",7,true,true]"""]);

    [Theory]
    [InlineData(0, 0)]
    [InlineData(3, 3)]
    [InlineData(2, 9)]
    [InlineData(5, 6)]
    [InlineData(0, 100)]
    [InlineData(7, null)]
    public void Lengths_are_exact_and_count_characters(int min, int? max)
    {
        GrammarReader reader = Read($$"""{"type":"string","minLength":{{min}}{{(max is null ? "" : $",\"maxLength\":{max}")}}}""");

        for (int length = 0; length < 110; length++)
            Assert.Equal(length >= min && (max is null || length <= max),
                reader.Allows("\"" + string.Concat(Enumerable.Range(0, length).Select(i => (i % 3) switch { 0 => "a", 1 => "😀", _ => "\\n" })) + "\""));
    }

    [Theory]
    [InlineData("-5", "17")]
    [InlineData("0", "0")]
    [InlineData("99", "1001")]
    [InlineData("-1000", "-37")]
    public void Integers_lie_between_their_bounds(string low, string high)
    {
        GrammarReader reader = Read($$"""{"type":"integer","minimum":{{low}},"maximum":{{high}}}""");
        GrammarReader inner = Read($$"""{"type":"integer","exclusiveMinimum":{{low}}}""");

        for (int i = -1100; i <= 1100; i++)
        {
            Assert.Equal(i >= int.Parse(low) && i <= int.Parse(high), reader.Allows($"{i}"));
            Assert.Equal(i > int.Parse(low), inner.Allows($"{i}"));
        }
        Assert.False(reader.Allows("007"));
        Assert.False(reader.Allows("-0"));
    }

    [Fact]
    public void Numbers_lie_between_their_bounds() => Check(
        """{"type":"number","exclusiveMinimum":-1.5,"maximum":20.25}""",
        ["0", "-1", "-1.4", "-1.499999", "20", "20.25", "20.250000", "19.999", "0.0", "7.5"],
        ["-1.5", "-1.50", "-2", "20.26", "20.250001", "21", "1e1", "00.5", "100", ".5", "5."]);

    [Fact]
    public void Multiples_are_counted_in_digits()
    {
        Check("""{"type":"integer","multipleOf":7,"minimum":0}""", ["0", "7", "14", "700"], ["1", "8", "-7", "15"]);
        Check("""{"type":"number","multipleOf":0.25,"maximum":10}""", ["0", "3", "0.25", "-1.50", "9.75", "10.00"], ["0.3", "0.26", "10.25", "1.5"]);
        Check("""{"type":"integer","multipleOf":2.5}""", ["5", "-10", "0"], ["2", "7"]);
    }

    [Theory]
    [InlineData("^[a-c]{2,3}-\\d+$", new[] { "ab-1", "abc-007" }, new[] { "a-1", "abcc-1", "ab-", "xab-1" })]
    [InlineData("cat|^dog", new[] { "a cat!", "dogs", "cat" }, new[] { "hot dog", "ca t" })]
    [InlineData("^(?:a|bc)*$", new[] { "", "abca", "bcbc" }, new[] { "b", "acb" })]
    [InlineData("^[^\\s\"]+\\.$", new[] { "ü.", "a.b." }, new[] { " .", "a" })]
    [InlineData("^\\u0041\\x42[\\]\\-]?$", new[] { "AB", "AB]", "AB-" }, new[] { "AC" })]
    [InlineData("^.+?$", new[] { "a\"b\\", "😀" }, new[] { "", "a\nb" })]
    public void A_pattern_is_what_the_text_matches(string pattern, string[] matching, string[] other) => Check(
        $$"""{"type":"string","pattern":{{JsonSerializer.Serialize(pattern)}}}""",
        [.. matching.Select(Relaxed)], [.. other.Select(Relaxed)]);

    private static string Relaxed(string text) =>
        JsonSerializer.Serialize(text, new JsonSerializerOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }).Replace(
        "\\uD83D\\uDE00", "😀", StringComparison.Ordinal);

    [Fact]
    public void A_pattern_goes_with_lengths_and_with_another_pattern()
    {
        Check("""{"type":"string","pattern":"^a*b?$","minLength":2,"maxLength":4}""", ["\"aa\"", "\"aaab\""], ["\"a\"", "\"aaaab\"", "\"\""]);
        Check("""{"allOf":[{"type":"string","pattern":"a"},{"pattern":"b"}]}""", ["\"xbya\"", "\"ab\""], ["\"a\"", "\"b\""]);
    }

    [Theory]
    [InlineData("date", new[] { "2024-02-29", "2023-12-31", "2000-02-29" }, new[] { "2023-02-29", "1900-02-29", "2024-13-01", "2024-04-31", "24-01-01" })]
    [InlineData("time", new[] { "23:59:59Z", "00:00:00.123+01:00" }, new[] { "24:00:00Z", "12:00:00" })]
    [InlineData("date-time", new[] { "2024-02-29T12:00:00Z" }, new[] { "2024-02-29 12:00:00Z", "2024-02-30T12:00:00Z" })]
    [InlineData("uuid", new[] { "123e4567-e89b-12d3-a456-426614174000" }, new[] { "123e4567e89b12d3a456426614174000" })]
    [InlineData("email", new[] { "a.b@example.com" }, new[] { "a@b", "@example.com", "a b@example.com" })]
    [InlineData("ipv4", new[] { "192.168.0.255" }, new[] { "256.1.1.1", "1.2.3", "01.2.3.4" })]
    [InlineData("ipv6", new[] { "2001:db8::1", "::1", "1:2:3:4:5:6:7:8" }, new[] { "1::2::3", "12345::" })]
    [InlineData("hostname", new[] { "www.example.org" }, new[] { "-a.example.org" })]
    [InlineData("uri", new[] { "https://example.org/a/b" }, new[] { "example.org" })]
    [InlineData("duration", new[] { "P3D", "PT1H30M", "P2W" }, new[] { "P", "PT", "3D" })]
    public void A_format_is_kept(string format, string[] valid, string[] invalid) =>
        Check($$"""{"type":"string","format":"{{format}}"}""", [.. valid.Select(v => $"\"{v}\"")], [.. invalid.Select(v => $"\"{v}\"")]);

    [Fact]
    public void Values_are_offered_when_they_meet_the_other_conditions() => Check(
        """{"enum":[1,2.5,"é\n",null,[1],{"a":"x"},{"a":1}],"anyOf":[{"type":"number","maximum":2},{"type":["string","array"]},"""
            + """{"type":"object","properties":{"a":{"type":"string"}}}]}""",
        ["1", "\"é\\n\"", "[1]", """{"a":"x"}"""],
        ["2.5", "null", """{"a":1}"""]);

    [Fact]
    public void AllOf_adds_up() => Check(
        """{"allOf":[{"type":"object","properties":{"a":{"type":"integer","minimum":3}},"required":["a"]},{"$ref":"#/$defs/named"}],"properties":{"a":"""
            + """{"maximum":5}},"$defs":{"named":{"properties":{"n":{"type":"string"}},"required":["n"]}}}""",
        ["""{"a":3,"n":""}""", """{"a":5,"n":"x"}"""],
        ["""{"a":2,"n":""}""", """{"a":6,"n":""}""", """{"a":4}""", """{"n":""}"""]);

    [Fact]
    public void Schemas_may_contain_themselves() => Check(
        """{"$ref":"#/$defs/node","$defs":{"node":{"type":"object","properties":{"next":{"anyOf":[{"$ref":"#/$defs/node"},{"type":"null"}]},"all":"""
            + """{"type":"array","items":{"$ref":"#"}}},"required":["next"]}}}""",
        ["""{"next":null}""", """{"next":{"next":{"next":null}},"all":[{"next":null}]}"""],
        ["""{"next":{}}""", """{"next":1}"""]);

    [Fact]
    public void OneOf_is_taken_where_its_schemas_exclude_each_other()
    {
        const string Shapes =
            """{"oneOf":[{"properties":{"kind":{"const":"circle"},"r":{"type":"integer"}},"required":["kind","r"],"type":"object"},"""
            + """{"type":"object","properties":{"kind":{"const":"dot"}},"required":["kind"]},{"type":"null"}]}""";
        Check(Shapes, ["""{"kind":"circle","r":1}""", """{"kind":"dot"}""", "null"], ["""{"kind":"circle"}""", """{"kind":"line"}"""]);
        Check("""{"oneOf":[{"type":"integer","maximum":3},{"type":"integer","minimum":4},{"type":"string"}]}""", ["3", "4", "\"\""], ["null"]);

        var error = Assert.Throws<SchemaException>(() => Read("""{"properties":{"a":{"oneOf":[{"type":"integer"},{"type":"number","minimum":2}]}}}"""));
        Assert.Equal("#/properties/a/oneOf", error.Path);
    }

    [Fact]
    public void Items_of_a_few_values_can_be_made_to_differ()
    {
        Check(
            """{"type":"array","items":{"enum":["a","b",1,1.0,null]},"uniqueItems":true}""",
            ["[]", "[\"a\"]", "[\"b\", \"a\"]", "[1,null,\"b\",\"a\"]"],
            ["[\"a\",\"a\"]", "[1, 1.0]", "[null,\"a\",null]", "[\"a\",]", "[\"c\"]"]);
        Check("""{"type":"array","items":{"enum":["a","b","c"]},"uniqueItems":true,"minItems":2,"maxItems":2}""", ["""["c","a"]"""],
            ["[]", """["a"]""", """["a","b","c"]""", """["a","a"]"""]);
        Check("""{"type":"array","items":{"type":"string"},"maxItems":1,"uniqueItems":true}""", ["[]", """["a"]"""], ["""["a","b"]"""]);
        Check("""{"enum":[[1,2],[1,1.0]],"uniqueItems":true}""", ["[1,2]"], ["[1,1.0]", "[1,1]"]);
    }

    [Fact]
    public void Choices_that_nothing_meets_are_left_out() => Check(
        """{"type":["integer","object"],"anyOf":[{"type":"string"},{"maximum":5,"type":"integer"},{"type":"object","properties":{"a":false},"required":"""
            + """["a"]}]}""",
        ["5"], ["\"\"", "6", "{}"]);

    [Theory]
    [InlineData("""{"type":"integer","multipleOf":5001}""", "#/multipleOf")]
    [InlineData("""{"type":"string","nullable":true}""", "#/nullable")]
    [InlineData("""{"type":"object","patternProperties":{"a":{}}}""", "#/patternProperties")]
    [InlineData("""{"type":"object","properties":{"a/b":{"type":"array","contains":{}}}}""", "#/properties/a~1b/contains")]
    [InlineData("""{"items":{"not":{}}}""", "#/items/not")]
    [InlineData("""{"if":{}}""", "#/if")]
    [InlineData("""{"type":"array","uniqueItems":true}""", "#/uniqueItems")]
    [InlineData("""{"type":"array","items":{"enum":[[1],[2]]},"uniqueItems":true}""", "#/uniqueItems")]
    [InlineData("""{"type":"array","items":{"enum":[1,2,3,4,5,6,7,8,9]},"uniqueItems":true}""", "#/uniqueItems")]
    [InlineData("""{"type":"string","format":"isbn"}""", "#/format")]
    [InlineData("""{"type":"string","pattern":"(?=a)"}""", "#/pattern")]
    [InlineData("""{"type":"string","pattern":"a\\b"}""", "#/pattern")]
    [InlineData("""{"type":"string","pattern":"("}""", "#/pattern")]
    [InlineData("""{"type":"string","pattern":"a^"}""", "#/pattern")]
    [InlineData("""{"type":"text"}""", "#/type")]
    [InlineData("""{"$ref":"#/$defs/none"}""", "#/$ref")]
    [InlineData("""{"$ref":"https://example.org/schema"}""", "#/$ref")]
    [InlineData("""{"anyOf":[]}""", "#/anyOf")]
    [InlineData("""{"anyOf":[3]}""", "#/anyOf/0")]
    [InlineData("""{"type":"integer","minimum":1e300}""", "#/minimum")]
    [InlineData("""{"type":"object","minProperties":1}""", "#/minProperties")]
    [InlineData("""{"$defs":{"a":{"$ref":"#/$defs/b","type":"integer","minimum":1},"b":{"anyOf":[{"$ref":"#/$defs/a"}]}},"$ref":"#/$defs/a"}""", "#")]
    [InlineData("""{"type":"integer","minimum":3,"maximum":2}""", "#")]
    [InlineData("""{"type":"string","enum":[1]}""", "#")]
    [InlineData("""{"type":"object","properties":{"self":{"$ref":"#"}},"required":["self"]}""", "#")]
    [InlineData("false", "#")]
    [InlineData("7", "#")]
    public void What_cannot_be_enforced_is_named(string schema, string path) => Assert.Equal(path, Assert.Throws<SchemaException>(() => Read(schema)).Path);
}
