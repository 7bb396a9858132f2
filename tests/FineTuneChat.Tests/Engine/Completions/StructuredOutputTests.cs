using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using FineTuneChat.Tests.Support;
using Xunit.Abstractions;

namespace FineTuneChat.Tests.Engine.Completions;

/// <summary>`response_format`, through a real engine.</summary>
public sealed class StructuredOutputTests(TestEngine engine, ITestOutputHelper output) : IClassFixture<TestEngine>
{
    private const string Colour =
        """{"type":"object","properties":{"colour":{"enum":["red","green"]},"count":{"type":"integer","minimum":1,"maximum":9}},"required":"""
        + """["colour","count"],"additionalProperties":false}""";

    private static string Format(string schema) => $$$"""
        "response_format":{"type":"json_schema","json_schema":{"name":"answer","strict":true,"schema":{{{schema}}}}}
        """;

    private async Task<JsonElement> RefusedAsync(string more)
    {
        using HttpResponseMessage response = await engine.PostAsync(TestEngine.Ask("hello", more));
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        return (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("error");
    }

    [Fact]
    public async Task A_reply_follows_the_schema_streamed_or_not()
    {
        JsonElement reply = await engine.AnswerAsync(TestEngine.Ask("hello", Format(Colour)));
        JsonElement answer = JsonElement.Parse(TestEngine.TextOf(reply));
        using HttpResponseMessage stream = await engine.PostAsync(TestEngine.Ask("hello", Format(Colour) + ",\"stream\":true"));

        Assert.Equal("stop", reply.GetProperty("choices")[0].GetProperty("finish_reason").GetString());
        Assert.Contains(answer.GetProperty("colour").GetString(), new[] { "red", "green" });
        Assert.InRange(answer.GetProperty("count").GetInt32(), 1, 9);
        Assert.Equal(TestEngine.TextOf(reply),
            string.Concat((await SseReader.ChunksAsync(stream)).Select(chunk => (string?)chunk["choices"]![0]!["delta"]!["content"])));
    }

    [Fact]
    public async Task A_reply_is_an_object_or_text()
    {
        JsonElement any = await engine.AnswerAsync(TestEngine.Ask("hello", """ "response_format":{"type":"json_object"},"max_tokens":40"""));
        JsonElement text = await engine.AnswerAsync(TestEngine.Ask("hello", """ "response_format":{"type":"text"},"max_tokens":5"""));

        Assert.StartsWith("{", TestEngine.TextOf(any), StringComparison.Ordinal);
        Assert.DoesNotContain("{", TestEngine.TextOf(text), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_reply_is_one_of_some_texts_or_matches_a_pattern()
    {
        Assert.Contains(TestEngine.TextOf(await engine.AnswerAsync(TestEngine.Ask("hello", """ "guided_choice":["red","green"]"""))), new[] { "red", "green" });
        Assert.Matches("^[0-9]{3}$", TestEngine.TextOf(await engine.AnswerAsync(TestEngine.Ask("hello", """ "guided_regex":"[0-9]{3}" """))));
        Assert.Equal("guided_regex", (await RefusedAsync(""" "guided_regex":"(?=a)" """)).GetProperty("param").GetString());
        Assert.Equal("guided_choice", (await RefusedAsync(""" "guided_choice":[""]""")).GetProperty("param").GetString());
    }

    [Theory]
    [InlineData("""{"type":"object","properties":{"a":{"not":{}}}}""", "#/properties/a/not")]
    [InlineData("""{"type":"string","format":"isbn"}""", "#/format")]
    [InlineData("""{"type":"string","maxLength":1000000000}""", "#/maxLength")]
    public async Task What_cannot_be_enforced_is_refused_by_its_place(string schema, string path)
    {
        JsonElement error = await RefusedAsync(Format(schema));

        Assert.Equal("response_format.json_schema.schema", error.GetProperty("param").GetString());
        Assert.Equal("invalid_json_schema", error.GetProperty("code").GetString());
        Assert.Contains(path, error.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(""" "response_format":{"type":"yaml"}""", "response_format.type")]
    [InlineData(""" "response_format":"json" """, "response_format.type")]
    [InlineData(""" "response_format":{"type":"json_schema"}""", "response_format.json_schema")]
    [InlineData(""" "response_format":{"type":"json_schema","json_schema":{"name":"a b","schema":true}}""", "response_format.json_schema.name")]
    [InlineData(""" "response_format":{"type":"json_object"},"stop":"}" """, "stop")]
    [InlineData(""" "response_format":{"type":"json_object"},"ignore_eos":true""", "ignore_eos")]
    public async Task A_wrong_format_is_refused(string more, string parameter) =>
        Assert.Equal(parameter, (await RefusedAsync(more)).GetProperty("param").GetString());

    [Fact]
    public async Task The_engine_survives_hostile_schemas()
    {
        (string Name, string Schema)[] hostile =
        [
            ("60,000 nested arrays", string.Concat(Enumerable.Repeat("""{"type":"array","items":""", 60_000)) + "true" + new string('}', 60_000)),
            ("10,000 properties", """{"type":"object","properties":{""" + string.Join(',', Enumerable.Range(0, 10_000).Select(i => $"\"p{i}\":true")) + "}}"),
            ("2,000 optional properties", """{"type":"object","properties":{""" + string.Join(',', Enumerable.Range(0, 2_000).Select(i => $"\"p{i}\":true"))
                + "}}"),
            ("maxLength 1e9", """{"type":"string","maxLength":1000000000}"""),
            .. from pattern in (string[])["(a|b|c|d|e|f|g|h|i|j|k|l){0,1000}", ".*a.{20}", "^(a?){9999}$", "(foo|bar|baz|qux){0,2000}",
                "^((a{100}){100}){100}$"]
               select ($"pattern {pattern}", $$"""{"type":"string","pattern":"{{pattern}}"}"""),
        ];
        await RefusedAsync(Format("""{"type":"string","pattern":"^(a|b)*a(a|b){18}$"}""")); // what is done first is compiled

        foreach ((string name, string schema) in hostile)
        {
            var clock = Stopwatch.StartNew();
            await RefusedAsync(Format(schema));
            output.WriteLine($"{clock.Elapsed.TotalMilliseconds:0} ms: {name}");
        }

        Assert.NotEmpty(TestEngine.TextOf(await engine.AnswerAsync(TestEngine.Ask("hello", "\"max_tokens\":3"))));
    }
}
