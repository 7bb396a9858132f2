using System.Net;
using System.Text.Json;

namespace FineTuneChat.Tests.Engine.Completions;

/// <summary>The engine's wire format, against a real engine process.</summary>
public sealed class ChatCompletionTests(TestEngine engine) : IClassFixture<TestEngine>
{
    private async Task<List<JsonElement>> StreamAsync(string json)
    {
        using HttpResponseMessage response = await engine.PostAsync(json);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType!.MediaType);
        string[] events = (await response.Content.ReadAsStringAsync()).Split("\n\n");
        Assert.Equal(["data: [DONE]", ""], events[^2..]);
        return [.. events[..^2].Select(e => JsonSerializer.Deserialize<JsonElement>(e["data: ".Length..]))];
    }

    private static JsonElement Choice(JsonElement chunk) => chunk.GetProperty("choices")[0];

    private static string? Content(JsonElement chunk) =>
        Choice(chunk).GetProperty("delta").TryGetProperty("content", out JsonElement text) ? text.GetString() : null;

    [Fact]
    public async Task A_reply_has_OpenAIs_shape_with_version_usage_and_timings()
    {
        JsonElement reply = await engine.AnswerAsync(TestEngine.Ask("hello", "\"max_tokens\":7,\"ignore_eos\":true"));

        Assert.StartsWith("chatcmpl-", reply.GetProperty("id").GetString(), StringComparison.Ordinal);
        Assert.Equal("chat.completion", reply.GetProperty("object").GetString());
        Assert.Equal(("assistant@3", "assistant@3"), (reply.GetProperty("model").GetString(), reply.GetProperty("system_fingerprint").GetString()));
        Assert.Equal("length", Choice(reply).GetProperty("finish_reason").GetString());
        Assert.Equal(JsonValueKind.Null, Choice(reply).GetProperty("logprobs").ValueKind);
        Assert.Equal("assistant", Choice(reply).GetProperty("message").GetProperty("role").GetString());
        int prompt = "<s>user\nhello<e>\n<s>assistant\n".Replace("<s>", "x").Replace("<e>", "x").Length; // one token per byte, control tokens too
        Assert.Equal((prompt, 7, prompt + 7), (Usage("prompt_tokens"), Usage("completion_tokens"), Usage("total_tokens")));
        Assert.Equal(prompt, Timing("prompt_n") + Timing("cache_n"));
        Assert.Equal(reply.GetProperty("usage").GetProperty("prompt_tokens_details").GetProperty("cached_tokens").GetInt32(), Timing("cache_n"));
        Assert.Equal(7, Timing("predicted_n"));

        int Usage(string name) => reply.GetProperty("usage").GetProperty(name).GetInt32();
        int Timing(string name) => reply.GetProperty("timings").GetProperty(name).GetInt32();
    }

    [Fact]
    public async Task A_stream_has_the_role_first_the_reason_last_and_the_text_of_the_plain_reply_between()
    {
        string request = TestEngine.Ask("hello", "\"max_tokens\":40");
        string plain = TestEngine.TextOf(await engine.AnswerAsync(request));

        List<JsonElement> chunks = await StreamAsync(request.Replace("\"temperature\":0", "\"temperature\":0,\"stream\":true"));

        Assert.Equal(("assistant", ""), (Choice(chunks[0]).GetProperty("delta").GetProperty("role").GetString(), Content(chunks[0])));
        Assert.Equal(plain, string.Concat(chunks.Select(Content)));
        Assert.Equal("{}", Choice(chunks[^1]).GetProperty("delta").GetRawText());
        Assert.Contains(Choice(chunks[^1]).GetProperty("finish_reason").GetString(), new[] { "stop", "length" });
        Assert.True(chunks[^1].TryGetProperty("timings", out _));
        Assert.All(chunks[..^1], c => Assert.Equal(JsonValueKind.Null, Choice(c).GetProperty("finish_reason").ValueKind));
        Assert.All(chunks, c => Assert.False(c.TryGetProperty("usage", out _)));
        Assert.Single(chunks.Select(c => c.GetProperty("id").GetString()).Distinct());
        Assert.Single(chunks.Select(c => c.GetProperty("created").GetInt64()).Distinct());
        Assert.DoesNotContain(chunks[1..], c => Choice(c).GetProperty("delta").TryGetProperty("role", out _));
    }

    [Fact]
    public async Task Usage_comes_in_a_last_chunk_without_choices_when_asked_for()
    {
        List<JsonElement> chunks = await StreamAsync(
            TestEngine.Ask("hello", "\"max_tokens\":5,\"ignore_eos\":true,\"stream\":true,\"stream_options\":{\"include_usage\":true}"));

        Assert.Equal(0, chunks[^1].GetProperty("choices").GetArrayLength());
        Assert.Equal(5, chunks[^1].GetProperty("usage").GetProperty("completion_tokens").GetInt32());
        Assert.All(chunks[..^1], c => Assert.Equal(JsonValueKind.Null, c.GetProperty("usage").ValueKind));
    }

    [Fact]
    public async Task Eight_at_a_time_write_what_each_writes_alone()
    {
        string[] requests = [.. Enumerable.Range(0, 8).Select(i => TestEngine.Ask(new string((char)('a' + i), 1 + (i * 11)), "\"max_tokens\":32"))];
        var alone = new List<string>();
        foreach (string request in requests)
            alone.Add(TestEngine.TextOf(await engine.AnswerAsync(request)));

        JsonElement[] together = await Task.WhenAll(requests.Select(engine.AnswerAsync));

        Assert.Equal(alone, together.Select(TestEngine.TextOf));
    }

    [Fact]
    public async Task A_seed_repeats_a_reply()
    {
        string request = TestEngine.Ask("hello", "\"max_tokens\":20,\"seed\":5").Replace("\"temperature\":0", "\"temperature\":1.5");
        string first = TestEngine.TextOf(await engine.AnswerAsync(request));

        Assert.Equal(first, TestEngine.TextOf(await engine.AnswerAsync(request)));
        Assert.NotEqual(first, TestEngine.TextOf(await engine.AnswerAsync(request.Replace("\"seed\":5", "\"seed\":6"))));
    }

    [Fact]
    public async Task A_stop_text_ends_the_reply_before_it()
    {
        string whole = TestEngine.TextOf(await engine.AnswerAsync(TestEngine.Ask("hello", "\"max_tokens\":40,\"ignore_eos\":true")));
        string stop = whole[(whole.Length / 2)..(whole.Length / 2 + 2)];

        JsonElement reply = await engine.AnswerAsync(
            TestEngine.Ask("hello", $"\"max_tokens\":40,\"ignore_eos\":true,\"stop\":{JsonSerializer.Serialize(stop)}"));

        Assert.Equal(whole[..whole.IndexOf(stop, StringComparison.Ordinal)], TestEngine.TextOf(reply));
        Assert.Equal("stop", Choice(reply).GetProperty("finish_reason").GetString());
    }

    [Fact]
    public async Task A_second_turn_reuses_the_first_and_says_so()
    {
        JsonElement first = await engine.AnswerAsync(TestEngine.Ask("what is reused", "\"max_tokens\":20,\"ignore_eos\":true"));
        string question = JsonSerializer.Serialize("what is reused"), answer = JsonSerializer.Serialize(TestEngine.TextOf(first));
        string messages = $$"""[{"role":"user","content":{{question}}},{"role":"assistant","content":{{answer}}},{"role":"user","content":"and now?"}]""";
        string second = $$"""{"messages":{{messages}},"temperature":0,"max_tokens":20,"ignore_eos":true""";

        JsonElement reused = await engine.AnswerAsync(second + "}");
        JsonElement anew = await engine.AnswerAsync(second + ",\"cache_prompt\":false}");

        int shared = first.GetProperty("usage").GetProperty("prompt_tokens").GetInt32();
        Assert.InRange(Cached(reused), shared, Usage(reused) - 1);
        Assert.Equal(0, Cached(anew));
        Assert.Equal(TestEngine.TextOf(anew), TestEngine.TextOf(reused));

        static int Usage(JsonElement reply) => reply.GetProperty("usage").GetProperty("prompt_tokens").GetInt32();
        static int Cached(JsonElement reply) => reply.GetProperty("usage").GetProperty("prompt_tokens_details").GetProperty("cached_tokens").GetInt32();
    }

    [Fact]
    public async Task Several_replies_come_by_their_index_and_are_the_same_streamed()
    {
        // not reused: the same batches give the same figures
        string request = TestEngine.Ask("hello",
            "\"max_tokens\":12,\"n\":3,\"seed\":4,\"ignore_eos\":true,\"top_k\":0,\"top_p\":1,\"min_p\":0,\"cache_prompt\":false").Replace(
            "\"temperature\":0", "\"temperature\":2");
        JsonElement whole = await engine.AnswerAsync(request);
        List<JsonElement> chunks = await StreamAsync(request.Replace("\"n\":3", "\"n\":3,\"stream\":true"));

        string[] texts = [.. whole.GetProperty("choices").EnumerateArray().Select(c => c.GetProperty("message").GetProperty("content").GetString()!)];
        Assert.Equal([0, 1, 2], whole.GetProperty("choices").EnumerateArray().Select(c => c.GetProperty("index").GetInt32()));
        Assert.Equal(3, texts.Distinct().Count());
        Assert.Equal(36, whole.GetProperty("usage").GetProperty("completion_tokens").GetInt32());
        for (int choice = 0; choice < 3; choice++)
        {
            JsonElement[] own = [.. chunks.Where(c => Choice(c).GetProperty("index").GetInt32() == choice)];
            Assert.Equal(texts[choice], string.Concat(own.Select(Content)));
            Assert.Equal("assistant", Choice(own[0]).GetProperty("delta").GetProperty("role").GetString());
            Assert.Equal("length", Choice(own[^1]).GetProperty("finish_reason").GetString());
        }
    }

    [Fact]
    public async Task Probabilities_name_each_token_with_its_bytes_and_the_likeliest_beside_it()
    {
        string request = TestEngine.Ask("hello", "\"max_tokens\":20,\"ignore_eos\":true,\"logprobs\":true,\"top_logprobs\":3");
        JsonElement reply = await engine.AnswerAsync(request);
        List<JsonElement> chunks = await StreamAsync(request.Replace("\"temperature\":0", "\"temperature\":0,\"stream\":true"));

        JsonElement[] tokens = [.. Choice(reply).GetProperty("logprobs").GetProperty("content").EnumerateArray()];
        byte[] bytes = [.. tokens.SelectMany(t => t.GetProperty("bytes").EnumerateArray().Select(b => b.GetByte()))];
        Assert.Equal(20, tokens.Length);
        Assert.StartsWith(TestEngine.TextOf(reply), System.Text.Encoding.UTF8.GetString(bytes), StringComparison.Ordinal);
        Assert.All(tokens, t =>
        {
            double[] top = [.. t.GetProperty("top_logprobs").EnumerateArray().Select(l => l.GetProperty("logprob").GetDouble())];
            Assert.Equal(top.OrderDescending(), top);
            Assert.Equal((3, top[0]), (top.Length, t.GetProperty("logprob").GetDouble())); // greedy: the likeliest was picked
            Assert.InRange(t.GetProperty("logprob").GetDouble(), -20, 0);
        });
        Assert.Equal(
            tokens.Select(t => t.GetProperty("token").GetString()),
            chunks.Where(c => Choice(c).TryGetProperty("logprobs", out _)).SelectMany(
                c => Choice(c).GetProperty("logprobs").GetProperty("content").EnumerateArray().Select(t => t.GetProperty("token").GetString())));
    }

    [Theory]
    [InlineData("\"dry_multiplier\":0.8,\"dry_base\":2,\"dry_allowed_length\":1,\"dry_penalty_last_n\":100,\"dry_sequence_breakers\":[\"\\n\",\"→\"]")]
    [InlineData("\"xtc_probability\":1,\"xtc_threshold\":0.05")]
    [InlineData("\"mirostat\":1,\"mirostat_tau\":2,\"mirostat_eta\":0.5")]
    [InlineData("\"mirostat\":2")]
    [InlineData("\"typical_p\":0.5,\"top_k\":5,\"min_p\":0.01,\"top_p\":0.9")]
    [InlineData("\"repeat_penalty\":1.3,\"repeat_last_n\":10,\"frequency_penalty\":1,\"presence_penalty\":-1")]
    public async Task Every_way_of_sampling_is_taken_by_llama_servers_names(string parameters)
    {
        JsonElement reply = await engine.AnswerAsync(TestEngine.Ask("hello", $"\"max_tokens\":30,\"ignore_eos\":true,{parameters}")
            .Replace("\"temperature\":0", "\"temperature\":1"));

        Assert.Equal(30, reply.GetProperty("usage").GetProperty("completion_tokens").GetInt32());
    }

    [Fact]
    public async Task Text_that_looks_like_a_control_token_stays_text()
    {
        JsonElement plain = await engine.AnswerAsync(TestEngine.Ask("aaaaaaaaaa", "\"max_tokens\":1"));
        JsonElement lookAlike = await engine.AnswerAsync(TestEngine.Ask("<|im_end|>", "\"max_tokens\":1"));

        Assert.Equal(plain.GetProperty("usage").GetProperty("prompt_tokens").GetInt32(), lookAlike.GetProperty("usage").GetProperty("prompt_tokens")
            .GetInt32());
    }

    [Theory]
    [InlineData("""{"messages":[]}""", 400, "messages", "empty_array")]
    [InlineData("""{"messages":[{"role":"user","content":"a"}],"temperature":"hot"}""", 400, "temperature", "invalid_type")]
    [InlineData("""{"messages":[{"role":"user","content":"a"}],"grammar":"root ::= x"}""", 400, "grammar", "unknown_parameter")]
    [InlineData("""{"messages":[{"role":"user","content":"a"}],"logit_bias":{"99999":5}}""", 400, "logit_bias", "invalid_value")]
    [InlineData("""{"messages":[{"role":"user","content":"a"}],"model":"other"}""", 404, "model", "model_not_found")]
    [InlineData("""{"messages":""", 400, null, "invalid_json")]
    public async Task A_bad_request_is_refused_in_OpenAIs_shape(string json, int status, string? param, string code)
    {
        using HttpResponseMessage response = await engine.PostAsync(json);
        JsonElement error = JsonSerializer.Deserialize<JsonElement>(await response.Content.ReadAsStringAsync()).GetProperty("error");

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal((param, code), (error.GetProperty("param").GetString(), error.GetProperty("code").GetString()));
        Assert.Equal("invalid_request_error", error.GetProperty("type").GetString());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_overlong_prompt_is_a_400_with_both_counts_even_when_streamed(bool stream)
    {
        using HttpResponseMessage response = await engine.PostAsync(TestEngine.Ask(new string('a', 600), stream ? "\"stream\":true" : ""));
        JsonElement error = JsonSerializer.Deserialize<JsonElement>(await response.Content.ReadAsStringAsync()).GetProperty("error");

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("context_length_exceeded", error.GetProperty("code").GetString());
        Assert.Equal(TestEngine.Context, error.GetProperty("n_ctx").GetInt32());
        Assert.InRange(error.GetProperty("n_prompt_tokens").GetInt32(), 600, 650);
    }

    [Theory]
    [InlineData("GET", "/v1/nothing", 404)]
    [InlineData("GET", "/v1/chat/completions", 405)]
    [InlineData("GET", "/v1/models/other%2Fname", 404)]
    [InlineData("POST", "/v1/chat/completions", 415)]
    public async Task Unknown_paths_and_wrong_methods_answer_in_OpenAIs_shape(string method, string path, int status)
    {
        using HttpResponseMessage response = await engine.Http.SendAsync(new(new HttpMethod(method), path));

        Assert.Equal(status, (int)response.StatusCode);
        Assert.False(
            string.IsNullOrEmpty(JsonSerializer.Deserialize<JsonElement>(await response.Content.ReadAsStringAsync()).GetProperty("error")
            .GetProperty("message").GetString()));
    }

    [Fact]
    public async Task The_model_is_listed_by_its_alias_and_not_by_its_path()
    {
        string list = await engine.Http.GetStringAsync("/v1/models");

        Assert.Contains("\"id\":\"assistant@3\"", list, StringComparison.Ordinal);
        Assert.DoesNotContain(engine.Folder.Path, list, StringComparison.Ordinal);
        Assert.Contains("assistant@3", await engine.Http.GetStringAsync("/v1/models/assistant@3"), StringComparison.Ordinal);
        Assert.Equal("""{"status":"ok"}""", await engine.Http.GetStringAsync("/health"));
    }

    [Fact]
    public async Task Threads_can_be_changed_while_it_runs()
    {
        string before = TestEngine.TextOf(await engine.AnswerAsync(TestEngine.Ask("hello", "\"max_tokens\":3")));
        using HttpResponseMessage changed = await engine.Http.PostAsync("/internal/threads", new StringContent("""{"threads":2}""", null, "application/json"));
        string after = TestEngine.TextOf(await engine.AnswerAsync(TestEngine.Ask("hello", "\"max_tokens\":3")));
        using HttpResponseMessage restored = await engine.Http.PostAsync("/internal/threads", new StringContent("""{"threads":1}""", null, "application/json"));
        using HttpResponseMessage refused = await engine.Http.PostAsync("/internal/threads", new StringContent("""{"threads":0}""", null, "application/json"));

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.BadRequest), (changed.StatusCode, restored.StatusCode, refused.StatusCode));
        Assert.Equal(before, after);
    }

    [Fact]
    public void Only_the_user_may_open_the_socket() =>
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, OperatingSystem.IsWindows() ? UnixFileMode.UserRead | UnixFileMode.UserWrite
            : File.GetUnixFileMode(engine.Socket));

    [Fact]
    public void What_is_served_and_with_which_settings_is_printed()
    {
        string output = engine.Process.Output;
        Assert.Contains($"from {engine.Model}", output, StringComparison.Ordinal);
        Assert.Contains("512 tokens for one request", output, StringComparison.Ordinal);
        Assert.Contains("1 thread,", output, StringComparison.Ordinal);
        Assert.Matches(@"memory +about \d.*iB of \d.*iB available", output);
    }
}
