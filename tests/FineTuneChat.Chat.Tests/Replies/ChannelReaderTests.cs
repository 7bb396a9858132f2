using FineTuneChat.Chat.Replies;
using FineTuneChat.Chat.Tools;

namespace FineTuneChat.Chat.Tests.Replies;

/// <summary>Replies as gpt-oss writes them, however they are cut.</summary>
public sealed class ChannelReaderTests
{
    private const string Thought = "<|channel|>analysis<|message|>Hm <b>.<|end|><|start|>assistant";

    private static string Read(IEnumerable<string> pieces, bool isCut)
    {
        int id = 0;
        var reader = new ReplyReader(ReasoningStart.None, ToolFormats.All.Single(f => f.Name == "gpt-oss"), ["weather"], () => $"{id++}");
        ReplyPart[] parts = [.. pieces.SelectMany(reader.Read), .. reader.Finish(isCut)];
        return $"[{string.Concat(parts.Select(p => p.Reasoning))}]{string.Concat(parts.Select(p => p.Text))}"
            + string.Concat(parts.Select(p => p.Call is { } call ? $"|{call.Name}:{call.Arguments}" : ""));
    }

    [Theory]
    [InlineData("<|channel|>final<|message|>Hello <|x|>", "[]Hello <|x|>")]
    [InlineData(Thought + "<|channel|>final<|message|>Hello", "[Hm <b>.]Hello")]
    [InlineData(Thought + "<|channel|>commentary to=functions.weather <|constrain|>json<|message|>{\"city\": \"Ulm\"}",
        "[Hm <b>.]|weather:{\"city\": \"Ulm\"}")]
    [InlineData(Thought + " to=functions.weather<|channel|>commentary json<|message|>{\"a\": 1, \"a\": 2}", "[Hm <b>.]|weather:{\"a\": 1}")]
    [InlineData("<|channel|>commentary<|message|>I look.<|end|><|start|>assistant<|channel|>commentary to=functions.weather<|message|>{}",
        "[]I look.|weather:{}")]
    [InlineData("<|channel|>commentary to=functions.other<|message|>{}", "[]{}")]
    [InlineData("{\"plain\": 1}", "[]{\"plain\": 1}")]
    [InlineData("", "[]")]
    public void Channels_are_told_apart(string reply, string expected)
    {
        for (int cut = 0; cut <= reply.Length; cut++)
            Assert.Equal(expected, Read([reply[..cut], reply[cut..]], isCut: false));
        Assert.Equal(expected, Read(reply.Select(c => c.ToString()), isCut: false));
    }

    [Theory]
    [InlineData(Thought + "<|channel|>commentary to=functions.weather<|message|>{\"city", "[Hm <b>.]")]
    [InlineData(Thought + "<|channel|>comm", "[Hm <b>.]")]
    [InlineData("<|channel|>analysis<|message|>Hm", "[Hm]")]
    public void What_a_limit_cuts_is_no_text(string reply, string expected) => Assert.Equal(expected, Read([reply], isCut: true));
}
