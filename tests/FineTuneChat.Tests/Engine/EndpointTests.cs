using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Tests.Engine;

/// <summary>The engine's routes beside chat, against a real engine process.</summary>
public sealed class EndpointTests(TestEngine engine) : IClassFixture<TestEngine>
{
    private async Task<(int Status, JsonNode Body)> PostAsync(string path, string json)
    {
        using HttpResponseMessage response = await engine.Http.PostAsync(path, new StringContent(json, Encoding.UTF8, "application/json"));
        return ((int)response.StatusCode, JsonNode.Parse(await response.Content.ReadAsStringAsync())!);
    }

    private async Task<JsonNode> AnswerAsync(string path, string json)
    {
        (int status, JsonNode body) = await PostAsync(path, json);
        Assert.True(status == 200, body.ToJsonString());
        return body;
    }

    private async Task<JsonNode> CompleteAsync(string prompt, string more = "") =>
        await AnswerAsync("/v1/completions", $$"""{"prompt":{{prompt}},"temperature":0,"ignore_eos":true,"max_tokens":10{{(more.Length > 0 ? "," + more : "")}}}""");

    private static string[] Texts(JsonNode completion) => [.. completion["choices"]!.AsArray().Select(c => (string)c!["text"]!)];

    [Fact]
    public async Task A_completion_goes_on_with_a_text_or_with_its_tokens()
    {
        JsonNode text = await CompleteAsync("\"hello\"");
        JsonNode tokens = await CompleteAsync("[104,101,108,108,111]");
        JsonNode echo = await CompleteAsync("\"hello\"", "\"echo\":true");

        Assert.StartsWith("cmpl-", (string)text["id"]!, StringComparison.Ordinal);
        Assert.Equal(("text_completion", "assistant@3", "length"), ((string)text["object"]!, (string)text["model"]!, (string)text["choices"]![0]!["finish_reason"]!));
        Assert.Equal((5, 10), ((int)text["usage"]!["prompt_tokens"]!, (int)text["usage"]!["completion_tokens"]!));
        Assert.Equal(10, (int)text["timings"]!["predicted_n"]!);
        Assert.Equal(Texts(text), Texts(tokens));
        Assert.Equal("hello" + Texts(text)[0], Texts(echo)[0]);
        Assert.Equal(16, (int)(await AnswerAsync("/v1/completions", """{"prompt":"a","ignore_eos":true}"""))["usage"]!["completion_tokens"]!); // OpenAI's default
    }

    [Fact]
    public async Task Several_prompts_and_several_replies_to_each_are_numbered_through()
    {
        string one = Texts(await CompleteAsync("\"one\""))[0], two = Texts(await CompleteAsync("\"two\""))[0];

        JsonNode both = await CompleteAsync("[\"one\",\"two\"]", "\"n\":2,\"logprobs\":2");
        JsonNode ids = await CompleteAsync("[[111,110,101],[116,119,111]]");

        Assert.Equal([one, one, two, two], Texts(both));
        Assert.Equal([0, 1, 2, 3], both["choices"]!.AsArray().Select(c => (int)c!["index"]!));
        Assert.Equal((6, 40), ((int)both["usage"]!["prompt_tokens"]!, (int)both["usage"]!["completion_tokens"]!));
        Assert.Equal([one, two], Texts(ids));
        JsonNode logprobs = both["choices"]![3]!["logprobs"]!;
        Assert.All((string[])["tokens", "token_logprobs", "top_logprobs", "text_offset"], list => Assert.Equal(10, logprobs[list]!.AsArray().Count));
        Assert.Equal(0, (int)logprobs["text_offset"]![0]!);
    }

    [Fact]
    public async Task A_streamed_completion_has_the_shape_and_the_text_of_the_plain_one()
    {
        string plain = Texts(await CompleteAsync("\"hello\"", "\"echo\":true"))[0];

        using HttpResponseMessage response = await engine.Http.PostAsync("/v1/completions", new StringContent(
            """{"prompt":"hello","temperature":0,"ignore_eos":true,"max_tokens":10,"echo":true,"stream":true,"stream_options":{"include_usage":true}}""", Encoding.UTF8, "application/json"));
        string[] events = (await response.Content.ReadAsStringAsync()).Split("\n\n", StringSplitOptions.RemoveEmptyEntries);
        JsonNode[] chunks = [.. events[..^1].Select(e => JsonNode.Parse(e["data: ".Length..])!)];

        Assert.Equal("data: [DONE]", events[^1]);
        Assert.Equal(plain, string.Concat(chunks.SelectMany(Texts)));
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
    [InlineData("""{}""", "prompt", "invalid_value")]
    [InlineData("""{"prompt":""}""", "prompt", "invalid_value")]
    [InlineData("""{"prompt":[]}""", "prompt", "invalid_value")]
    [InlineData("""{"prompt":[1,-1]}""", "prompt", "invalid_value")]
    [InlineData("""{"prompt":[[99999]]}""", "prompt", "invalid_value")]
    [InlineData("""{"prompt":["a",7]}""", "prompt[1]", "invalid_value")]
    [InlineData("""{"prompt":["a","b"],"n":100}""", "prompt", "invalid_value")]
    public async Task A_bad_completion_request_is_refused_by_the_parameters_name(string json, string param, string code)
    {
        (int status, JsonNode body) = await PostAsync("/v1/completions", json);

        Assert.Equal((400, param, code), (status, (string)body["error"]!["param"]!, (string)body["error"]!["code"]!));
    }

    [Fact]
    public async Task Text_becomes_tokens_and_tokens_text()
    {
        Assert.Equal("""{"tokens":[104,105,258]}""", (await AnswerAsync("/tokenize", """{"content":"hi<|im_end|>"}""")).ToJsonString());
        Assert.Equal(12, (await AnswerAsync("/tokenize", """{"content":"hi<|im_end|>","parse_special":false}"""))["tokens"]!.AsArray().Count);
        JsonNode pieces = await AnswerAsync("/tokenize", """{"content":"é","with_pieces":true}""");
        Assert.Equal("""[{"id":195,"piece":[195]},{"id":169,"piece":[169]}]""", pieces["tokens"]!.ToJsonString());
        Assert.Equal("hi<|im_end|>é", (string)(await AnswerAsync("/detokenize", """{"tokens":[104,105,258,195,169]}"""))["content"]!);
        Assert.Equal(400, (await PostAsync("/detokenize", """{"tokens":[260]}""")).Status);
        Assert.Equal(400, (await PostAsync("/detokenize", """{"tokens":["a"]}""")).Status);
        Assert.Equal(400, (await PostAsync("/tokenize", "{}")).Status);
        Assert.Equal(400, (await PostAsync("/tokenize", """{"content":"a","add_bos":true}""")).Status);
    }

    [Fact]
    public async Task The_template_can_be_applied_and_its_prompt_completed()
    {
        JsonNode prompt = await AnswerAsync("/apply-template", """{"messages":[{"role":"user","content":"hello"}]}""");
        JsonNode bare = await AnswerAsync("/apply-template", """{"messages":[{"role":"user","content":"hello"}],"add_generation_prompt":false}""");

        Assert.Equal("<|im_start|>user\nhello<|im_end|>\n<|im_start|>assistant\n", (string)prompt["prompt"]!);
        Assert.Equal("<|im_start|>user\nhello<|im_end|>\n", (string)bare["prompt"]!);
        string chat = TestEngine.TextOf(await engine.AnswerAsync(TestEngine.Ask("hello", "\"max_tokens\":10,\"ignore_eos\":true")));
        Assert.Equal(chat, Texts(await CompleteAsync(prompt["prompt"]!.ToJsonString()))[0]);
        Assert.Equal(400, (await PostAsync("/apply-template", """{"messages":[]}""")).Status);
    }

    [Fact]
    public async Task Embeddings_are_of_length_1_and_of_the_texts_own()
    {
        JsonNode list = await AnswerAsync("/v1/embeddings", """{"input":["first text","second text","first text"],"model":"assistant"}""");
        float[][] vectors = [.. list["data"]!.AsArray().Select(d => d!["embedding"]!.AsArray().Select(n => (float)n!).ToArray())];

        Assert.Equal(("list", "embedding", "assistant@3"), ((string)list["object"]!, (string)list["data"]![0]!["object"]!, (string)list["model"]!));
        Assert.Equal([0, 1, 2], list["data"]!.AsArray().Select(d => (int)d!["index"]!));
        Assert.All(vectors, v => Assert.Equal((64, 1), (v.Length, v.Sum(x => x * x)), (a, b) => a.Item1 == b.Item1 && Math.Abs(a.Item2 - b.Item2) < 1e-4));
        Assert.Equal(vectors[0], vectors[2]);
        Assert.NotEqual(vectors[0], vectors[1]);
        Assert.Equal(31, (int)list["usage"]!["prompt_tokens"]!);
        Assert.Equal(31, (int)list["usage"]!["total_tokens"]!);
    }

    [Fact]
    public async Task Embeddings_come_in_base64_shortened_and_from_tokens()
    {
        float[] whole = Floats(await AnswerAsync("/v1/embeddings", """{"input":"hi","encoding_format":"base64"}"""));
        float[] tokens = Floats(await AnswerAsync("/v1/embeddings", """{"input":[104,105],"encoding_format":"base64"}"""));
        float[] some = Floats(await AnswerAsync("/v1/embeddings", """{"input":[[104,105]],"encoding_format":"base64","dimensions":8}"""));

        Assert.Equal(whole, tokens);
        double length = Math.Sqrt(whole[..8].Sum(x => (double)x * x));
        Assert.Equal(whole[..8].Select(x => x / length), some.Select(x => (double)x), (a, b) => Math.Abs(a - b) < 1e-5);

        static float[] Floats(JsonNode list) => System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(Convert.FromBase64String((string)list["data"]![0]!["embedding"]!)).ToArray();
    }

    [Theory]
    [InlineData("""{"input":"a","dimensions":65}""", "dimensions")]
    [InlineData("""{"input":"a","dimensions":0}""", "dimensions")]
    [InlineData("""{"input":"a","encoding_format":"hex"}""", "encoding_format")]
    [InlineData("""{"input":[]}""", "input")]
    [InlineData("""{"input":["a",""]}""", "input[1]")]
    [InlineData("""{"input":{"text":"a"}}""", "input")]
    [InlineData("""{"prompt":"a"}""", "prompt")]
    public async Task A_bad_embeddings_request_is_refused_by_the_parameters_name(string json, string param)
    {
        (int status, JsonNode body) = await PostAsync("/v1/embeddings", json);

        Assert.Equal((400, param), (status, (string)body["error"]!["param"]!));
    }

    [Fact]
    public async Task A_text_longer_than_the_context_is_refused_with_both_counts()
    {
        (int status, JsonNode body) = await PostAsync("/v1/embeddings", JsonSerializer.Serialize(new { input = new string('a', 600) }));

        Assert.Equal((400, "context_length_exceeded", "input"), (status, (string)body["error"]!["code"]!, (string)body["error"]!["param"]!));
        Assert.Equal((600, TestEngine.Context), ((int)body["error"]!["n_prompt_tokens"]!, (int)body["error"]!["n_ctx"]!));
    }

    [Fact]
    public async Task Props_say_what_is_served_and_keep_its_folder_to_themselves()
    {
        string text = await engine.Http.GetStringAsync("/props");
        JsonNode props = JsonNode.Parse(text)!;

        Assert.Equal((4, "assistant@3", "tiny.gguf"), ((int)props["total_slots"]!, (string)props["model_alias"]!, (string)props["model_path"]!));
        Assert.Equal((TestEngine.Context, 0.8f), ((int)props["default_generation_settings"]!["n_ctx"]!, (float)props["default_generation_settings"]!["params"]!["temperature"]!));
        Assert.Equal((RandomModel.ChatMl, "<|endoftext|>", "<|im_end|>"), ((string)props["chat_template"]!, (string)props["bos_token"]!, (string)props["eos_token"]!));
        Assert.DoesNotContain(engine.Folder.Path, text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Metrics_count_what_was_done_by_llama_cpps_names()
    {
        Dictionary<string, double> before = await MetricsAsync();
        string prompt = $"\"metrics {Guid.NewGuid()}\"";
        await CompleteAsync(prompt, "\"cache_prompt\":false");
        await CompleteAsync(prompt);

        Dictionary<string, double> after = await MetricsAsync();
        Assert.InRange(Grown("llamacpp:prompt_tokens_total"), 45, 47); // a token is computed again for its logits
        Assert.Equal(43, Grown("finetunechat:cached_prompt_tokens_total"));
        Assert.Equal(20, Grown("llamacpp:tokens_predicted_total"));
        Assert.Equal(2, Grown("finetunechat:time_to_first_token_seconds_count"));
        Assert.Equal(2, Grown("finetunechat:time_to_first_token_seconds_bucket{le=\"+Inf\"}"));
        Assert.True(Grown("llamacpp:n_decode_total") >= 20);
        Assert.InRange(after["llamacpp:kv_cache_usage_ratio"], 0.001, 1);
        await Eventually.TrueAsync(async () => await MetricsAsync() is var now && now["llamacpp:requests_processing"] + now["llamacpp:requests_deferred"] == 0);

        double Grown(string name) => after[name] - before[name];
    }

    private async Task<Dictionary<string, double>> MetricsAsync()
    {
        using HttpResponseMessage response = await engine.Http.GetAsync("/metrics");
        Assert.Equal("text/plain", response.Content.Headers.ContentType!.MediaType);
        return (await response.Content.ReadAsStringAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(l => l[0] != '#')
            .Select(l => l.Split(' ')).ToDictionary(l => l[0], l => double.Parse(l[1], System.Globalization.CultureInfo.InvariantCulture));
    }

    [Theory]
    [InlineData("GET", "/v1/completions", 405)]
    [InlineData("DELETE", "/props", 405)]
    [InlineData("GET", "/tokenize", 405)]
    [InlineData("POST", "/v1/embedding", 404)]
    [InlineData("POST", "/v1/embeddings", 415)]
    public async Task Unknown_paths_and_wrong_methods_answer_in_OpenAIs_shape(string method, string path, int status)
    {
        using HttpResponseMessage response = await engine.Http.SendAsync(new(new HttpMethod(method), path));

        Assert.Equal((HttpStatusCode)status, response.StatusCode);
        Assert.NotNull((await response.Content.ReadFromJsonAsync<JsonNode>())!["error"]!["message"]);
    }
}
