using System.Text.Json;
using FineTuneChat.Chat.Replies;
using FineTuneChat.Chat.Tests.Grammars;
using FineTuneChat.Chat.Tools;
using FineTuneChat.Datasets.Messages;
using FineTuneChat.Grammars;

namespace FineTuneChat.Chat.Tests.Replies;

public sealed class ReplyGrammarTests
{
    private const string Ulm = """{"city": "Ulm"}""";

    private static readonly ChatTool Weather = Tool(
        """{"name":"weather","parameters":{"type":"object","properties":{"city":{"enum":["Ulm"]}},"required":["city"]}}""");
    private static readonly ChatTool Time = Tool("""{"name":"time"}""");

    private static ChatTool Tool(string function) => new(JsonElement.Parse($$"""{"type":"function","function":{{function}}}"""));

    private static void Check(ReplyGrammar reply, string[] allowed, string[] refused)
    {
        var builder = new GrammarBuilder();
        Assert.StartsWith("root ::= ", reply.Write(builder), StringComparison.Ordinal);
        var reader = new GrammarReader(builder.Grammar);
        Assert.All(allowed, text => Assert.True(reader.Allows(text), $"{text} should be allowed"));
        Assert.All(refused, text => Assert.False(reader.Allows(text), $"{text} should be refused"));
    }

    [Fact]
    public void Calls_are_written_as_the_model_learned_it()
    {
        ReplyGrammar must = new() { Tools = [Weather, Time], MustCall = true };
        string hermes = $"<tool_call>\n{{\"name\": \"weather\", \"arguments\": {Ulm}}}\n</tool_call>";

        Check(must with { Format = ToolFormat.Hermes },
            [hermes, hermes + "\n" + hermes, "<tool_call>\n{\"name\": \"time\", \"arguments\": {}}\n</tool_call>"],
            ["", "Hello", hermes + hermes, hermes.Replace("Ulm", "Bonn", StringComparison.Ordinal)]);
        Check(must with { Format = ToolFormat.Llama }, [$"{{\"name\": \"weather\", \"parameters\": {Ulm}}}"],
            [$"{{\"name\": \"weather\", \"arguments\": {Ulm}}}"]);
        Check(must with { Format = ToolFormat.Mistral },
            [$"[TOOL_CALLS][{{\"name\": \"weather\", \"arguments\": {Ulm}}}, {{\"name\": \"time\", \"arguments\": {{}}}}]"], ["[TOOL_CALLS][]"]);
        Check(must with { Format = ToolFormat.MistralNamed },
            [$"[TOOL_CALLS]weather[ARGS]{Ulm}", $"[TOOL_CALLS]time[ARGS]{{}}[TOOL_CALLS]weather[ARGS]{Ulm}"],
            ["[TOOL_CALLS]weather", $"[TOOL_CALLS]time[ARGS]{Ulm}"]);
        Check(must with { Format = ToolFormat.Json }, ["{\"tool_calls\": [{\"name\": \"time\", \"arguments\": {}}]}"], ["{\"tool_calls\": []}"]);
    }

    [Theory]
    [InlineData("""{"name":"now"}""")]
    [InlineData("""{"name":"now","parameters":null}""")]
    [InlineData("""{"name":"now","parameters":{}}""")]
    [InlineData("""{"name":"now","parameters":{"type":"object"}}""")]
    [InlineData("""{"name":"now","parameters":{"type":"object","properties":{}}}""")]
    [InlineData("""{"name":"now","parameters":{"type":"object","properties":{},"required":[],"$schema":"x"}}""")]
    public void A_tool_without_arguments_gets_an_empty_object(string function) => Check(
        new() { Format = ToolFormat.Llama, Tools = [Tool(function)], MustCall = true },
        ["{\"name\": \"now\", \"parameters\": {}}"], ["{\"name\": \"now\", \"parameters\": {\"a\":1}}"]);

    [Fact]
    public void One_call_is_one_call()
    {
        const string Call = "{\"name\": \"time\", \"arguments\": {}}";

        Check(new() { Format = ToolFormat.Mistral, Tools = [Time], MustCall = true, Parallel = false }, [$"[TOOL_CALLS][{Call}]"],
            [$"[TOOL_CALLS][{Call}, {Call}]"]);
    }

    [Fact]
    public void Where_a_call_is_not_asked_for_there_may_be_text()
    {
        const string Hermes = "<tool_call>\n{\"name\": \"time\", \"arguments\": {}}\n</tool_call>";
        Check(new() { Format = ToolFormat.Hermes, Tools = [Time] }, ["Hello <tool> {", Hermes, "First. " + Hermes], ["<tool_call>", Hermes + " And then."]);
        Check(new() { Format = ToolFormat.Llama, Tools = [Time] }, ["Hello {", "{\"name\": \"time\", \"parameters\": {}}"], ["{", " {}"]);
        Check(new() { Format = ToolFormat.Hermes, Tools = [Time], Schema = JsonElement.Parse("""{"const":1}""") }, ["1", Hermes], ["2", "Hello"]);
    }

    [Fact]
    public void An_answer_may_be_one_of_some_texts_or_match_a_pattern()
    {
        Check(new() { Texts = ["yes", "no \"way\""] }, ["yes", "no \"way\""], ["", "no", "yes!"]);
        Check(new() { Pattern = "[a-c]{2}|x" }, ["ab", "x"], ["a", "xab", "abc"]);
        Check(new() { Texts = ["yes"], Format = ToolFormat.Hermes, Tools = [Time] },
            ["yes", "<tool_call>\n{\"name\": \"time\", \"arguments\": {}}\n</tool_call>"], ["no"]);
        Assert.Equal("pattern", Assert.Throws<SchemaException>(() => new ReplyGrammar { Pattern = "(?=a)" }.Write()).Path);
    }

    [Fact]
    public void Reasoning_comes_before_the_answer()
    {
        ReplyGrammar one = new() { Schema = JsonElement.Parse("""{"const":1}""") };

        Check(one, ["1"], ["<think>a</think>1"]);
        Check(one with { Reasoning = ReasoningStart.Possible }, ["1", "<think>\na < b </thin\n</think>\n\n1", "<think></think>1"],
            ["<think>1", "<think>a</think>2", "a</think>1"]);
        Check(one with { Reasoning = ReasoningStart.Open }, ["a</think>1"], ["1", "a</think>b</think>1"]);
    }

    [Fact]
    public void A_tools_schema_that_cannot_be_enforced_is_named()
    {
        ChatTool bad = Tool("""{"name":"bad","strict":true,"parameters":{"type":"object","properties":{"a":{"not":{}}}}}""");
        ChatTool never = Tool("""{"name":"never","parameters":{"type":"string"}}""");

        Assert.Equal("tools[1].function.parameters#/properties/a/not",
            Assert.Throws<SchemaException>(() => new ReplyGrammar { Tools = [Time, bad], MustCall = true }.Write()).Path);
        Assert.Equal("tools[0].function.parameters#",
            Assert.Throws<SchemaException>(() => new ReplyGrammar { Tools = [never, Time], MustCall = true }.Write()).Path);
    }
}
