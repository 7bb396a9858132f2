using System.Text;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Tests.OpenAi;

public sealed class RequestReaderTests
{
    private static ChatCompletionRequest Read(string json) => RequestReader.Read(Encoding.UTF8.GetBytes(json), OpenAiJson.Default.ChatCompletionRequest);

    private static OpenAiException Refused(string json) => Assert.Throws<OpenAiException>(() => ChatCompletionValidator.Validate(Read(json)));

    [Fact]
    public void Content_parts_are_joined_to_one_message()
    {
        ChatCompletionRequest request = Read("""{"messages":[{"role":"user","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]}],"stop":"x"}""");

        Assert.Equal("ab", Assert.Single(request.Messages!).Content);
        Assert.Equal(["x"], request.Stop!);
    }

    [Theory]
    [InlineData("""{"messages":[{"role":"user","content":"a"}],"temperature":"warm"}""", "temperature", "expected a number")]
    [InlineData("""{"messages":[{"role":"user","content":"a"}],"max_tokens":1.5}""", "max_tokens", "expected an integer")]
    [InlineData("""{"messages":"hello"}""", "messages", "expected an array")]
    [InlineData("""{"messages":[{"role":"user","content":7}]}""", "messages[0].content", "string or an array")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"x"}}]}]}""", "messages[0].content", "image_url")]
    [InlineData("""{"messages":[{"role":"user","content":"a"}],"stop":[1]}""", "stop", "strings")]
    [InlineData("""{"messages":[]}""", "messages", "at least one")]
    [InlineData("""{"messages":[null]}""", "messages[0]", "null")]
    [InlineData("""{"messages":[{"role":"robot","content":"a"}]}""", "messages[0].role", "robot")]
    [InlineData("""{"messages":[{"role":"user"}]}""", "messages[0].content", "missing")]
    [InlineData("""{"messages":[{"role":"user","content":"a"}],"temperature":2.5}""", "temperature", "from 0 to 2")]
    [InlineData("""{"messages":[{"role":"user","content":"a"}],"max_tokens":0}""", "max_tokens", "at least 1")]
    [InlineData("""{"messages":[{"role":"user","content":"a"}],"best_of":3}""", "best_of", "Unknown parameter")]
    [InlineData("""{"messages":[{"role":"user","content":"a"}],"logit_bias":{"x":1}}""", "logit_bias", "token ids")]
    [InlineData("""{"messages":[{"role":"user","content":"a"}],"stop":[""]}""", "stop", "empty")]
    [InlineData("""{"messages":[{"role":"user","content":"a"}],"top_logprobs":3}""", "top_logprobs", "logprobs")]
    [InlineData("""{"messages":[{"role":"user","content":"a"}],"n":0}""", "n", "from 1 to 128")]
    [InlineData("""{"messages":[{"role":"user","content":"a"}],"repeat_last_n":-1}""", "repeat_last_n", "from 0 to 65536")]
    [InlineData("""{"messages":[{"role":"user","content":"a"}],"dry_base":0.5}""", "dry_base", "from 1 to 100")]
    [InlineData("""{"messages":[{"role":"user","content":"a"}],"dry_sequence_breakers":[""]}""", "dry_sequence_breakers", "1 to 40 bytes")]
    [InlineData("""{"messages":[{"role":"user","content":"a"}],"dry_sequence_breakers":[null]}""", "dry_sequence_breakers", "1 to 40 bytes")]
    [InlineData("""{"messages":[{"role":"user","content":"a"}],"xtc_probability":2}""", "xtc_probability", "from 0 to 1")]
    [InlineData("""{"messages":[{"role":"user","content":"a"}],"mirostat":3}""", "mirostat", "from 0 to 2")]
    [InlineData("""{"messages":[{"role":"user","content":"a"}],"mirostat_tau":0}""", "mirostat_tau", "from 0.01 to 100")]
    public void A_wrong_parameter_is_a_400_that_names_it(string json, string param, string message)
    {
        OpenAiException e = Refused(json);

        Assert.Equal(400, e.Status);
        Assert.Equal(param, e.Error.Param);
        Assert.Contains(message, e.Error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("""{"model":"a","model":"b"}""")]
    [InlineData("[1]")]
    [InlineData("null")]
    [InlineData("\"text\"")]
    public void A_body_that_is_no_JSON_object_is_a_400(string json) => Assert.Equal(400, Refused(json).Status);
}
