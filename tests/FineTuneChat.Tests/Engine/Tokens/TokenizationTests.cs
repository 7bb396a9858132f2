using System.Text.Json.Nodes;

namespace FineTuneChat.Tests.Engine.Tokens;

/// <summary>llama-server's routes about text and tokens, against a real engine process.</summary>
public sealed class TokenizationTests(TestEngine engine) : IClassFixture<TestEngine>
{
    [Fact]
    public async Task Text_becomes_tokens_and_tokens_text()
    {
        Assert.Equal("""{"tokens":[104,105,258]}""", (await engine.AnswerAsync("/tokenize", """{"content":"hi<|im_end|>"}""")).ToJsonString());
        Assert.Equal(12, (await engine.AnswerAsync("/tokenize", """{"content":"hi<|im_end|>","parse_special":false}"""))["tokens"]!.AsArray().Count);
        JsonNode pieces = await engine.AnswerAsync("/tokenize", """{"content":"é","with_pieces":true}""");
        Assert.Equal("""[{"id":195,"piece":[195]},{"id":169,"piece":[169]}]""", pieces["tokens"]!.ToJsonString());
        Assert.Equal("hi<|im_end|>é", (string)(await engine.AnswerAsync("/detokenize", """{"tokens":[104,105,258,195,169]}"""))["content"]!);
        Assert.Equal(400, (await engine.PostAsync("/detokenize", """{"tokens":[260]}""")).Status);
        Assert.Equal(400, (await engine.PostAsync("/detokenize", """{"tokens":["a"]}""")).Status);
        Assert.Equal(400, (await engine.PostAsync("/tokenize", "{}")).Status);
        Assert.Equal(400, (await engine.PostAsync("/tokenize", """{"content":"a","add_bos":true}""")).Status);
    }

    [Fact]
    public async Task The_template_can_be_applied_and_its_prompt_completed()
    {
        JsonNode prompt = await engine.AnswerAsync("/apply-template", """{"messages":[{"role":"user","content":"hello"}]}""");
        JsonNode bare = await engine.AnswerAsync("/apply-template", """{"messages":[{"role":"user","content":"hello"}],"add_generation_prompt":false}""");

        Assert.Equal("<|im_start|>user\nhello<|im_end|>\n<|im_start|>assistant\n", (string)prompt["prompt"]!);
        Assert.Equal("<|im_start|>user\nhello<|im_end|>\n", (string)bare["prompt"]!);
        string chat = TestEngine.TextOf(await engine.AnswerAsync(TestEngine.Ask("hello", "\"max_tokens\":10,\"ignore_eos\":true")));
        Assert.Equal(chat, TestEngine.Texts(await engine.CompleteAsync(prompt["prompt"]!.ToJsonString()))[0]);
        Assert.Equal(400, (await engine.PostAsync("/apply-template", """{"messages":[]}""")).Status);
    }
}
