using System.Text.Json.Nodes;
using FineTuneChat.Tests.Support;

namespace FineTuneChat.Tests.Gateway;

/// <summary>Bad input, row by row, against one gateway: nothing of it leaves a trace.</summary>
public sealed class BadInputTests(BadInputTests.SharedGateway shared) : IClassFixture<BadInputTests.SharedGateway>
{
    public sealed class SharedGateway : IAsyncLifetime
    {
        internal TestGateway Gateway { get; private set; } = null!;

        public async Task InitializeAsync() => Gateway = await TestGateway.StartAsync();

        public async Task DisposeAsync() => await Gateway.DisposeAsync();
    }

    [Theory]
    [InlineData("""{"model":"nobody","messages":[{"role":"user","content":"Hi"}]}""", 404, "model_not_found")]
    [InlineData("""{"model":"../../etc/passwd","messages":[{"role":"user","content":"Hi"}]}""", 404, "model_not_found")]
    [InlineData("""{"model":"assistant","messages":[]}""", 400, "empty_array")]
    [InlineData("""{"model":"assistant"}""", 400, "missing_required_parameter")]
    [InlineData("""{"model":"assistant","messages":[{"content":"Hi"}]}""", 400, "missing_required_parameter")]
    [InlineData("""{"model":"assistant","model":"b","messages":[{"role":"user","content":"Hi"}]}""", 400, "invalid_json")]
    [InlineData("""{"model":"assistant","messages":[{"role":"user","content":"Hi"}],"n":1000}""", 400, "integer_above_max_value")]
    [InlineData("""{"model":"assistant","messages":[{"role":"user","content":"Hi"}],"stop":["a","b","c","d","e"]}""", 400, "array_above_max_length")]
    [InlineData("""{"model":"assistant","messages":"Hi"}""", 400, "invalid_type")]
    [InlineData("""{"model":5,"messages":[{"role":"user","content":"Hi"}]}""", 400, "invalid_type")]
    [InlineData("""{"model":"assistant","messages":[{"role":"user","content":"Hi"}]""", 400, "invalid_json")]
    [InlineData("""{"model":"assistant","messages":[{"role":"user","content":"Hi"}],"temprature":1}""", 400, "unknown_parameter")]
    [InlineData("""{"model":"assistant","messages":[{"role":"user","content":"Hi"}],"temperature":5}""", 400, "decimal_above_max_value")]
    public Task A_wrong_chat_request_is_an_openai_error(string body, int expected, string code) => RefusedAsync("/v1/chat/completions", body, expected, code);

    [Theory]
    [InlineData("""{"rating":"up"}""", 400, "invalid_value")]
    [InlineData("""{"completion_id":"x"}""", 400, "invalid_value")]
    [InlineData("""{"completion_id":"x","rating":"good"}""", 400, "invalid_value")]
    [InlineData("""{"completion_id":"x","rating":5}""", 400, "invalid_value")]
    [InlineData("""{"completion_id":5,"rating":"up"}""", 400, "invalid_type")]
    [InlineData("""{"completion_id":"x","rating":"down","correction":"  "}""", 400, "invalid_value")]
    [InlineData("""{"completion_id":"x","rating":null,"comment":"why"}""", 400, "invalid_value")]
    [InlineData("""{"completion_id":"x","rating":"up","stars":5}""", 400, "unknown_parameter")]
    [InlineData("""{"completion_id":"x","rating":"up" """, 400, "invalid_json")]
    [InlineData("""{"completion_id":"chatcmpl-unknown","rating":"up"}""", 404, "not_found")]
    public Task Wrong_feedback_is_an_error_that_says_what_is_allowed(string body, int expected, string code) =>
        RefusedAsync("/api/feedback", body, expected, code);

    [Theory]
    [InlineData("""{"status":"accepted"}""", 404)]
    [InlineData("""{"status":"withdrawn"}""", 400)]
    [InlineData("{}", 400)]
    [InlineData("""{"messages":[{"role":"user","content":"only a question"}]}""", 400)]
    [InlineData("""{"messages":[{"role":"robot","content":"a"},{"role":"assistant","content":"b"}]}""", 400)]
    public async Task A_wrong_change_of_an_example_is_an_error(string body, int expected) =>
        Assert.Equal(expected, (await shared.Gateway.SendAsync(HttpMethod.Patch, "/api/dataset/ex_none", body)).Status);

    [Theory]
    [InlineData("{}", 422, "nothing_to_learn")]
    [InlineData("""{"options":{"epochs":5}}""", 422, "nothing_to_learn")]
    [InlineData("""{"option":{}}""", 400, "unknown_parameter")]
    [InlineData("""{"options":[]}""", 400, "invalid_type")]
    public Task A_run_that_cannot_start_is_an_error(string body, int expected, string code) => RefusedAsync("/api/training/start", body, expected, code);

    private async Task RefusedAsync(string path, string body, int expected, string code)
    {
        (int status, JsonNode error) = await shared.Gateway.PostAsync(path, body);
        Assert.Equal(expected, status);
        TestGateway.AssertOpenAiError(error, code);
    }
}
