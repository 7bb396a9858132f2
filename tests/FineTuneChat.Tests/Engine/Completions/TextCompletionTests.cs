using System.Text;
using System.Text.Json.Nodes;

namespace FineTuneChat.Tests.Engine.Completions;

/// <summary>Going on with a text, against a real engine process.</summary>
public sealed class TextCompletionTests(TestEngine engine) : IClassFixture<TestEngine>
{
    [Fact]
    public async Task A_completion_goes_on_with_a_text_or_with_its_tokens()
    {
        JsonNode text = await engine.CompleteAsync("\"hello\"");
        JsonNode tokens = await engine.CompleteAsync("[104,101,108,108,111]");
        JsonNode echo = await engine.CompleteAsync("\"hello\"", "\"echo\":true");

        Assert.StartsWith("cmpl-", (string)text["id"]!, StringComparison.Ordinal);
        Assert.Equal(("text_completion", "assistant@3", "length"),
            ((string)text["object"]!, (string)text["model"]!, (string)text["choices"]![0]!["finish_reason"]!));
        Assert.Equal((5, 10), ((int)text["usage"]!["prompt_tokens"]!, (int)text["usage"]!["completion_tokens"]!));
        Assert.Equal(10, (int)text["timings"]!["predicted_n"]!);
        Assert.Equal(TestEngine.Texts(text), TestEngine.Texts(tokens));
        Assert.Equal("hello" + TestEngine.Texts(text)[0], TestEngine.Texts(echo)[0]);
        // OpenAI's default
        Assert.Equal(16, (int)(await engine.AnswerAsync("/v1/completions", """{"prompt":"a","ignore_eos":true}"""))["usage"]!["completion_tokens"]!);
    }

    [Fact]
    public async Task Several_prompts_and_several_replies_to_each_are_numbered_through()
    {
        string one = TestEngine.Texts(await engine.CompleteAsync("\"one\""))[0], two = TestEngine.Texts(await engine.CompleteAsync("\"two\""))[0];

        JsonNode both = await engine.CompleteAsync("[\"one\",\"two\"]", "\"n\":2,\"logprobs\":2");
        JsonNode ids = await engine.CompleteAsync("[[111,110,101],[116,119,111]]");

        Assert.Equal([one, one, two, two], TestEngine.Texts(both));
        Assert.Equal([0, 1, 2, 3], both["choices"]!.AsArray().Select(c => (int)c!["index"]!));
        Assert.Equal((6, 40), ((int)both["usage"]!["prompt_tokens"]!, (int)both["usage"]!["completion_tokens"]!));
        Assert.Equal([one, two], TestEngine.Texts(ids));
        JsonNode logprobs = both["choices"]![3]!["logprobs"]!;
        Assert.All((string[])["tokens", "token_logprobs", "top_logprobs", "text_offset"], list => Assert.Equal(10, logprobs[list]!.AsArray().Count));
        Assert.Equal(0, (int)logprobs["text_offset"]![0]!);
    }

    [Fact]
    public async Task A_streamed_completion_has_the_shape_and_the_text_of_the_plain_one()
    {
        string plain = TestEngine.Texts(await engine.CompleteAsync("\"hello\"", "\"echo\":true"))[0];

        using HttpResponseMessage response = await engine.Http.PostAsync("/v1/completions", new StringContent(
            """{"prompt":"hello","temperature":0,"ignore_eos":true,"max_tokens":10,"echo":true,"stream":true,"stream_options":{"include_usage":true}}""",
                Encoding.UTF8, "application/json"));
        string[] events = (await response.Content.ReadAsStringAsync()).Split("\n\n", StringSplitOptions.RemoveEmptyEntries);
        JsonNode[] chunks = [.. events[..^1].Select(e => JsonNode.Parse(e["data: ".Length..])!)];

        Assert.Equal("data: [DONE]", events[^1]);
        Assert.Equal(plain, string.Concat(chunks.SelectMany(TestEngine.Texts)));
        Assert.All(chunks, c => Assert.Equal("text_completion", (string)c["object"]!));
        Assert.Equal("length", (string)chunks[^2]["choices"]![0]!["finish_reason"]!);
        Assert.Equal(10, (int)chunks[^1]["usage"]!["completion_tokens"]!);
    }

    [Theory]
    [InlineData("""{"prompt":"a","suffix":"b"}""", "suffix", "unsupported_parameter")]
    [InlineData("""{"prompt":"a","best_of":3}""", "best_of", "unsupported_parameter")]
    [InlineData("""{"prompt":"a","echo":true,"logprobs":1}""", "logprobs", "unsupported_parameter")]
    [InlineData("""{"prompt":"a","messages":[]}""", "messages", "unknown_parameter")]
    [InlineData("""{"prompt":"a","stream":true,"stream_options":{"include_usages":true}}""", "stream_options.include_usages", "unknown_parameter")]
    [InlineData("""{}""", "prompt", "missing_required_parameter")]
    [InlineData("""{"prompt":""}""", "prompt", "invalid_value")]
    [InlineData("""{"prompt":[]}""", "prompt", "invalid_value")]
    [InlineData("""{"prompt":[1,-1]}""", "prompt", "invalid_value")]
    [InlineData("""{"prompt":[[99999]]}""", "prompt", "invalid_value")]
    [InlineData("""{"prompt":["a",7]}""", "prompt[1]", "invalid_value")]
    [InlineData("""{"prompt":["a","b"],"n":100}""", "prompt", "invalid_value")]
    public async Task A_bad_completion_request_is_refused_by_the_parameters_name(string json, string param, string code)
    {
        (int status, JsonNode body) = await engine.PostAsync("/v1/completions", json);

        Assert.Equal((400, param, code), (status, (string)body["error"]!["param"]!, (string)body["error"]!["code"]!));
    }
}
