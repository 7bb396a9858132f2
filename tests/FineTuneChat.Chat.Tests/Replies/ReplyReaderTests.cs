using FineTuneChat.Chat.Replies;
using FineTuneChat.Chat.Tools;
using FineTuneChat.Datasets.Messages;

namespace FineTuneChat.Chat.Tests.Replies;

/// <summary>What a reply is made of must not depend on how its text is cut.</summary>
public sealed class ReplyReaderTests
{
    private static readonly string[] Tools = ["weather", "time"];

    private sealed record Read(string Text, string Reasoning, string Calls);

    private static Read ReadAll(ToolFormat format, IEnumerable<string> pieces, ReasoningStart start = ReasoningStart.Possible, string[]? tools = null,
        bool callsAtOnce = false, bool isCut = false)
    {
        int id = 0;
        var reader = new ReplyReader(start, format, tools ?? Tools, () => $"id{id++}", callsAtOnce);
        ReplyPart[] parts = [.. pieces.SelectMany(reader.Read), .. reader.Finish(isCut)];
        Assert.All(parts, part => Assert.Equal(1, new object?[] { part.Text, part.Reasoning, part.Call, part.Arguments }.Count(p => p is not null)));
        Assert.DoesNotContain(parts, part => part.Text == "" || part.Reasoning == "" || part.Arguments == "");
        return new(
            string.Concat(parts.Select(p => p.Text)),
            string.Concat(parts.Select(p => p.Reasoning)),
            string.Concat(parts.Select(p => p.Call is { } call ? $"|{call.Id}:{call.Name}:{call.Arguments}" : p.Arguments)).TrimStart('|'));
    }

    /// <summary>Whole, cut in two at every place, and character by character.</summary>
    private static void Check(ToolFormat format, string reply, Read expected, ReasoningStart start = ReasoningStart.Possible, bool callsAtOnce = false,
        bool isCut = false)
    {
        Assert.Equal(expected, ReadAll(format, [reply], start, callsAtOnce: callsAtOnce, isCut: isCut));
        for (int cut = 0; cut <= reply.Length; cut++)
            Assert.Equal(expected, ReadAll(format, [reply[..cut], reply[cut..]], start, callsAtOnce: callsAtOnce, isCut: isCut));
        Assert.Equal(expected, ReadAll(format, reply.Select(c => c.ToString()), start, callsAtOnce: callsAtOnce, isCut: isCut));
    }

    public static TheoryData<string, string, string, string> Replies => new()
    {
        // Hermes and Qwen: in tags, text before and behind.
        { "hermes", "<tool_call>\n{\"name\": \"weather\", \"arguments\": {\"city\": \"Ulm {\\\"}\"}}\n</tool_call>", "",
            "id0:weather:{\"city\": \"Ulm {\\\"}\"}" },
        { "hermes",
            "I look.\n<tool_call>\n{\"name\": \"weather\", \"arguments\": {}}\n</tool_call>\n<tool_call>\n{\"name\": \"time\", \"arguments\": {\"a\": [1, "
            + "{}]}}\n</tool_call>", "I look.", "id0:weather:{}|id1:time:{\"a\": [1, {}]}" },
        { "hermes", "<tool_call>{\"name\":\"time\"}</tool_call> Done.", "Done.", "id0:time:{}" },
        { "hermes", "a < b <tool and <tool_call>!", "a < b <tool and <tool_call>!", "" },
        { "hermes", "<tool_call>\n{\"name\": \"unknown\", \"arguments\": {}}\n</tool_call>",
            "<tool_call>\n{\"name\": \"unknown\", \"arguments\": {}}\n</tool_call>", "" },
        { "hermes", "<tool_call>\n{\"name\": \"time\", \"arguments\": {", "<tool_call>\n{\"name\": \"time\", \"arguments\": {", "" },
        { "hermes", "<tool_call>\n{\"name\": \"time\", \"arguments\": 3}\n</tool_call>", "<tool_call>\n{\"name\": \"time\", \"arguments\": 3}\n</tool_call>",
            "" },
        { "hermes", "{\"name\": \"time\", \"arguments\": {}}", "{\"name\": \"time\", \"arguments\": {}}", "" },
        { "hermes", "<tool_call>{\"name\":\"time\",\"arguments\":{}}</tool_call><tool_call>{bad}</tool_call>", "<tool_call>{bad}</tool_call>", "id0:time:{}" },
        { "hermes", "Only text.  \n", "Only text.  \n", "" },

        // Llama 3: the whole reply.
        { "llama", "{\"name\": \"weather\", \"parameters\": {\"city\": \"Ulm\"}}", "", "id0:weather:{\"city\": \"Ulm\"}" },
        { "llama", "<|python_tag|>{\"name\": \"weather\", \"parameters\": {}}; {\"name\": \"time\", \"parameters\": {}}", "", "id0:weather:{}|id1:time:{}" },
        { "llama", "{\"city\": \"Ulm\"} is no call", "{\"city\": \"Ulm\"} is no call", "" },
        { "llama", "So: {\"name\": \"weather\", \"parameters\": {}}", "So: {\"name\": \"weather\", \"parameters\": {}}", "" },
        { "llama", "  {\"name\": \"weather\"", "  {\"name\": \"weather\"", "" },

        // Mistral: a list behind a marker.
        { "mistral",
            "[TOOL_CALLS][{\"name\": \"weather\", \"arguments\": {\"city\": \"]\"}, \"id\": \"abcdefghi\"}, {\"name\": \"time\", \"arguments\": {}}]", "",
            "id0:weather:{\"city\": \"]\"}|id1:time:{}" },
        { "mistral", "Let me see.[TOOL_CALLS] [{\"name\":\"time\",\"arguments\":{}}]", "Let me see.", "id0:time:{}" },
        { "mistral", "[TOOL_CALLS]weather", "[TOOL_CALLS]weather", "" },
        { "mistral", "[1, 2]", "[1, 2]", "" },

        // Mistral since 2025: name, then arguments.
        { "mistral-named", "[TOOL_CALLS]weather[ARGS]{\"city\": \"]\"}[TOOL_CALLS]time[ARGS]{}", "", "id0:weather:{\"city\": \"]\"}|id1:time:{}" },
        { "mistral-named", "I look.[TOOL_CALLS]weather[CALL_ID]aB3dE6gH9[ARGS] {\"a\": {\"arguments\": {}}}", "I look.",
            "id0:weather:{\"a\": {\"arguments\": {}}}" },
        { "mistral-named", "[TOOL_CALLS]weathers[ARGS]{}", "[TOOL_CALLS]weathers[ARGS]{}", "" },
        { "mistral-named", "[TOOL_CALLS][ARGS]{}", "[TOOL_CALLS][ARGS]{}", "" },
        { "mistral-named", "[TOOL_CALLS]time{}", "[TOOL_CALLS]time{}", "" },
        { "mistral-named", "[TOOL_CALLS]time[ARGS][]", "[TOOL_CALLS]time[ARGS][]", "" },

        // Our own, for models that know no tools.
        { "json", "{\"tool_calls\": [{\"name\": \"weather\", \"arguments\": {\"a\": 1}}, {\"name\": \"time\", \"arguments\": {}}]}", "",
            "id0:weather:{\"a\": 1}|id1:time:{}" },
        { "json", "{\"tool_calls\": []}", "{\"tool_calls\": []}", "" },
        { "json", "{\"answer\": 42}", "{\"answer\": 42}", "" },
        { "json", "{\"tool_calls\": [{\"arguments\": {\"name\": \"time\"}, \"name\": \"weather\"}], \"name\": \"time\"}", "",
            "id0:weather:{\"name\": \"time\"}" },
        { "json", "{\"name\": \"\\ud800\"}", "{\"name\": \"\\ud800\"}", "" },
    };

    private static ToolFormat Format(string name) =>
        new[] { ToolFormat.Hermes, ToolFormat.Llama, ToolFormat.Mistral, ToolFormat.MistralNamed, ToolFormat.Json }.Single(f => f.Name == name);

    [Theory]
    [MemberData(nameof(Replies))]
    public void Calls_are_found_and_all_else_is_text(string format, string reply, string text, string calls)
    {
        Check(Format(format), reply, new(text, "", calls));
        Check(Format(format), "<think>\nhm\n</think>\n\n" + reply, new(text, "hm", calls));
        if (!reply.EndsWith("\"arguments\": {", StringComparison.Ordinal)) // told at once, this is a call
            Check(Format(format), reply, new(text, "", calls), callsAtOnce: true);
    }

    [Theory]
    [InlineData("hermes", "<tool_call>\n{\"name\": \"time\", \"arguments\": {\"a", "", "id0:time:{\"a")]
    [InlineData("hermes", "Now. <tool_call>{\"name\":\"time\",\"arguments\":{bad}}</tool_call> So.", "Now.So.", "id0:time:{bad}")]
    [InlineData("hermes", "<tool_call>{\"name\":\"time\",\"arguments\":{}, oops}</tool_call>", ", oops}</tool_call>", "id0:time:{}")]
    [InlineData("json", "{\"tool_calls\": [{\"name\": \"time\", \"arguments\": {}}, {\"name\": \"unknown\"}]}", "}, {\"name\": \"unknown\"}]}", "id0:time:{}")]
    [InlineData("mistral-named", "[TOOL_CALLS]time[ARGS]{bad}[TOOL_CALLS]weather[ARGS]{", "", "id0:time:{bad}|id1:weather:{")]
    public void What_was_told_at_once_is_not_taken_back(string format, string reply, string text, string calls) =>
        Check(Format(format), reply, new(text, "", calls), callsAtOnce: true);

    [Theory]
    [InlineData("hermes", "So. <tool_call>{\"name\":\"time\",\"arguments\":{}}</tool_call><tool_call>{\"name\":\"wea", "So.", "id0:time:{}")]
    [InlineData("hermes", "So. <tool_c", "So.", "")]
    [InlineData("hermes", "a <", "a <", "")]
    [InlineData("llama", "{\"name\": \"weather\", \"param", "", "")]
    [InlineData("llama", "{\"na", "", "")]
    [InlineData("llama", "{\"city\": \"Ul", "{\"city\": \"Ul", "")]
    [InlineData("mistral", "[TOOL_CALLS][{\"name\": \"time\", \"arguments\": {}}, {\"name\"", "", "id0:time:{}")]
    [InlineData("mistral-named", "[TOOL_CALLS]weath", "", "")]
    [InlineData("json", "{\"tool_calls\": [{\"name\": \"time\", \"arguments\": {}}, {\"name\": \"weather\", \"arguments\": {\"ci", "", "id0:time:{}")]
    [InlineData("json", "{\"tool_", "", "")]
    [InlineData("json", "{\"answer\": 4", "{\"answer\": 4", "")]
    public void Where_a_limit_cuts_finished_calls_are_told_and_a_broken_one_is_nothing(string format, string reply, string text, string calls) =>
        Check(Format(format), reply, new(text, "", calls), isCut: true);

    [Theory]
    [InlineData("{\"a\": 1, \"a\": 2}", "{\"a\": 1}")]
    [InlineData("{\"a\": {\"b\": [{}, {\"b\": 1, \"b\": \"},\"}], \"b\": {\"c\": [1]}}, \"\\u0061\": \"x\", \"b\": 3}",
        "{\"a\": {\"b\": [{}, {\"b\": 1}]}, \"b\": 3}")]
    [InlineData("{\"a\": 1, \"b\": [1, 1], \"a\": {\"a\": 1}}", "{\"a\": 1, \"b\": [1, 1]}")]
    public void No_key_is_given_twice(string written, string arguments)
    {
        string reply = $"<tool_call>{{\"name\": \"time\", \"arguments\": {written}}}</tool_call>";

        Check(ToolFormat.Hermes, reply, new("", "", "id0:time:" + arguments));
        Check(ToolFormat.Hermes, reply, new("", "", "id0:time:" + arguments), callsAtOnce: true);
    }

    [Fact]
    public void Arguments_come_as_they_are_written()
    {
        var reader = new ReplyReader(ReasoningStart.None, ToolFormat.Hermes, Tools, () => "id", callsAtOnce: true);

        Assert.Empty(reader.Read("<tool_call>\n{\"name\": \"time\", \"arguments\": "));
        Assert.Equal([new ChatToolCall("id", "time", "")], reader.Read("{").Select(p => p.Call).OfType<ChatToolCall>());
        Assert.Equal("\"zone\": \"", Assert.Single(reader.Read("\"zone\": \"")).Arguments);
        Assert.Equal("UTC\"}", Assert.Single(reader.Read("UTC\"}}\n</tool")).Arguments);
        Assert.Empty(reader.Read("_call>").Concat(reader.Finish()));
    }

    [Fact]
    public void Without_tools_everything_is_text()
    {
        const string Call = "<tool_call>{\"name\":\"time\",\"arguments\":{}}</tool_call>";

        Assert.Equal(new Read(Call, "", ""), ReadAll(ToolFormat.Hermes, [Call], tools: []));
    }

    [Theory]
    [InlineData("<think>\nI think\n so.\n\n</think>\n\nYes.\n", "Yes.\n", "I think\n so.", ReasoningStart.Possible)]
    [InlineData("\n<think>a</think>b", "b", "a", ReasoningStart.Possible)]
    [InlineData("<think>\n\n</think>\n\nYes.", "Yes.", "", ReasoningStart.Possible)]
    [InlineData("inside</thin></think>\n<think>later</think>", "<think>later</think>", "inside</thin>", ReasoningStart.Open)]
    [InlineData("never closed\n</th", "", "never closed\n</th", ReasoningStart.Open)]
    [InlineData("<thing>", "<thing>", "", ReasoningStart.None)]
    [InlineData("<thi", "<thi", "", ReasoningStart.Possible)]
    [InlineData("a <think>b</think>", "a <think>b</think>", "", ReasoningStart.Possible)]
    [InlineData(" \n ", " \n ", "", ReasoningStart.Possible)]
    [InlineData("<think>only", "", "only", ReasoningStart.Possible)]
    [InlineData("<think>x</think>\n\n", "", "x", ReasoningStart.Possible)]
    public void Reasoning_is_told_from_the_answer(string reply, string text, string reasoning, ReasoningStart start) =>
        Check(ToolFormat.Hermes, reply, new(text, reasoning, ""), start);

    /// <summary>Any mixture: nothing is lost and nothing throws, however it is cut.</summary>
    [Theory]
    [InlineData("hermes")]
    [InlineData("llama")]
    [InlineData("mistral")]
    [InlineData("mistral-named")]
    [InlineData("json")]
    public void Nonsense_is_text(string format)
    {
        string[] scraps = ["<tool_call>", "</tool_call>", "{", "}", "[", "]", "\"", "\\", "name", "{\"name\":\"time\"", ",\"arguments\":{}", "[TOOL_CALLS]",
            "[ARGS]", "<|python_tag|>", " ", "\n", "<", "tool", "</think>", "😀"];
        var random = new Random(7);
        for (int i = 0; i < 2000; i++)
        {
            string[] pieces = [.. Enumerable.Range(0, random.Next(12)).Select(_ => scraps[random.Next(scraps.Length)])];
            string reply = string.Concat(pieces);
            Read read = ReadAll(Format(format), pieces);

            Assert.Equal(read, ReadAll(Format(format), [reply]));
            Assert.Equal(ReadAll(Format(format), [reply], callsAtOnce: true), ReadAll(Format(format), pieces, callsAtOnce: true));
            if (read.Calls.Length == 0)
                Assert.Equal(reply, read.Text);
        }
    }

    [Fact]
    public void Text_is_given_out_as_soon_as_it_is_sure()
    {
        var reader = new ReplyReader(ReasoningStart.Possible, ToolFormat.Hermes, Tools, () => "id");

        Assert.Equal("Hello", Assert.Single(reader.Read("Hello")).Text);
        Assert.Empty(reader.Read(" <to"));
        Assert.Equal(" <to you", Assert.Single(reader.Read(" you")).Text);
        Assert.Empty(reader.Read("<tool_call>{\"name\":\"time\",\"arguments\":{}"));
        Assert.Equal(new ChatToolCall("id", "time", "{}"), Assert.Single(reader.Read("}")).Call);
        Assert.Empty(reader.Read("</tool_call>"));
        Assert.Empty(reader.Finish());
    }
}
