using System.Text;
using System.Text.Json;
using FineTuneChat.Datasets;
using FineTuneChat.Datasets.Messages;
using FineTuneChat.Starter.Corpus;

namespace FineTuneChat.Training.Tests.Datasets;

public sealed class ConversationWriterTests
{
    [Fact]
    public void What_is_written_is_read_back_equal()
    {
        var conversations = CorpusGenerator.Generate(1).Take(300).Append(EverythingOptional()).ToArray();
        var stream = new MemoryStream();
        foreach (var conversation in conversations) ConversationWriter.Write(stream, conversation);
        var bytes = stream.ToArray();

        var again = new MemoryStream();
        foreach (var row in ConversationReader.Read(new MemoryStream(bytes))) ConversationWriter.Write(again, row.Conversation!);
        Assert.Equal(bytes, again.ToArray());
        Assert.Equal(conversations.Length, bytes.Count(b => b == '\n'));
    }

    [Fact]
    public void Texts_stay_readable_and_on_one_line()
    {
        var stream = new MemoryStream();
        ConversationWriter.Write(stream, new Conversation([new(ChatRole.User, "¿Qué?\n\u2028<b>"), new(ChatRole.Assistant, "Sí, \"claro\".")]));
        var line = Encoding.UTF8.GetString(stream.ToArray());
        Assert.Contains("¿Qué?\\n", line);
        Assert.Contains("<b>", line);
        Assert.Equal(line.Length - 1, line.IndexOf('\n'));
    }

    private static Conversation EverythingOptional()
    {
        using var tool = JsonDocument.Parse("""{"type":"function","function":{"name":"clock","parameters":{"type":"object"}}}""");
        return new Conversation(
            [
                new(ChatRole.System, ""),
                new(ChatRole.User, "Time?") { Name = "ana" },
                new(ChatRole.Assistant, null) { Reasoning = "A clock.", ToolCalls = [new("c1", "clock", "{\"zone\":\"UTC\"}")], Weight = 0 },
                new(ChatRole.Tool, "9:30") { ToolCallId = "c1" },
                new(ChatRole.Assistant, "9:30.") { Weight = 1 },
            ],
            [new ChatTool(tool.RootElement)]);
    }
}
