using System.Text;
using System.Text.Json;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Tests.OpenAi;

/// <summary>What clients of OpenAI's API and of other servers send is understood, or harmless.</summary>
public sealed class RequestAliasTests
{
    private const string Hi = """{"role":"user","content":"hi"}""";

    private static ChatCompletionRequest Read(string more, string messages = Hi) =>
        ChatRequestReader.Read(Encoding.UTF8.GetBytes($$"""{"messages":[{{messages}}],{{more}}}"""));

    public static TheoryData<string> Documented() =>
    [
        "audio", "frequency_penalty", "function_call", "functions", "logit_bias", "logprobs", "max_completion_tokens", "max_tokens", "metadata", "modalities",
        "n", "parallel_tool_calls", "prediction", "presence_penalty", "prompt_cache_key", "prompt_cache_retention", "reasoning_effort", "response_format",
        "safety_identifier", "seed", "service_tier", "stop", "store", "stream", "stream_options", "temperature", "tool_choice", "tools", "top_logprobs",
        "top_p", "user", "verbosity", "web_search_options", "model",
    ];

    [Theory]
    [MemberData(nameof(Documented))]
    public void Null_is_not_given(string parameter) => Assert.Null(Read($"\"{parameter}\":null").Unknown);

    [Theory]
    [InlineData("\"verbosity\":\"low\"")]
    [InlineData("\"modalities\":[\"text\"]")]
    [InlineData("\"prediction\":{\"type\":\"content\",\"content\":\"x\"}")]
    [InlineData("\"prompt_cache_retention\":\"24h\"")]
    [InlineData("\"web_search_options\":{}")]
    [InlineData("\"audio\":{\"voice\":\"alloy\",\"format\":\"wav\"}")]
    [InlineData("\"service_tier\":\"flex\"")]
    [InlineData("\"keep_alive\":\"5m\",\"ttl\":60,\"id_slot\":-1,\"min_tokens\":3")]
    [InlineData("\"stream\":true,\"stream_options\":{\"include_usage\":true,\"continuous_usage_stats\":true}")]
    public void Hints_are_taken_without_effect(string parameters) => Assert.Null(Read(parameters).Unknown);

    [Theory]
    [InlineData("\"temprature\":1", "temprature", "unknown_parameter")]
    [InlineData("\"temprature\":null", "temprature", "unknown_parameter")]
    [InlineData("\"grammar\":\"root ::= x\"", "grammar", "unknown_parameter")]
    [InlineData("\"modalities\":[\"text\",\"audio\"]", "modalities", "unsupported_parameter")]
    [InlineData("\"reasoning_effort\":\"huge\"", "reasoning_effort", "invalid_value")]
    [InlineData("\"options\":{\"temperature\":\"hot\"}", "temperature", "invalid_type")]
    [InlineData("\"functions\":[1]", "functions", "invalid_type")]
    [InlineData("\"guided_json\":\"{\"", "response_format", "invalid_json")]
    public void What_nobody_knows_and_what_is_wrong_stays_an_error(string parameters, string param, string code)
    {
        OpenAiError error = Assert.Throws<OpenAiException>(() => Read(parameters)).Error;

        Assert.Equal((param, code), (error.Param, error.Code));
    }

    [Theory]
    [InlineData("\"reasoning_effort\":\"none\"", false, "none")]
    [InlineData("\"reasoning_effort\":\"minimal\"", true, "low")]
    [InlineData("\"reasoning_effort\":\"high\"", true, "high")]
    [InlineData("\"think\":false", false, "none")]
    [InlineData("\"think\":\"low\"", true, "low")]
    [InlineData("\"enable_thinking\":false", false, "none")]
    [InlineData("\"reasoning\":{\"effort\":\"low\"}", true, "low")]
    [InlineData("\"thinking\":{\"type\":\"disabled\"}", false, "none")]
    public void How_much_to_think_reaches_the_template(string parameters, bool thinks, string effort)
    {
        IReadOnlyDictionary<string, JsonElement> variables = Read(parameters).ChatTemplateKwargs!;

        Assert.Equal(thinks, variables["enable_thinking"].GetBoolean());
        Assert.Equal(effort, variables["reasoning_effort"].GetString());
        Assert.Equal("x", Read(parameters + """,  "chat_template_kwargs":{"enable_thinking":"x"}""").ChatTemplateKwargs!["enable_thinking"].GetString());
    }

    [Fact]
    public void Sampling_by_the_names_of_other_servers_is_sampling()
    {
        ChatCompletionRequest request = Read(
            "\"n_predict\":7,\"options\":{\"temperature\":0.5,\"top_k\":3,\"seed\":4,\"num_ctx\":4096,\"stop\":[\"x\"]},\"seed\":9");

        Assert.Equal((7, 0.5, 3, 9L), (request.MaxTokens, request.Temperature, request.TopK, request.Seed));
        Assert.Equal(["x"], request.Stop!);
        Assert.Equal((null, 0), (Read("\"max_tokens\":-1,\"top_k\":-1").MaxTokens, Read("\"top_k\":-1").TopK));
        Assert.Equal(11, Read("\"options\":{\"num_predict\":11}").MaxTokens);
    }

    [Theory]
    [InlineData("\"guided_json\":{\"type\":\"null\"}")]
    [InlineData("\"guided_json\":\"{\\\"type\\\":\\\"null\\\"}\"")]
    [InlineData("\"json_schema\":{\"type\":\"null\"}")]
    [InlineData("\"format\":{\"type\":\"null\"}")]
    [InlineData("\"structured_outputs\":{\"json\":{\"type\":\"null\"}}")]
    public void A_schema_by_another_name_is_one(string parameters) =>
        Assert.Equal("null", Read(parameters).ResponseFormat!.Value.GetProperty("json_schema").GetProperty("schema").GetProperty("type").GetString());

    [Fact]
    public void Functions_are_tools()
    {
        ChatCompletionRequest request = Read("\"functions\":[{\"name\":\"f\",\"parameters\":{}}],\"function_call\":{\"name\":\"f\"}",
            Hi + """,{"role":"assistant","content":null,"function_call":{"name":"f","arguments":"{}"}},{"role":"function","name":"f","content":"1"}""");

        Assert.True(request.UsesFunctions);
        Assert.Equal("f", request.Tools!.Value[0].GetProperty("function").GetProperty("name").GetString());
        Assert.Equal("f", request.ToolChoice!.Value.GetProperty("function").GetProperty("name").GetString());
        Assert.Equal("f", Assert.Single(request.Messages![1].ToolCalls!).Function!.Name);
        Assert.Equal(("tool", request.Messages[1].ToolCalls![0].Id), (request.Messages[2].Role, request.Messages[2].ToolCallId));
    }

    [Theory]
    [InlineData("\"continue_final_message\":true", """{"role":"assistant","content":"Once"}""", "Once")]
    [InlineData("\"n\":1", """{"role":"assistant","content":"Once","prefix":true}""", "Once")]
    [InlineData("\"n\":1", """{"role":"assistant","content":"Once"}""", null)]
    [InlineData("\"continue_final_message\":true", """{"role":"user","content":"Once"}""", null)]
    public void A_begun_reply_is_the_last_message_where_it_is_asked_for(string parameters, string last, string? begun) =>
        Assert.Equal(begun, Read(parameters, Hi + "," + last).BegunReply?.Content);

    [Fact]
    public void Arguments_of_calls_may_be_objects()
    {
        ChatCompletionRequest request = Read("\"n\":1", """{"role":"assistant","tool_calls":[{"function":{"name":"f","arguments":{"a":1}}}]},""" + Hi);

        Assert.Equal("""{"a":1}""", request.Messages![0].ToolCalls![0].Function!.Arguments);
    }
}
