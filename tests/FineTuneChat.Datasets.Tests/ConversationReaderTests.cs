using System.Text;
using FineTuneChat.Datasets.Messages;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Datasets.Tests;

public sealed class ConversationReaderTests
{
    private const string Good = """{"messages":[{"role":"user","content":"Hi"},{"role":"assistant","content":"Hello!"}]}""";

    [Theory]
    [InlineData(Good)]
    [InlineData("""{"prompt":"Hi","completion":"Hello!"}""")]
    [InlineData("""{"prompt":"Hi","response":"Hello!"}""")]
    [InlineData("""{"instruction":"Hi","output":"Hello!"}""")]
    [InlineData("""{"instruction":"Hi","input":"","output":"Hello!"}""")]
    [InlineData("""{"conversations":[{"from":"human","value":"Hi"},{"from":"gpt","value":"Hello!"}]}""")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"text","text":"H"},{"type":"text","text":"i"}]},{"role":"assistant","content":"Hello!"}]}""")]
    public void Every_format_gives_the_same_conversation(string row)
    {
        var messages = Assert.Single(Read(row)).Conversation!.Messages;
        Assert.Equal([(ChatRole.User, "Hi"), (ChatRole.Assistant, "Hello!")], messages.Select(m => (m.Role, m.Content)));
    }

    [Fact]
    public void An_instruction_s_input_follows_it_and_a_system_text_goes_first()
    {
        var messages = Assert.Single(Read("""{"system":"Be brief.","instruction":"Translate.","input":"house","output":"casa"}""")).Conversation!.Messages;
        Assert.Equal(
            [(ChatRole.System, "Be brief."), (ChatRole.User, "Translate.\n\nhouse"), (ChatRole.Assistant, "casa")], messages.Select(m => (m.Role, m.Content)));
    }

    [Fact]
    public void Weights_tools_calls_and_names_are_kept()
    {
        var conversation = Assert.Single(Read(
            """{"messages":[{"role":"user","content":"Time?","name":"ana"},"""
            + """{"role":"assistant","content":null,"weight":0,"tool_calls":[{"id":"c1","type":"function","function":{"name":"clock","arguments":"{}"}}]},"""
            + """{"role":"tool","tool_call_id":"c1","content":"9:30"},{"role":"assistant","content":"9:30.","weight":1}],"""
            + "\"tools\":" + """[{"type":"function","function":{"name":"clock"}}]}""")).Conversation!;
        Assert.Equal([null, 0, null, 1], conversation.Messages.Select(m => m.Weight));
        Assert.Equal("ana", conversation.Messages[0].Name);
        Assert.Equal(new ChatToolCall("c1", "clock", "{}"), Assert.Single(conversation.Messages[1].ToolCalls));
        Assert.Equal("c1", conversation.Messages[2].ToolCallId);
        Assert.Equal("clock", Assert.Single(conversation.Tools).Name);
    }

    [Theory]
    [InlineData("{", "not JSON")]
    [InlineData("[]", "must be a JSON object, not an array")]
    [InlineData("{}", "the row is empty")]
    [InlineData("""{"text":"x","label":1}""", "and which the reply: \"text\", \"label\". Say which with a map, such as prompt=text,reply=label")]
    [InlineData("""{"messages":"x"}""", "messages must be an array, not a text")]
    [InlineData("""{"messages":[]}""", "messages is empty")]
    [InlineData("""{"messages":["x"]}""", "messages[0] must be an object, not a text")]
    [InlineData("""{"messages":[{"content":"x"}]}""", "messages[0].role is missing")]
    [InlineData("""{"messages":[{"role":"alien","content":"x"}]}""", "messages[0].role is \"alien\"; allowed are system, developer, user, human, assistant")]
    [InlineData("""{"messages":[{"role":"user"}]}""", "messages[0].content is missing")]
    [InlineData(
        """{"messages":[{"role":"user","content":[{"type":"image_url"}]}]}""",
        "messages[0].content[0] has type \"image_url\"; only text can be trained on")]
    [InlineData("""{"messages":[{"role":"user","content":"x"}]}""", "no message of the assistant")]
    [InlineData("""{"messages":[{"role":"assistant","content":"x"}]}""", "only messages of the assistant")]
    [InlineData(
        """{"messages":[{"role":"user","content":"x"},{"role":"assistant","content":"y","weight":2}]}""",
        "messages[1].weight is 2; allowed are 0 and 1")]
    [InlineData("""{"messages":[{"role":"user","content":"x","weight":1},{"role":"assistant","content":"y"}]}""", "messages[0].weight is 1, but only")]
    [InlineData("""{"messages":[{"role":"user","content":"x"},{"role":"assistant","content":"y","weight":0}]}""", "weight 0, so nothing to learn")]
    [InlineData(
        """{"messages":[{"role":"user","content":"x"},{"role":"assistant","content":"y"}],"tools":[{"nom":"f"}]}""",
        "tools: A tool must be an object like")]
    [InlineData(
        """{"messages":[{"role":"user","content":"\ud800"},{"role":"assistant","content":"y"}]}""",
        "messages[0].content holds half of a surrogate pair")]
    [InlineData("""{"instruction":"x"}""", "\"instruction\" has no reply beside it (completion, response, output, answer)")]
    [InlineData("""{"instruction":"x","output":null}""", "output is missing")]
    [InlineData("""{"response":"x"}""", "\"response\" has no question beside it")]
    [InlineData("""{"prompt":"x","output":"a","answer":"b"}""", "such as prompt=prompt,reply=output")]
    [InlineData("""{"conversations":[{"from":"alien","value":"x"}]}""", "conversations[0].from is \"alien\"; allowed are system, developer, user, human")]
    [InlineData("""{"conversations":[{"from":"human"}]}""", "conversations[0].value is missing")]
    public void A_bad_row_is_named_by_its_line_and_reason(string row, string reason)
    {
        var rows = Read($"{Good}\n\n{row}\n{Good}");
        Assert.Equal([1, 3, 4], rows.Select(r => r.Line));
        Assert.Equal([true, false, true], rows.Select(r => r.Conversation is not null));
        Assert.Contains(reason, rows[1].Error);
        Assert.DoesNotContain('\n', rows[1].Error!);
    }

    [Fact]
    public void Bytes_that_are_no_UTF8_are_an_error_of_their_row_only()
    {
        byte[] bytes = [.. Encoding.UTF8.GetBytes(Good + "\n{\"prompt\":\""), 0xFF, .. Encoding.UTF8.GetBytes("\",\"completion\":\"x\"}\n" + Good)];
        var rows = ConversationReader.Read(new MemoryStream(bytes)).ToArray();
        Assert.Equal([true, false, true], rows.Select(r => r.Error is null));
    }

    [Fact]
    public void A_byte_order_mark_and_carriage_returns_do_no_harm() =>
        Assert.All(Read($"\uFEFF{Good}\r\n{Good}\r\n \r\n"), r => Assert.Null(r.Error));

    [Fact]
    public void A_stream_may_be_cut_anywhere()
    {
        var bytes = Encoding.UTF8.GetBytes($"{Good}\n\nbad\n{Good.Replace("Hi", "¿Qué?")}\n");
        for (var size = 1; size <= 9; size++)
        {
            var rows = ConversationReader.Read(new DripStream(bytes, size)).ToArray();
            Assert.Equal([1, 3, 4], rows.Select(r => r.Line));
            Assert.Equal("¿Qué?", rows[2].Conversation!.Messages[0].Content);
        }
    }

    [Fact]
    public void Limits_are_told_and_reading_goes_on_after_a_long_row()
    {
        var rows = ConversationReader.Read(Utf8($"{Good}\n{{\"prompt\":\"{new string('x', 200_000)}\"}}\n{Good}"), new DatasetLimits { RowBytes = 1_000 })
            .ToArray();
        Assert.Equal([null, "longer than 1000 bytes", null], rows.Select(r => r.Error));

        rows = [.. ConversationReader.Read(Utf8($"{Good}\n{Good}\n{Good}\n{Good}"), new DatasetLimits { Rows = 2 })];
        Assert.Equal([null, null, "more than 2 rows; split the file"], rows.Select(r => r.Error));

        Assert.Equal("2 messages; at most 1 are allowed", Assert.Single(ConversationReader.Read(Utf8(Good), new DatasetLimits { Messages = 1 })).Error);
    }

    [Fact]
    public void Loading_a_file_names_its_bad_rows_in_one_line()
    {
        using var folder = new TemporaryFolder();
        var path = folder["data.jsonl"];
        File.WriteAllText(path, $"{Good}\n" + string.Concat(Enumerable.Repeat("{}\n", 7)));
        var error = Assert.Throws<InvalidDataException>(() => ConversationReader.Load(path));
        Assert.StartsWith($"{path}: line 2: the row is empty", error.Message);
        Assert.Contains("line 6:", error.Message);
        Assert.EndsWith("; and 2 more.", error.Message);

        File.WriteAllText(path, "\n\n");
        Assert.Contains("no rows", Assert.Throws<InvalidDataException>(() => ConversationReader.Load(path)).Message);
        Assert.Throws<FileNotFoundException>(() => ConversationReader.Load(folder["absent.jsonl"]));
    }

    private static DatasetRow[] Read(string text) => [.. ConversationReader.Read(Utf8(text))];

    private static MemoryStream Utf8(string text) => new(Encoding.UTF8.GetBytes(text));

    /// <summary>Gives a few bytes at a time.</summary>
    private sealed class DripStream(byte[] bytes, int size) : MemoryStream(bytes)
    {
        public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(size, buffer.Length)]);
    }
}
