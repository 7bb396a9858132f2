using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using FineTuneChat.Tests.Support;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Tests.Engine.Completions;

/// <summary>What clients see of tokens that are computed ahead: their counts, and nothing else. A real engine process that drafts whenever it can.</summary>
[Trait(Tier.Name, Tier.Slow)]
public sealed class SpeculationTests : IAsyncLifetime
{
    private const int Letters = 60;

    private readonly TemporaryFolder _folder = new();
    private ProgramProcess _process = null!;
    private HttpClient _http = null!;

    public async Task InitializeAsync()
    {
        string model = RandomModel.Write(_folder["tiny.gguf"]);
        _process = ProgramProcess.Start("engine", "--model", model, "--socket", _folder["s"], "--threads", "1", "--supervised", "--speculation", "on");
        await _process.LineAsync("serving tiny");
        _http = TestEngine.Client(_folder["s"]);
    }

    public async Task DisposeAsync()
    {
        _http.Dispose();
        await _process.DisposeAsync();
        _folder.Dispose();
    }

    private static JsonObject Body(object? prediction = null, int? most = null, bool stream = false)
    {
        var body = new JsonObject
        {
            ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = "Write letters." }),
            ["temperature"] = 0,
            ["guided_regex"] = $"[a-h]{{{Letters}}}",
            ["cache_prompt"] = false,
        };
        if (prediction is not null)
            body["prediction"] = System.Text.Json.JsonSerializer.SerializeToNode(prediction);
        if (most is { } n)
            body["speculative.n_max"] = n;
        if (stream)
            (body["stream"], body["stream_options"]) = (true, new JsonObject { ["include_usage"] = true });
        return body;
    }

    private async Task<(int Status, JsonNode Reply)> PostAsync(JsonObject body)
    {
        using HttpResponseMessage response = await _http.PostAsJsonAsync("/v1/chat/completions", body);
        return ((int)response.StatusCode, JsonNode.Parse(await response.Content.ReadAsStringAsync())!);
    }

    private async Task<JsonNode> AnswerAsync(JsonObject body)
    {
        (int status, JsonNode reply) = await PostAsync(body);
        Assert.True(status == 200, reply.ToJsonString());
        return reply;
    }

    private async Task<long> MetricAsync(string name)
    {
        string line = (await _http.GetStringAsync("/metrics")).Split('\n').Single(l => l.StartsWith(name + " ", StringComparison.Ordinal));
        return long.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture);
    }

    private static string TextOf(JsonNode reply) => (string)reply["choices"]![0]!["message"]!["content"]!;

    private static (int Accepted, int Rejected) Predicted(JsonNode usage)
    {
        JsonNode details = usage["completion_tokens_details"]!;
        return ((int)details["accepted_prediction_tokens"]!, (int)details["rejected_prediction_tokens"]!);
    }

    [Fact]
    public async Task A_prediction_changes_the_counts_and_not_the_text()
    {
        JsonNode plain = await AnswerAsync(Body(most: 0));
        string text = TextOf(plain);
        Assert.Equal(Letters, text.Length);
        Assert.Equal((0, 0), Predicted(plain["usage"]!));
        Assert.Null(plain["timings"]!["draft_n"]);
        long drafted = await MetricAsync("finetunechat:draft_tokens_total"), accepted = await MetricAsync("finetunechat:draft_tokens_accepted_total");
        Assert.Equal((0, 0), (drafted, accepted));

        JsonNode right = await AnswerAsync(Body(new { type = "content", content = text }));
        JsonNode wrong = await AnswerAsync(Body(new { type = "content", content = new[] { new { type = "text", text = text[..10] + "XYZ" + text[10..] } } }));

        Assert.Equal((text, text), (TextOf(right), TextOf(wrong)));
        Assert.Equal((int)plain["usage"]!["completion_tokens"]!, (int)right["usage"]!["completion_tokens"]!);
        Assert.InRange(Predicted(right["usage"]!).Accepted, Letters * 3 / 4, Letters);
        Assert.InRange(Predicted(wrong["usage"]!).Rejected, 1, Letters);
        Assert.InRange((int)right["timings"]!["draft_n_accepted"]!, Predicted(right["usage"]!).Accepted, (int)right["timings"]!["draft_n"]!);
        Assert.Equal(
            (int)right["timings"]!["draft_n_accepted"]! + (int)wrong["timings"]!["draft_n_accepted"]!,
            await MetricAsync("finetunechat:draft_tokens_accepted_total"));

        using HttpResponseMessage response = await _http.PostAsJsonAsync("/v1/chat/completions", Body(new { type = "content", content = text }, stream: true));
        IReadOnlyList<JsonNode> chunks = await SseReader.ChunksAsync(response);
        Assert.Equal(text, string.Concat(chunks.SelectMany(c => c["choices"]!.AsArray()).Select(c => (string?)c!["delta"]!["content"])));
        Assert.InRange(Predicted(chunks[^1]["usage"]!).Accepted, Letters * 3 / 4, Letters);
    }

    [Theory]
    [InlineData("""{"prediction":{"type":"text","content":"a"}}""", "prediction")]
    [InlineData("""{"prediction":{"type":"content"}}""", "prediction")]
    [InlineData("""{"speculative.n_max":-1}""", "speculative.n_max")]
    public async Task A_wrong_prediction_is_refused_by_its_name(string more, string param)
    {
        JsonObject body = Body();
        foreach ((string name, JsonNode? value) in JsonNode.Parse(more)!.AsObject())
            body[name] = value?.DeepClone();

        (int status, JsonNode answer) = await PostAsync(body);

        Assert.Equal((400, param), (status, (string?)answer["error"]!["param"]));
    }

    [Fact]
    public async Task A_prediction_that_is_null_or_endless_does_no_harm()
    {
        JsonObject without = Body();
        without["prediction"] = null;
        string text = TextOf(await AnswerAsync(without));

        string endless = string.Concat(Enumerable.Repeat("words \ud83d\ude42 ", 100_000));
        Assert.Equal(text, TextOf(await AnswerAsync(Body(new { type = "content", content = endless }))));
        Assert.Equal(text, TextOf(await AnswerAsync(Body(new { type = "content", content = "" }))));
    }
}
