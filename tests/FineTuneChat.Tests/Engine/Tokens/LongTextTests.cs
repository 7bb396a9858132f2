using System.Text.Json;
using System.Text.Json.Nodes;

namespace FineTuneChat.Tests.Engine.Tokens;

/// <summary>Texts that are far too long are refused before they are tokenised, whichever way they come.</summary>
public sealed class LongTextTests(TestEngine engine) : IClassFixture<TestEngine>
{
    private static readonly string Word = new('x', 5 << 20);

    [Theory]
    [InlineData("/v1/chat/completions", """{"messages":[{"role":"user","content":"TEXT"}]}""", "messages")]
    [InlineData("/v1/chat/completions",
        """{"messages":[{"role":"user","content":"hi"}],"tools":[{"type":"function","function":{"name":"f","description":"TEXT"}}]}""", "messages")]
    [InlineData("/v1/completions", """{"prompt":"TEXT"}""", "prompt")]
    [InlineData("/v1/completions", """{"prompt":["hi","TEXT"]}""", "prompt[1]")]
    [InlineData("/v1/embeddings", """{"input":"TEXT"}""", "input")]
    [InlineData("/tokenize", """{"content":"TEXT"}""", "content")]
    public async Task A_text_of_megabytes_is_refused_at_once(string path, string body, string param)
    {
        (int status, JsonNode answer) = await engine.PostAsync(path, body.Replace("TEXT", Word, StringComparison.Ordinal));

        JsonNode error = answer["error"]!;
        Assert.Equal((400, "context_length_exceeded", param), (status, (string?)error["code"], (string?)error["param"]));
        Assert.Contains("at least", (string)error["message"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stop_text_has_a_greatest_length()
    {
        string stop = JsonSerializer.Serialize(new string('x', 1001));
        (int status, JsonNode answer) = await engine.PostAsync("/v1/completions", $$"""{"prompt":"hi","stop":[{{stop}}]}""");

        Assert.Equal((400, "stop"), (status, (string?)answer["error"]!["param"]));
    }
}
