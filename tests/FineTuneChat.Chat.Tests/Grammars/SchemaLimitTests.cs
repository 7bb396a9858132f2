using System.Text.Json;
using FineTuneChat.Grammars;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Chat.Tests.Grammars;

/// <summary>Schemas made to break the engine end where their limit is found: before anything of that size is built.</summary>
[Trait(Tier.Name, Tier.Slow)]
public sealed class SchemaLimitTests
{
    private static readonly JsonDocumentOptions Deep = new() { MaxDepth = 200_000 };

    private static string Refusal(string schema)
    {
        using JsonDocument document = JsonDocument.Parse(schema, Deep);
        long before = GC.GetAllocatedBytesForCurrentThread();
        string message = Assert.Throws<SchemaException>(() => JsonGrammar.OfSchema(document.RootElement)).Message;
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 500L << 20);
        return message;
    }

    private static string Repeat(string text, int count) => string.Concat(Enumerable.Repeat(text, count));

    private static string Many(int count, Func<int, string> item) => string.Join(',', Enumerable.Range(0, count).Select(item));

    [Fact]
    public void Nested_arrays() =>
        Assert.Contains("nested more than 64", Refusal(Repeat("""{"items":""", 5_000) + "true" + Repeat("}", 5_000)), StringComparison.Ordinal);

    [Fact]
    [Trait(Tier.Name, Tier.Slow)]
    public void Longer_than_any_schema() =>
        Assert.Contains("bytes", Refusal(Repeat("""{"type":"array","items":""", 15_000) + "true" + Repeat("}", 15_000)), StringComparison.Ordinal);

    [Theory]
    [InlineData("""{"type":"string","maxLength":1000000000}""")]
    [InlineData("""{"type":"string","minLength":1e9}""")]
    [InlineData("""{"type":"array","maxItems":1000000000}""")]
    public void Endless_lengths(string schema) => Assert.Contains("more than the 65536", Refusal(schema), StringComparison.Ordinal);

    [Fact]
    public void Ten_thousand_properties() =>
        Assert.Contains("more than 2000 properties", Refusal("""{"type":"object","properties":{""" + Many(10_000, i => $"\"p{i}\":true") + "}}"),
            StringComparison.Ordinal);

    [Fact]
    public void Optional_properties_that_llama_cpp_would_recurse_into() =>
        Assert.Contains("optional", Refusal("""{"type":"object","properties":{""" + Many(2_000, i => $"\"p{i}\":{{\"type\":\"null\"}}") + "}}"),
            StringComparison.Ordinal);

    [Fact]
    public void A_long_chain_of_references_is_no_depth()
    {
        string schema = """{"$ref":"#/$defs/d0","$defs":{""" + Many(
            1_500, i => $$$"""  "d{{{i}}}":{"type":"array","items":{"$ref":"#/$defs/d{{{i + 1}}}"}}""") + ""","d1500":{"type":"null"}}}""";

        Assert.Contains("null", JsonGrammar.OfSchema(JsonElement.Parse(schema)), StringComparison.Ordinal);
    }

    [Fact]
    public void Choices_that_multiply() =>
        Assert.Contains("combine to more than",
            Refusal("""{"allOf":[""" + Many(40, i => $$"""{"anyOf":[{"minLength":{{i}}},{"maxLength":{{1000 + i}}}]}""") + "]}"), StringComparison.Ordinal);

    [Fact]
    public void Beginnings_that_multiply() // each asks llama.cpp to look into the next one twice
    {
        string schema = """{"$ref":"#/$defs/d0","$defs":{""" + Many(
            60, i => $$"""  "d{{i}}":{"anyOf":[{"$ref":"#/$defs/d{{i + 1}}"},{"$ref":"#/$defs/d{{i + 1}}","minLength":{{i}}}]}""")
            + ""","d60":{"type":"string"}}}""";

        Refusal(schema);
    }

    [Theory]
    [InlineData("^(a|b)*a(a|b){18}$")]
    [InlineData("^((a{100}){100}){100}$")]
    [InlineData("^.*a.{0,9000}$")]
    [InlineData("^(a?){9999}$")]
    [InlineData("(.*a.{20}){3}")]
    [InlineData("(a|b|c|d|e|f|g|h|i|j|k|l){0,1000}")]
    [InlineData("(a|aa|aaa|aaaa){0,500}")]
    [InlineData(".{0,100}foo.{0,100}bar.{0,100}")]
    public void Patterns_that_explode(string pattern) =>
        Assert.StartsWith("#/pattern", Refusal($$"""{"type":"string","pattern":"{{pattern}}"}"""), StringComparison.Ordinal);

    [Fact]
    public void Many_patterns_that_are_heavy_together() =>
        Assert.Contains("too complex",
            Refusal("""{"type":"object","properties":{""" + Many(1_000, i => $$"""  "p{{i}}":{"type":"string","pattern":"^(a|b)*a(a|b){8}{{i}}$"}""") + "}}"),
            StringComparison.Ordinal);

    [Fact]
    public void Groups_in_groups() =>
        Assert.StartsWith("#/pattern", Refusal($$"""{"type":"string","pattern":"{{Repeat("(", 500)}}a{{Repeat(")", 500)}}"}"""), StringComparison.Ordinal);

    [Fact]
    public void Many_bounded_numbers_are_fine() =>
        Assert.Contains("root",
            JsonGrammar.OfSchema(
            JsonElement.Parse("""{"type":"object","properties":{"""
            + Many(20, i => $$"""  "p{{i}}":{"type":"number","minimum":-{{i}}.25,"maximum":{{i * 37}}.125}""") + "}}")), StringComparison.Ordinal);

    [Fact]
    public void Thousands_of_values_are_fine_and_cost_as_many_steps()
    {
        string thousand = JsonGrammar.OfSchema(JsonElement.Parse($$"""{"type":"string","pattern":"^v[0-9]+$","enum":[{{Many(1_000, i => $"\"v{i}\"")}}]}"""));
        string many = JsonGrammar.OfSchema(JsonElement.Parse($$"""{"enum":[{{Many(19_000, i => $"\"v{i}\"")}}]}"""));

        Assert.InRange(thousand.Length, 1_000, 30_000);
        Assert.InRange(many.Length, 19_000, 500_000);
    }

    [Fact]
    public void Values_that_are_compared_with_each_other() =>
        Refusal($$"""{"allOf":[{"enum":[{{Many(4_000, i => $"[{i}]")}}]},{"enum":[{{Many(4_000, i => $"[{i}]")}}]}]}""");
}
